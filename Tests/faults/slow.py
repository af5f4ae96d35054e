# Clients that send a byte a second are dropped; the others do not notice.
import asyncio
import time
import urllib.parse

from live.client import Client, percentile
from live.served import NO_LIMITS, Server

TITLE = "99 clients that send a byte a second"
PATIENCE = 120


async def drip(host, port, head, body):
    """Sends a head (a byte a second from `body` on) until the server hangs up; returns (seconds, answer)."""
    start = time.monotonic()
    reader, writer = await asyncio.open_connection(host, port)
    answer = b""

    async def listen():
        nonlocal answer
        while chunk := await reader.read(4096):
            answer += chunk

    listener = asyncio.create_task(listen())
    try:
        writer.write(head)
        for byte in body:
            if listener.done() or time.monotonic() - start > PATIENCE:
                break
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.wait([listener], timeout=1)
    except ConnectionError:
        pass
    seconds = time.monotonic() - start
    if not listener.done():
        listener.cancel()
    writer.close()
    await asyncio.gather(listener, return_exceptions=True)
    return seconds, answer


async def run(_):
    with Server(NO_LIMITS) as server:
        place = urllib.parse.urlsplit(server.url)
        async with Client(server.url, server.token()) as client:
            job = (await client.call("POST", "/jobs", body={"mode": "photo_photo"})).json["job_id"]

            async def probe(seconds):
                times, until = [], time.monotonic() + seconds
                while time.monotonic() < until:
                    start = time.monotonic()
                    answer = await client.call("GET", f"/jobs/{job}")
                    assert answer.status == 200, answer
                    times.append(time.monotonic() - start)
                    await asyncio.sleep(0.01)
                return times

            before = await probe(3)
            filler = b"X-Slow: " + b"a" * 10_000
            upload = (f"POST /jobs/{job}/source HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n"
                      "Content-Type: image/jpeg\r\nContent-Length: 100000\r\n\r\n").encode() + b"\xff\xd8\xff\xe0"
            kinds = {"first line": (b"G", b"E" * 1000), "head": (b"GET /health HTTP/1.1\r\nHost: x\r\n", filler),
                     "body": (upload, filler)}
            names = [name for name in kinds for _ in range(33)]
            drips = asyncio.gather(*[drip(place.hostname, place.port, *kinds[name]) for name in names])
            meanwhile = await probe(8)
            outcomes = await drips
            longest = {}
            for name, (seconds, answer) in zip(names, outcomes):
                assert seconds < PATIENCE, f"a client that drips its {name} was still served after {PATIENCE} s"
                assert not answer.startswith(b"HTTP/1.1 2"), f"half a request was answered: {answer[:200]}"
                longest[name] = round(max(longest.get(name, 0), seconds), 1)
            after = await client.call("GET", f"/jobs/{job}")
            assert after.status == 200 and after.json["inputs"] == [], f"half an upload became an input: {after}"
            left = server.files("uploads", "blobs")
            assert not left, f"half uploads were left: {left[:5]}"
            assert not client.bad, client.bad[0]
        assert server.stop() == 0, server.tail()
    assert percentile(meanwhile, 0.99) < max(0.25, 10 * percentile(before, 0.99)), "the others were slowed down"
    return {"slow_clients": len(names), "longest_held_s": longest,
            "others_p99_ms_before": round(percentile(before, 0.99) * 1000, 1),
            "others_p99_ms_meanwhile": round(percentile(meanwhile, 0.99) * 1000, 1)}
