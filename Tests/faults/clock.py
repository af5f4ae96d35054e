# A wall clock that jumps: jobs go on, end once, and time stamps do not break what is kept.
import asyncio
import datetime
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import time

from faults import Skip
from live import samples
from live.client import Client
from live.served import NO_LIMITS, Server

TITLE = "wall clock jumps by +2 h, −2 h and +1 day while jobs run"
JUMPS = [7200, -7200, 86400, 0]


class FakeClock:
    """A clock that `clock.c` shifts in the processes that are started with its settings."""

    def __enter__(self):
        compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
        if not compiler:
            raise Skip("a C compiler is needed to build the shifted clock")
        self.folder = tempfile.mkdtemp(prefix="masque-clock-")
        self.library, self.path = os.path.join(self.folder, "clock.so"), os.path.join(self.folder, "offset")
        source = pathlib.Path(__file__).with_name("clock.c")
        subprocess.run([compiler, "-O1", "-Wall", "-shared", "-fPIC", "-o", self.library, str(source), "-ldl"], check=True)
        with open(self.path, "wb") as file:
            file.write(struct.pack("<q", 0))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def set(self, seconds):
        with open(self.path, "r+b") as file:
            file.write(struct.pack("<q", seconds))

    def settings(self):
        return {"LD_PRELOAD": self.library, "MASQUE_TEST_CLOCK": self.path}


async def run(_):
    with FakeClock() as clock:
        with Server(NO_LIMITS | clock.settings()) as server:
            # A key has no times of its own; a token would rightly be void two hours before it was made.
            async with Client(server.url, server.token()) as client:
                answer = await client.call("POST", "/keys", body={"name": "clock", "scopes": ["read", "write"]})
                assert answer.status == 201, answer
                key = answer.json.get("key") or answer.json.get("secret")
                client.token, client.session.headers["X-API-Key"] = None, key
                jobs = []
                for jump in JUMPS:
                    film, _ = await client.make("photo_video", samples.anna().read_bytes(), samples.video(6).read_bytes(),
                                                types=("image/jpeg", "video/mp4"))
                    while (await client.call("GET", f"/jobs/{film}")).json["status"] == "queued":
                        await asyncio.sleep(0.05)
                    clock.set(jump)
                    # That the clock did jump for the server shows in what it writes now.
                    picture, _ = await client.make("photo_photo", samples.anna().read_bytes(), samples.grace().read_bytes())
                    jobs += [film, picture]
                    start = time.monotonic()
                    ended = [await client.ended(job, 120) for job in (film, picture)]
                    assert all(job["status"] == "completed" for job in ended), (jump, ended)
                    assert time.monotonic() - start < 60, f"after {jump} the jobs took {time.monotonic() - start:.0f} s"
                    for job in ended:
                        history = (await client.call("GET", f"/jobs/{job['job_id']}/history")).json["events"]
                        ends = [event for event in history if event["event"] in ("completed", "failed", "canceled")]
                        assert len(ends) == 1, (jump, ends)
                shifted = (await client.call("GET", f"/jobs/{jobs[1]}")).json
                assert shifted_by_hours(shifted["created_at"]) > 1.5, f"the shifted clock has no hold of the server: {shifted}"
                attempts = [(await client.call("GET", f"/jobs/{job}")).json["attempts"] for job in jobs]
                listed = {entry["job_id"] for entry in await client.every_job()}
                assert listed == set(jobs), "the list lost a job over the jumps"
                assert not client.bad, client.bad[0]
            assert server.stop() == 0, server.tail()
    return {"jumps": " ".join(f"{jump:+d} s" for jump in JUMPS), "jobs": len(jobs), "attempts_most": max(attempts), "lost": 0, "doubled": 0}


def shifted_by_hours(text):
    made = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    return (made - time.time()) / 3600
