# One `masque serve` under test: started on a home folder and a free port, watched, killed, stopped. Standard library only.
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]

# The names of the settings that tests change, in one place.
NO_LIMITS = {"CIVITAI_URL": "http://127.0.0.1:9", "MASQUE_REQUESTS_PER_MINUTE": "0", "MASQUE_MAX_ACTIVE_JOBS": "100000", "MASQUE_MAX_DRAFTS": "100000",
             "MASQUE_MAX_STORED_MB": "0", "MASQUE_MAX_KEYS": "100000"}
LOOPBACK_WEBHOOKS = {"WEBHOOK_PRIVATE_TARGETS": "127.0.0.1", "WEBHOOK_ALLOW_HTTP": "1"}


def binary():
    """The program under test: $MASQUE_BINARY, or the release build."""
    path = pathlib.Path(os.environ.get("MASQUE_BINARY", ROOT / ".build/release/masque"))
    if not os.access(path, os.X_OK):
        raise SystemExit(f"“{path}” is not there or cannot be run. Run `make build` first, or set MASQUE_BINARY.")
    return str(path)


def free_port():
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes():
    """Every process as {pid: parent's pid}."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                text = pathlib.Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            fields = text.rsplit(")", 1)[1].split()
            if fields[0] != "Z":
                found[int(entry)] = int(fields[1])
    return found


def descendants(pid):
    """The pids of a process's children, their children and so on."""
    parents, result, border = processes(), [], {pid}
    while border:
        border = {child for child, parent in parents.items() if parent in border}
        result += sorted(border)
    return result


def memory(pid, key="VmRSS"):
    """Bytes of a process, by a key of /proc/PID/status; 0 when it is gone."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


class Server:
    """A server and its home folder, both thrown away at the end (`with Server() as server:`)."""

    def __init__(self, settings=None, home=None, prefix=(), arguments=()):
        self.folder = None if home else tempfile.mkdtemp(prefix="masque-live-")
        self.home = home or os.path.join(self.folder, "home")
        os.makedirs(self.home, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = dict(settings or {})
        self.prefix, self.arguments = list(prefix), list(arguments)
        self.log = os.path.join(self.home, "..", f"serve-{self.port}.log") if self.folder else f"/tmp/serve-{self.port}.log"
        self.child = None
        self.tokens = {}
        self.starts = 0
        # What every pid that we start has in its environment, so that strays are found.
        self.mark = f"masque-live-{os.getpid()}-{self.port}"

    def environment(self):
        kept = {key: value for key, value in os.environ.items()
                if not key.startswith(("JWT_", "FACEFUSION_", "WEBHOOK_", "PROCESS_")) and (not key.startswith("MASQUE_") or key == "MASQUE_CACHE")}
        return kept | {"MASQUE_HOME": self.home, "MASQUE_LIVE_MARK": self.mark} | self.settings

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        self.kill()
        for pid in self.strays():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.folder and not os.environ.get("MASQUE_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, patience=60):
        """Starts the server and waits until it says that it is ready."""
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                [*self.prefix, binary(), "serve", "--host", "127.0.0.1", "--port", str(self.port), *self.arguments],
                env=self.environment(), stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.home)
        self.starts += 1
        self.wait_ready(patience)

    def wait_ready(self, patience=60):
        end = time.monotonic() + patience
        while True:
            if self.child.poll() is not None:
                raise SystemExit(f"The server ended with {self.child.returncode}. Its log ends so:\n{self.tail()}")
            try:
                with urllib.request.urlopen(self.url + "/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            if time.monotonic() > end:
                raise SystemExit(f"The server was not ready after {patience} s. Its log ends so:\n{self.tail()}")
            time.sleep(0.05)

    def tail(self, lines=30):
        try:
            return "\n".join(pathlib.Path(self.log).read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return "(no log)"

    @property
    def pid(self):
        return self.child.pid

    def media(self):
        """The pids of the media processes."""
        return descendants(self.pid)

    def kill(self):
        """kill -9 of the server alone; returns its children as they were."""
        if self.child is None or self.child.poll() is not None:
            return []
        children = self.media()
        self.child.kill()
        self.child.wait()
        return children

    def stop(self, patience=60):
        """SIGTERM, and the exit status."""
        self.child.terminate()
        return self.child.wait(patience)

    def strays(self):
        """Processes that this server or one before it started and that still live, itself apart."""
        found = []
        for pid in processes():
            if pid in (os.getpid(), self.child.pid if self.child else -1):
                continue
            try:
                if self.mark.encode() in pathlib.Path(f"/proc/{pid}/environ").read_bytes():
                    found.append(pid)
            except OSError:
                continue
        return found

    def token(self, user="demo", scopes=()):
        """A token of a user, minted as the documents say; to read and write, unless other scopes are named."""
        if user not in self.tokens:
            chosen = [word for scope in scopes for word in ("--scope", scope)]
            made = subprocess.run([binary(), "token", "mint", "--user-id", user, *chosen], env=self.environment(), cwd=self.home,
                                  capture_output=True, text=True, check=False)
            if made.returncode != 0:
                raise SystemExit(f"`masque token mint` failed: {made.stderr.strip()}")
            self.tokens[user] = made.stdout.strip().splitlines()[-1].strip()
        return self.tokens[user]

    def files(self, *folders):
        """Every file below folders of the home, as paths relative to it."""
        found = []
        for folder in folders:
            for place, _, names in os.walk(os.path.join(self.home, folder)):
                found += [os.path.relpath(os.path.join(place, name), self.home) for name in names]
        return sorted(found)


def report(name, **figures):
    """Prints a JSON line of figures and returns it as a dictionary."""
    line = {"test": name, **figures}
    print(json.dumps(line, ensure_ascii=False), flush=True)
    return line
