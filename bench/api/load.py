# The loads: each drives one side and returns figures; the same code for both sides.
import asyncio
import http.client
import json
import os
import re
import socket
import subprocess
import threading
import time
import urllib.parse

import sides
from live import samples

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


def call(side, method, path, body=None, headers=None):
    """One small request over a connection of its own; (status, JSON)."""
    place = urllib.parse.urlsplit(side.url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    headers = {"Authorization": f"Bearer {side.token()}"} | (headers or {})
    if isinstance(body, dict):
        body, headers = json.dumps(body), headers | {"Content-Type": "application/json"}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status >= 300:
        raise SystemExit(f"{side.title}: {method} {path} was answered {answer.status}: {content[:300]!r}")
    return json.loads(content)


def draft(side, mode="photo_photo"):
    return call(side, "POST", "/jobs", {"mode": mode})["job_id"]


def wrk(side, arguments, environment=None):
    """Runs wrk; requests a second, and p50 and p99 in milliseconds. Fails when anything but 2xx came back."""
    made = subprocess.run(["wrk", "--latency", *arguments], capture_output=True, text=True, check=True,
                          env=os.environ | (environment or {}))
    text = made.stdout
    if re.search(r"Non-2xx|Socket errors", text) or made.stderr.strip():
        raise SystemExit(f"{side.title}: wrk met errors:\n{text}{made.stderr}")

    def latency(share):
        value, unit = re.search(rf"{share}%\s+([\d.]+)(us|ms|s|m)\b", text).groups()
        return float(value) * UNITS[unit]

    return {"per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
            "p50": latency(50), "p99": latency(99)}


def reads(side, seconds):
    """`GET /jobs/{id}` of a draft with one input over 64 connections."""
    job = draft(side)
    call(side, "POST", f"/jobs/{job}/source", samples.small().read_bytes(), {"Content-Type": "image/jpeg"})
    arguments = ["-t1", "-c64", "-H", f"Authorization: Bearer {side.token()}", f"{side.url}/jobs/{job}"]
    wrk(side, ["-d2s", *arguments])
    return wrk(side, [f"-d{seconds}s", *arguments])


def flow(side, seconds):
    """create, source, target, submit over 16 connections; each counts as one request."""
    script = str(sides.HERE / "flow.lua")
    environment = {"BENCH_TOKEN": side.token(), "BENCH_PICTURE": str(samples.small())}
    arguments = ["-t16", "-c16", "-s", script, side.url]
    wrk(side, ["-d1s", *arguments], environment)
    return wrk(side, [f"-d{seconds}s", *arguments], environment)


class Peak:
    """The most memory that a side's processes have while the block runs."""

    def __init__(self, side):
        self.side, self.going = side, True
        self.before = self.most = sides.memory(side)
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while self.going:
            self.most = max(self.most, sides.memory(self.side))
            time.sleep(0.02)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.going = False
        self.thread.join()


def upload(side, path, multipart):
    """One large upload: GB/s, and the server's memory before and at its peak."""
    job, size = draft(side, "photo_video"), os.path.getsize(path)
    head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="big.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    foot = b"\r\n--cut--\r\n"
    kind = "multipart/form-data; boundary=cut" if multipart else "video/mp4"
    length = size + (len(head) + len(foot) if multipart else 0)
    place = urllib.parse.urlsplit(side.url)
    with Peak(side) as peak, socket.create_connection((place.hostname, place.port)) as connection, open(path, "rb") as file:
        start = time.perf_counter()
        connection.sendall((f"POST /jobs/{job}/target HTTP/1.1\r\nHost: {place.netloc}\r\n"
                            f"Authorization: Bearer {side.token()}\r\nContent-Type: {kind}\r\n"
                            f"Content-Length: {length}\r\nConnection: close\r\n\r\n").encode())
        if multipart:
            connection.sendall(head)
        connection.sendfile(file)
        if multipart:
            connection.sendall(foot)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        seconds = time.perf_counter() - start
    if not answer.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"{side.title}: the upload was answered {answer[:400]!r}")
    call(side, "POST", f"/jobs/{job}/cancel")
    return {"gb_per_second": size / seconds / 1e9, "before": peak.before, "peak": peak.most}


async def listen(side, job, state):
    """One SSE listener: notes when it is connected, and when the first event after `state.fired` has come."""
    place = urllib.parse.urlsplit(side.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write((f"GET /jobs/{job}/events HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {side.token()}\r\n"
                  "Accept: text/event-stream\r\n\r\n").encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"{side.title}: a listener was answered {head[:300]!r}")
    state["connected"] += 1
    try:
        text = b""
        while b"canceled" not in text:
            chunk = await reader.read(65536)
            if not chunk:
                raise SystemExit(f"{side.title}: a stream ended before its event came: {text[-300:]!r}")
            text = text[-64:] + chunk
        state["heard"].append(time.perf_counter() - state["fired"][job])
    finally:
        writer.close()


async def fan_out(side, listeners=1000, jobs=10):
    """`listeners` streams on `jobs` jobs, which are then all canceled: seconds until all have heard, and memory."""
    names = [draft(side) for _ in range(jobs)]
    before = sides.memory(side)
    state = {"connected": 0, "heard": [], "fired": {}}
    start = time.perf_counter()
    tasks = []
    for number in range(listeners):
        tasks.append(asyncio.create_task(listen(side, names[number % jobs], state)))
        if number % 100 == 99:
            await asyncio.sleep(0.02)
    while state["connected"] < listeners:
        for task in tasks:
            if task.done():
                task.result()
        await asyncio.sleep(0.01)
    connected = time.perf_counter() - start
    await asyncio.sleep(1)
    during = sides.memory(side)
    first = time.perf_counter()

    async def fire(name):
        state["fired"][name] = time.perf_counter()
        await asyncio.to_thread(call, side, "POST", f"/jobs/{name}/cancel")

    await asyncio.gather(*[fire(name) for name in names])
    async with asyncio.timeout(60):
        await asyncio.gather(*tasks)
    total = time.perf_counter() - first
    heard = sorted(state["heard"])
    return {"connected": connected, "median": heard[len(heard) // 2], "all": total, "before": before, "during": during}
