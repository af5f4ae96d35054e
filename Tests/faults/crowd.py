# 200 clients at once for a minute: nothing is lost, doubled or answered with 5xx.
import asyncio
import random
import time
import uuid

from live import samples
from live.client import Client, percentile
from live.served import NO_LIMITS, Server, memory

TITLE = "200 clients at once for a minute"
CLIENTS, OWNERS, MOST_SUBMITTED = 200, 20, 300


class Tally:
    """What the crowd was promised."""

    def __init__(self):
        self.created, self.deleted, self.submitted, self.repeated = {}, set(), {}, 0


async def visitor(client, owner, rng, until, tally, picture):
    """Creates, repeats, uploads, submits, reads, lists and deletes jobs until the time is over."""
    while time.monotonic() < until:
        headers = {"Idempotency-Key": f'"{uuid.uuid4()}"'}
        answer = await client.call("POST", "/jobs", body={"mode": "photo_photo"}, headers=headers, name="create")
        assert answer.status == 201, answer
        job = answer.json["job_id"]
        assert job not in tally.created, f"two creations were answered with the same job {job}"
        tally.created[job] = owner
        if rng.random() < 0.3:
            again = await client.call("POST", "/jobs", body={"mode": "photo_photo"}, headers=headers, name="create again")
            assert again.status in (200, 201) and again.json["job_id"] == job, f"the same key made another job: {again}"
            tally.repeated += 1
        for role in ("source", "target"):
            answer = await client.call("POST", f"/jobs/{job}/{role}", data=picture, name="upload",
                                       headers={"Content-Type": "image/jpeg"})
            assert answer.status == 200, answer
        if rng.random() < 0.2 and len(tally.submitted) < MOST_SUBMITTED:
            tally.submitted[job] = owner
            answers = await asyncio.gather(*[client.call("POST", f"/jobs/{job}/submit", name="submit") for _ in range(2)])
            assert all(answer.status in (200, 202) for answer in answers), answers
        for _ in range(3):
            answer = await client.call("GET", f"/jobs/{job}", name="job")
            assert answer.status == 200 and answer.json["job_id"] == job, answer
        if job not in tally.submitted and rng.random() < 0.3:
            answer = await client.call("DELETE", f"/jobs/{job}", name="delete")
            assert answer.status == 204, answer
            tally.deleted.add(job)
            answer = await client.call("GET", f"/jobs/{job}", name="job deleted")
            assert answer.status == 404, answer
        if rng.random() < 0.05:
            answer = await client.call("GET", "/jobs?limit=20", name="list")
            assert answer.status == 200 and len(answer.json["jobs"]) <= 20, answer


async def run(options):
    rng, tally, picture = random.Random(options.seed), Tally(), samples.small().read_bytes()
    with Server(NO_LIMITS) as server:
        owners = [f"crowd-{number}" for number in range(OWNERS)]
        clients = {owner: await Client(server.url, server.token(owner), CLIENTS).__aenter__() for owner in owners}
        start_memory = memory(server.pid)
        until = time.monotonic() + options.seconds
        try:
            await asyncio.gather(*[
                visitor(clients[owners[number % OWNERS]], owners[number % OWNERS], random.Random(rng.random()), until,
                        tally, picture) for number in range(CLIENTS)])
            calls = sum(sum(client.statuses.values()) for client in clients.values())
            times = [value for client in clients.values() for values in client.times.values() for value in values]
            for job, owner in tally.submitted.items():
                ended = await clients[owner].ended(job, 600)
                assert ended["status"] == "completed", ended
                history = (await clients[owner].call("GET", f"/jobs/{job}/history", name="history")).json["events"]
                kinds = [event["event"] for event in history]
                for once in ("created", "queued", "completed"):
                    assert kinds.count(once) == 1, f"{job}: “{once}” {kinds.count(once)} times in {kinds}"
            for owner, client in clients.items():
                listed = [entry["job_id"] for entry in await client.every_job()]
                expected = {job for job, whose in tally.created.items() if whose == owner} - tally.deleted
                assert len(listed) == len(set(listed)), f"{owner}'s list names a job twice"
                assert set(listed) == expected, (
                    f"{owner}: {len(expected - set(listed))} jobs lost, {len(set(listed) - expected)} that nobody made")
            bad = [line for client in clients.values() for line in client.bad]
            limited = sum(client.statuses[429] for client in clients.values())
            assert not bad, f"{len(bad)} answers of 5xx, the first: {bad[0]}"
            assert not limited, f"{limited} answers of 429 with limits off"
        finally:
            for client in clients.values():
                await client.__aexit__()
        figures = {
            "clients": CLIENTS, "seconds_of_load": options.seconds, "requests": calls,
            "requests_a_second": round(calls / options.seconds), "p50_ms": round(percentile(times, 0.5) * 1000, 1),
            "p99_ms": round(percentile(times, 0.99) * 1000, 1), "jobs_created": len(tally.created),
            "creations_repeated": tally.repeated, "jobs_run": len(tally.submitted), "lost": 0, "doubled": 0,
            "answers_5xx": 0, "server_mib_before": start_memory >> 20, "server_mib_peak": memory(server.pid, "VmHWM") >> 20,
        }
        assert server.stop() == 0, server.tail()
    return figures
