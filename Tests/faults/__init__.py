# Faults that a server must survive, each provoked from outside in one file.


class Skip(Exception):
    """Why a test cannot run on this machine."""
