# Runs the contracts' client programs against one server and says which of them are content.
"""Starts `masque serve` (or takes $MASQUE_URL and $MASQUE_TOKEN) and runs curl, Python and Node clients."""
import contextlib
import os
import pathlib
import subprocess
import sys
import time

from live import samples
from live.served import LOOPBACK_WEBHOOKS, NO_LIMITS, Server

HERE = pathlib.Path(__file__).parent
CLIENTS = {
    "curl": ["bash", HERE / "curl.sh"],
    "python": [sys.executable, HERE / "client.py"],
    "node": ["node", HERE / "client.mjs"],
    # Starts two servers of its own.
    "downloads": [sys.executable, HERE / "downloads.py"],
}


def main():
    chosen = sys.argv[1:] or list(CLIENTS)
    if unknown := set(chosen) - set(CLIENTS):
        sys.exit(f"There is no client {', '.join(unknown)}; there are {', '.join(CLIENTS)}.")
    environment = dict(os.environ, ANNA=str(samples.anna()), GRACE=str(samples.grace()), VIDEO=str(samples.video(3)))
    with contextlib.ExitStack() as stack:
        server = None
        if "MASQUE_URL" not in os.environ:
            server = stack.enter_context(Server(NO_LIMITS | LOOPBACK_WEBHOOKS))
            environment |= {"MASQUE_URL": server.url, "MASQUE_TOKEN": server.token("contract"),
                            "MASQUE_OTHER_TOKEN": server.token("stranger")}
        outcomes = {}
        for name in chosen:
            start = time.monotonic()
            status = subprocess.run([str(part) for part in CLIENTS[name]], env=environment, check=False).returncode
            outcomes[name] = (status, time.monotonic() - start)
        if server and any(status for status, _ in outcomes.values()):
            print(f"The server's log ends so:\n{server.tail(15)}", file=sys.stderr)
    for name, (status, seconds) in outcomes.items():
        print(f"{name}: {'content' if status == 0 else 'FAILED'} after {seconds:.1f} s")
    failed = sum(1 for status, _ in outcomes.values() if status)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
