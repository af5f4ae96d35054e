# Ten thousand abandoned drafts: lists and claims stay fast, and retention sweeps them away with their files.
import asyncio
import datetime
import time

from live import samples
from live.client import Client, percentile
from live.served import NO_LIMITS, Server

TITLE = "10,000 abandoned drafts"


async def list_times(client):
    times = []
    for _ in range(100):
        start = time.monotonic()
        answer = await client.call("GET", "/jobs?limit=50")
        assert answer.status == 200 and len(answer.json["jobs"]) == min(50, len(answer.json["jobs"])), answer
        times.append(time.monotonic() - start)
    return times


async def one_job(client, picture):
    """Seconds from submit until a worker has it."""
    job, _ = await client.make("photo_photo", picture, picture)
    ended = await client.ended(job)
    assert ended["status"] == "completed", ended
    history = (await client.call("GET", f"/jobs/{job}/history")).json["events"]
    at = {event["event"]: event["at"] for event in reversed(history)}
    return seconds(at["running"]) - seconds(at["queued"]), job


def seconds(text):
    """Seconds of an ISO 8601 time, fractions included."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


async def run(options):
    picture = samples.small().read_bytes()
    with Server(NO_LIMITS) as server:
        async with Client(server.url, server.token()) as client:
            _, finished = await one_job(client, picture)
            empty_wait, other = await one_job(client, picture)
            empty = await list_times(client)
            gate = asyncio.Semaphore(50)

            async def draft(number):
                async with gate:
                    answer = await client.call("POST", "/jobs", body={"mode": "photo_photo"}, name="create")
                    assert answer.status == 201, answer
                    if number % 20 == 0:
                        await client.call("POST", f"/jobs/{answer.json['job_id']}/source", data=picture, name="upload",
                                          headers={"Content-Type": "image/jpeg"})

            start = time.monotonic()
            await asyncio.gather(*[draft(number) for number in range(options.drafts)])
            made = time.monotonic() - start
            full = await list_times(client)
            full_wait, third = await one_job(client, picture)
            assert percentile(full, 0.5) < 5 * percentile(empty, 0.5) + 0.005, "a list takes much longer over many drafts"
            assert full_wait < empty_wait + 1, f"a claim took {full_wait} s over many drafts, {empty_wait} s before"
        server.stop()
        await asyncio.sleep(2)
        # The same folder under a retention of two seconds; the sweep runs at start.
        server.settings |= {"MASQUE_DRAFT_HOURS": "0.0005"}
        await asyncio.to_thread(server.start)
        start = time.monotonic()
        async with Client(server.url, server.token()) as client:
            while True:
                answer = await client.call("GET", "/jobs?status=draft&limit=1")
                assert answer.status == 200, answer
                if not answer.json["jobs"]:
                    break
                assert time.monotonic() - start < 180, "the drafts were not swept within 180 s"
                await asyncio.sleep(0.25)
            swept = time.monotonic() - start
            kept = {entry["job_id"] for entry in await client.every_job()}
            assert kept == {finished, other, third}, "the sweep took more or less than the drafts"
            for job in kept:
                assert (await client.call("DELETE", f"/jobs/{job}")).status == 204
            end = time.monotonic() + 60
            while left := server.files("blobs", "uploads", "work"):
                assert time.monotonic() < end, f"{len(left)} files of swept drafts are left, e.g. {left[:3]}"
                await asyncio.sleep(0.5)
            assert not client.bad, client.bad[0]
        assert server.stop() == 0, server.tail()
    return {"drafts": options.drafts, "created_a_second": round(options.drafts / made),
            "list_p50_ms": f"{percentile(empty, 0.5) * 1000:.1f} before, {percentile(full, 0.5) * 1000:.1f} after",
            "submit_to_running_ms": f"{empty_wait * 1000:.0f} before, {full_wait * 1000:.0f} after",
            "swept_after_s": round(swept, 1), "files_left": 0}
