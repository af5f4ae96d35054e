# The two sides of the comparison: `masque serve` and the FastAPI peer, each started fresh on a temporary folder.
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

import jwt

from live import served

HERE = pathlib.Path(__file__).resolve().parent


def processor_ticks(pid):
    """Ticks of processor time that a process has used; 0 when it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


class Masque(served.Server):
    """Our server; without media processes where only the front is measured, as the peer has none either."""

    title = "masque"

    def __init__(self, media=False, settings=None):
        quiet = {} if media else {"MASQUE_IMAGE_WORKERS": "0", "MASQUE_VIDEO_WORKERS": "0"}
        super().__init__(served.NO_LIMITS | {"MASQUE_RESERVED_MB": "0", "LOG_LEVEL": "warning"} | quiet | (settings or {}))

    def start(self, patience=60):
        super().start(patience)
        self.settle()

    def settle(self, patience=60):
        """Waits until the processes that look at files have loaded their models: they used no time for half a second."""
        end, still, before = time.monotonic() + patience, 0, {}
        while still < 5 and time.monotonic() < end:
            time.sleep(0.1)
            used = {pid: processor_ticks(pid) for pid in self.media()}
            still = still + 1 if len(used) >= 2 and used == before else 0
            before = used

    def pids(self):
        return [self.pid]


class Peer:
    """uvicorn with uvloop and httptools over the peer, in one or more processes."""

    title = "FastAPI"

    def __init__(self, workers=1):
        self.workers = workers
        self.folder = tempfile.mkdtemp(prefix="masque-peer-")
        self.secret = os.urandom(32).hex()
        self.port = served.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = os.path.join(self.folder, "log")
        self.child = None

    def __enter__(self):
        environment = dict(os.environ, PEER_HOME=os.path.join(self.folder, "home"), PEER_SECRET=self.secret,
                           PYTHONPATH=str(HERE))
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "peer.app:app", "--host", "127.0.0.1", "--port", str(self.port),
                 "--workers", str(self.workers), "--loop", "uvloop", "--http", "httptools", "--no-access-log",
                 "--log-level", "warning"], env=environment, stdout=log, stderr=log, cwd=HERE)
        end = time.monotonic() + 30
        while True:
            try:
                with urllib.request.urlopen(self.url + "/readyz", timeout=2):
                    break
            except OSError:
                if self.child.poll() is not None or time.monotonic() > end:
                    raise SystemExit("The peer did not start:\n" + pathlib.Path(self.log).read_text()) from None
                time.sleep(0.05)
        return self

    def __exit__(self, *_):
        children = served.descendants(self.child.pid)
        self.child.kill()
        self.child.wait()
        for pid in children:
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def token(self, user="demo"):
        return jwt.encode({"sub": user, "exp": int(time.time()) + 86400}, self.secret, algorithm="HS256")

    def pids(self):
        return [self.child.pid, *served.descendants(self.child.pid)]


def memory(side):
    """Resident bytes of a side's server processes."""
    return sum(served.memory(pid) for pid in side.pids())
