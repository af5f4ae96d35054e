# kill -9 of the server, of a media process, of both, at random moments, with jobs running: nothing is lost or doubled.
import asyncio
import collections
import os
import pathlib
import random
import signal
import tempfile
import time

from live import samples
from live.client import Client
from live.receiver import Receiver, is_signed
from live.served import LOOPBACK_WEBHOOKS, NO_LIMITS, Server

TITLE = "`kill -9` of server, media process or both, at random moments, with jobs running"
EVENTS = ["queued", "running", "completed", "failed"]
# A job that is killed again and again may fail by design; here it must not, so that its result can be checked.
SETTINGS = NO_LIMITS | LOOPBACK_WEBHOOKS | {"MASQUE_MAX_ATTEMPTS": "100"}


class Kind:
    """A job as it is sent again and again, and what an undisturbed run made of it."""

    def __init__(self, name, mode, source, target, types):
        self.name, self.mode, self.types = name, mode, types
        self.source, self.target = source.read_bytes(), target.read_bytes()
        self.result = None
        self.facts = None

    def send(self, client, hook, patience=60):
        return client.make(self.mode, self.source, self.target, hook, EVENTS if hook else None, self.types, patience)


def kinds():
    jpeg = "image/jpeg"
    return [
        Kind("anna to grace", "photo_photo", samples.anna(), samples.grace(), (jpeg, jpeg)),
        Kind("grace to anna", "photo_photo_gpen", samples.grace(), samples.anna(), (jpeg, jpeg)),
        Kind("video", "photo_video", samples.grace(), samples.video(6), (jpeg, "video/mp4")),
    ]


async def undisturbed(folder, every):
    """Fills in what each kind of job makes when nothing is killed."""
    with Server(SETTINGS) as server:
        async with Client(server.url, server.token()) as client:
            for kind in every:
                job, _ = await kind.send(client, None)
                ended = await client.ended(job)
                assert ended["status"] == "completed", f"undisturbed {kind.name}: {ended}"
                answer = await client.call("GET", f"/jobs/{job}/result")
                kind.path = folder / f"{kind.name}{'.mp4' if 'video' in kind.mode.split('_')[1] else '.jpg'}"
                kind.path.write_bytes(answer.body)
                kind.result, kind.facts = samples.sha256(answer.body), samples.facts(kind.path)
        assert server.stop() == 0, server.tail()


async def send_jobs(client, every, receiver, rng, jobs, going):
    """Keeps six jobs unfinished, one in four a video, until told to stop."""
    open_jobs = set()
    while going.is_set():
        for job in list(open_jobs):
            answer = await client.patient("GET", f"/jobs/{job}", name="job")
            if answer.json["status"] in ("completed", "failed", "canceled"):
                open_jobs.discard(job)
        while len(open_jobs) < 6 and going.is_set():
            kind = every[2] if rng.random() < 0.25 else every[rng.randrange(2)]
            job, secret = await kind.send(client, receiver.url + "/ok")
            jobs[job] = kind
            receiver.secrets[job] = secret
            open_jobs.add(job)
        await asyncio.sleep(0.2)


async def kill_once(server, rng):
    """Kills something; returns what, and the seconds until the server was ready again."""
    what = rng.choice(["server", "media", "both"])
    media = server.media()
    if what in ("media", "both") and media:
        os.kill(rng.choice(media), signal.SIGKILL)
    start = time.monotonic()
    if what in ("server", "both"):
        children = server.kill()
        await asyncio.sleep(rng.random() * 0.3)
        end = time.monotonic() + 5
        while strays := [pid for pid in server.strays() if pid in children]:
            assert time.monotonic() < end, f"media processes outlived their server by 5 s: {strays}"
            await asyncio.sleep(0.05)
        await asyncio.to_thread(server.start)
    else:
        assert server.child.poll() is None, f"the server died with its media process:\n{server.tail()}"
    return what, time.monotonic() - start


async def check_job(client, job, kind, folder):
    """One end in the history, and the right result; returns 'same' or the PSNR."""
    ended = await client.ended(job, 300)
    assert ended["status"] == "completed", f"{kind.name}: {ended}"
    history = (await client.call("GET", f"/jobs/{job}/history", name="history")).json["events"]
    ends = [event for event in history if event["event"] in ("completed", "failed", "canceled")]
    assert [event["event"] for event in ends] == ["completed"], f"{job} ended {len(ends)} times: {ends}"
    answer = await client.call("GET", f"/jobs/{job}/result", name="result")
    assert answer.status == 200, answer
    assert samples.sha256(answer.body) == ended["result"]["sha256"], f"{job}: the result is not what its record says"
    if ended["result"]["sha256"] == kind.result:
        return ended, history, "same"
    path = folder / f"{job}{kind.path.suffix}"
    path.write_bytes(answer.body)
    assert samples.facts(path) == kind.facts, f"{job}: {samples.facts(path)} instead of {kind.facts}"
    likeness = samples.psnr(path, kind.path)
    assert likeness > 35, f"{job}: only {likeness} dB like the undisturbed result ({kind.name})"
    path.unlink()
    return ended, history, likeness


def check_webhooks(job, history, deliveries, secret):
    """Each event that happened was delivered, each under an id of its own; returns the number of repeats."""
    happened = collections.Counter(event["event"] for event in history)
    by_event = collections.defaultdict(collections.Counter)
    for delivery in deliveries:
        assert is_signed(delivery, secret), f"{job}: a delivery is not signed rightly: {delivery}"
        by_event[delivery["content"]["type"].rpartition(".")[2]][delivery["id"]] += 1
    for event in ("queued", "running", "completed"):
        assert by_event[event], f"{job}: “{event}” was never delivered; history {dict(happened)}"
    assert len(by_event["completed"]) == 1, f"{job}: “completed” came under {len(by_event['completed'])} ids"
    assert not by_event["failed"], f"{job}: “failed” was delivered for a completed job"
    assert len(by_event["running"]) <= happened["running"], f"{job}: more “running” ids than attempts"
    return sum(count - 1 for ids in by_event.values() for count in ids.values())


async def run(options):
    rng = random.Random(options.seed)
    jobs, kills, recoveries = {}, collections.Counter(), []
    with tempfile.TemporaryDirectory() as place:
        folder, every = pathlib.Path(place), kinds()
        await undisturbed(folder, every)
        async with Receiver() as receiver:
            with Server(SETTINGS) as server:
                async with Client(server.url, server.token()) as client:
                    going = asyncio.Event()
                    going.set()
                    sender = asyncio.create_task(send_jobs(client, every, receiver, rng, jobs, going))
                    for _ in range(options.kills):
                        await asyncio.sleep(0.2 + rng.random() * 2.3)
                        if sender.done():
                            sender.result()
                        what, seconds = await kill_once(server, rng)
                        kills[what] += 1
                        if what != "media":
                            recoveries.append(seconds)
                    going.clear()
                    await sender
                    figures = await look_after(client, server, receiver, jobs, folder)
                left = server.stop()
                assert left == 0, f"SIGTERM ended the server with {left}:\n{server.tail()}"
                assert not server.strays(), f"processes were left behind: {server.strays()}"
    return {
        "seed": options.seed, "kills": dict(kills), "jobs": len(jobs), **figures,
        "restart_seconds_median": round(sorted(recoveries)[len(recoveries) // 2], 2) if recoveries else None,
    }


async def look_after(client, server, receiver, jobs, folder):
    """After the last kill: every job, every webhook, every file."""
    likenesses, attempts, repeats, records = [], [], 0, {}
    for job, kind in jobs.items():
        ended, history, likeness = await check_job(client, job, kind, folder)
        attempts.append(ended["attempts"])
        records[job] = history
        if likeness != "same":
            likenesses.append(likeness)
    listed = {entry["job_id"] for entry in await client.every_job()}
    drafts = listed - set(jobs)
    await drained(receiver, records)
    by_job = collections.defaultdict(list)
    for delivery in receiver.deliveries:
        by_job[delivery["content"]["data"]["job_id"]].append(delivery)
    for job, history in records.items():
        repeats += check_webhooks(job, history, by_job[job], receiver.secrets[job])
    for job in listed:
        answer = await client.call("DELETE", f"/jobs/{job}", name="delete")
        assert answer.status == 204, answer
    # What dead processes left is swept at start; blobs that no job names, an hour after they were written.
    server.stop()
    unnamed = server.files("blobs")
    for name in unnamed:
        os.utime(os.path.join(server.home, name), (time.time() - 7200,) * 2)
    await asyncio.to_thread(server.start)
    end = time.monotonic() + 90
    while orphans := server.files("blobs", "work", "uploads"):
        assert time.monotonic() < end, f"{len(orphans)} files are left of deleted jobs, e.g. {orphans[:5]}"
        await asyncio.sleep(0.5)
    return {
        "attempts_most": max(attempts), "jobs_tried_again": sum(1 for count in attempts if count > 1),
        "results_bit_for_bit": len(jobs) - len(likenesses),
        "lowest_psnr_of_others": round(min(likenesses), 1) if likenesses else None,
        "deliveries": len(receiver.deliveries), "repeated_deliveries": repeats, "drafts_of_lost_answers": len(drafts),
        "blobs_swept_after_an_hour": len(unnamed), "orphan_files": 0,
    }


async def drained(receiver, records, patience=60):
    """Waits until each completed job's `completed` was delivered."""
    end = time.monotonic() + patience
    while True:
        heard = {(d["content"]["data"]["job_id"], d["content"]["type"].rpartition(".")[2]) for d in receiver.deliveries}
        missing = [job for job in records for event in ("queued", "running", "completed") if (job, event) not in heard]
        if not missing or time.monotonic() > end:
            return
        await asyncio.sleep(0.2)
