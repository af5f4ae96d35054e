# A client of the job API over aiohttp: every answer's status is counted, calls can outlive a killed server.
import asyncio
import collections
import json
import time
import uuid

import aiohttp

FINAL = ("completed", "failed", "canceled")


class Answer:
    """A response that was read whole."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Client:
    """Talks to one server as one user. `times` collects (call, seconds), `statuses` counts what came back."""

    def __init__(self, url, token, connections=100):
        self.url, self.token, self.connections = url, token, connections
        self.statuses = collections.Counter()
        self.bad = []
        self.times = collections.defaultdict(list)
        self.session = None

    async def __aenter__(self):
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.connections),
            timeout=aiohttp.ClientTimeout(total=120, sock_connect=10))
        return self

    async def __aexit__(self, *_):
        await self.session.close()

    async def call(self, method, path, body=None, data=None, headers=None, name=None):
        """One request; `body` is sent as JSON, `data` as it is."""
        headers = ({"Authorization": f"Bearer {self.token}"} if self.token else {}) | (headers or {})
        start = time.perf_counter()
        async with self.session.request(
                method, self.url + path, json=body, data=data, headers=headers, allow_redirects=False) as answer:
            content = await answer.read()
        self.statuses[answer.status] += 1
        if answer.status >= 500:
            self.bad.append((method, path, answer.status, content[:500].decode(errors="replace")))
        self.times[name or f"{method} {path.split('?')[0]}"].append(time.perf_counter() - start)
        return Answer(answer.status, answer.headers, content)

    async def patient(self, method, path, patience=60, **rest):
        """A request that is made again while the server is away (connection lost, 502, 503)."""
        end = time.monotonic() + patience
        while True:
            try:
                answer = await self.call(method, path, **rest)
                if answer.status not in (502, 503):
                    return answer
            except (aiohttp.ClientError, asyncio.TimeoutError, ConnectionError, OSError) as error:
                answer = error
            if time.monotonic() > end:
                raise AssertionError(f"{method} {path} did not go through within {patience} s: {answer!r}")
            await asyncio.sleep(0.1)

    async def make(self, mode, source, target, webhook=None, events=None, types=("image/jpeg", "image/jpeg"), patience=60):
        """A job through all steps, each repeated until it went through; returns (job id, webhook's secret or None)."""
        answer = await self.patient("POST", "/jobs", patience, body={"mode": mode}, name="create",
                                    headers={"Idempotency-Key": f'"{uuid.uuid4()}"'})
        assert answer.status == 201, answer
        job = answer.json["job_id"]
        secret = None
        if webhook:
            # Not repeatable without a double: a lost answer shows in the list.
            known = await self.patient("GET", f"/jobs/{job}/webhooks", patience, name="webhooks")
            made = await self.patient("POST", f"/jobs/{job}/webhook", patience, name="webhook",
                                      body={"url": webhook, "events": events})
            assert known.status == 200 and made.status == 201, (known, made)
            secret = made.json["secret"]
        for role, content, kind in (("source", source, types[0]), ("target", target, types[1])):
            answer = await self.patient("POST", f"/jobs/{job}/{role}", patience, data=content, name="upload",
                                        headers={"Content-Type": kind})
            assert answer.status == 200, answer
        answer = await self.patient("POST", f"/jobs/{job}/submit", patience, name="submit")
        assert answer.status in (200, 202), answer
        return job, secret

    async def ended(self, job, patience=180):
        """Polls until a job is final; returns it."""
        end = time.monotonic() + patience
        while True:
            answer = await self.patient("GET", f"/jobs/{job}", name="job")
            assert answer.status == 200, answer
            if answer.json["status"] in FINAL:
                return answer.json
            assert time.monotonic() < end, f"job {job} did not end within {patience} s: {answer.json}"
            await asyncio.sleep(0.25)

    async def every_job(self, query=""):
        """All jobs of the list, over all its pages."""
        jobs, cursor = [], None
        while True:
            page = await self.patient("GET", f"/jobs?limit=200{query}" + (f"&cursor={cursor}" if cursor else ""), name="list")
            assert page.status == 200, page
            jobs += page.json["jobs"]
            cursor = page.json["next_cursor"]
            if not cursor:
                return jobs


def percentile(values, share):
    """The value that `share` (0…1) of the values do not pass; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
