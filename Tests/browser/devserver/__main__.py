# Runs the imitation: python -m devserver [--port N] [--token T]; prints the address.
import argparse

from .server import serve_forever

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--token", default=None, help="ask for this token; without it everybody is let in")
arguments = parser.parse_args()
serve_forever(arguments.port, arguments.token)
