# SQLite locked by another process for ten seconds: calls wait or are told to come again, nothing is lost.
import asyncio
import collections
import os
import sqlite3
import subprocess
import sys
import time
import uuid

from live import samples
from live.client import Client, percentile
from live.served import NO_LIMITS, Server

TITLE = "SQLite locked by another process for 10 s"
SECONDS = 10
LOCKER = """
import sqlite3, sys, time
base = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
base.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
base.execute("ROLLBACK")
"""


async def creator(client, until, promised, answers, waits):
    """Creates drafts, and reads them, while the lock is held."""
    while time.monotonic() < until:
        start = time.monotonic()
        answer = await client.call("POST", "/jobs", body={"mode": "photo_photo"}, name="create",
                                   headers={"Idempotency-Key": f'"{uuid.uuid4()}"'})
        waits.append(time.monotonic() - start)
        answers[answer.status] += 1
        if answer.status == 201:
            promised.append(answer.json["job_id"])
        else:
            assert answer.status == 503 and answer.json["message"], answer
            assert "Retry-After" in answer.headers, f"a 503 does not say when to come again: {answer}"
            await asyncio.sleep(0.2)


async def reader(client, job, until, times):
    while time.monotonic() < until:
        start = time.monotonic()
        answer = await client.call("GET", f"/jobs/{job}", name="job")
        assert answer.status == 200, answer
        times.append(time.monotonic() - start)
        await asyncio.sleep(0.05)


async def run(_):
    promised, answers, waits, reads = [], collections.Counter(), [], []
    with Server(NO_LIMITS) as server:
        base = os.path.join(server.home, "masque.db")
        async with Client(server.url, server.token()) as client:
            jobs = [(await client.make("photo_video", samples.anna().read_bytes(), samples.video(6).read_bytes(),
                                       types=("image/jpeg", "video/mp4")))[0] for _ in range(2)]
            while (await client.call("GET", f"/jobs/{jobs[0]}")).json["status"] == "queued":
                await asyncio.sleep(0.05)
            locker = subprocess.Popen([sys.executable, "-c", LOCKER, base, str(SECONDS)], stdout=subprocess.PIPE, text=True)
            assert (await asyncio.to_thread(locker.stdout.readline)).strip() == "locked"
            until = time.monotonic() + SECONDS + 2
            await asyncio.gather(*[creator(client, until, promised, answers, waits) for _ in range(8)],
                                 reader(client, jobs[0], until, reads))
            assert locker.wait(30) == 0
            ended = [await client.ended(job) for job in jobs]
            assert all(job["status"] == "completed" for job in ended), ended
            listed = {entry["job_id"] for entry in await client.every_job()}
            lost = set(promised) - listed
            assert not lost, f"{len(lost)} jobs that were promised are gone"
            extra = listed - set(promised) - set(jobs)
            assert not extra, f"{len(extra)} jobs were made though their clients were refused"
            assert set(client.statuses) <= {200, 201, 202, 503}, client.statuses
        assert server.stop() == 0, server.tail()
        whole = sqlite3.connect(base).execute("PRAGMA integrity_check").fetchone()[0]
        assert whole == "ok", whole
    return {"seconds_locked": SECONDS, "creations_accepted": len(promised), "told_503": answers[503],
            "longest_wait_s": round(max(waits), 1), "read_p99_ms_meanwhile": round(percentile(reads, 0.99) * 1000, 1),
            "attempts_of_running_jobs": [job["attempts"] for job in ended], "lost": 0, "doubled": 0}
