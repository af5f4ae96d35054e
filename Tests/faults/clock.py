# A clock that jumps (libfaketime): jobs go on, end once, and time stamps do not break what is kept.
import asyncio
import datetime
import glob
import os
import time

from faults import Skip
from live import samples
from live.client import Client
from live.served import NO_LIMITS, Server

TITLE = "wall clock jumps by +2 h, −2 h and +1 day while jobs run"
JUMPS = ["+2h", "-2h", "+1d", "+0"]


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        raise Skip("libfaketime is not installed (Debian: apt-get install libfaketime)")
    return found[0]


class FakeClock:
    """The file that libfaketime reads; other processes keep the right time."""

    def __init__(self, path):
        self.path = path
        self.set("+0")

    def set(self, offset):
        with open(self.path + ".new", "w", encoding="ascii") as file:
            file.write(offset + "\n")
        os.replace(self.path + ".new", self.path)

    def settings(self):
        return {"LD_PRELOAD": library(), "FAKETIME_TIMESTAMP_FILE": self.path, "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}


async def run(_):
    path = f"/tmp/masque-faketime-{os.getpid()}"
    clock = FakeClock(path)
    try:
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
                assert shifted_by_hours(shifted["created_at"]) > 1.5, f"libfaketime has no hold of the server: {shifted}"
                attempts = [(await client.call("GET", f"/jobs/{job}")).json["attempts"] for job in jobs]
                listed = {entry["job_id"] for entry in await client.every_job()}
                assert listed == set(jobs), "the list lost a job over the jumps"
                assert not client.bad, client.bad[0]
            assert server.stop() == 0, server.tail()
    finally:
        os.unlink(path)
    return {"jumps": " ".join(JUMPS), "jobs": len(jobs), "attempts_most": max(attempts), "lost": 0, "doubled": 0}


def shifted_by_hours(text):
    made = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    return (made - time.time()) / 3600
