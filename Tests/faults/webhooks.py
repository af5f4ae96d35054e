# Webhook targets that hang, redirect to loopback, answer 500 or lie in private networks.
import asyncio
import time
import urllib.parse

from live import samples
from live.client import Client
from live.receiver import Receiver, is_signed
from live.served import LOOPBACK_WEBHOOKS, NO_LIMITS, Server

TITLE = "webhook targets that hang, redirect to loopback, answer 500, or are private addresses"
EVENTS = ["queued", "running", "completed", "failed"]


def private_targets(port):
    """Ways to write an address that a server must not be talked into calling."""
    return [
        f"http://127.0.0.1:{port}/ok", f"http://localhost:{port}/ok", f"http://[::1]:{port}/ok", f"http://0.0.0.0:{port}/ok",
        f"http://2130706433:{port}/ok", f"http://0x7f.1:{port}/ok", f"http://127.1:{port}/ok",
        f"http://[::ffff:127.0.0.1]:{port}/ok", f"http://0177.0.0.1:{port}/ok", "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/", "http://192.168.1.1/", "http://[fd00::1]/", "http://[fe80::1]/", "http://100.64.0.1/",
        f"http://user:pass@127.0.0.1:{port}/ok", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "not a url",
    ]


async def guarded(receiver, outer):
    """With the guard on, nothing reaches 127.0.0.1, however it is written; `outer`, on 127.0.0.2, is let through alone."""
    refused = taken = 0
    async with asyncio.timeout(180):
        with Server(NO_LIMITS | {"WEBHOOK_PRIVATE_TARGETS": "127.0.0.2", "WEBHOOK_ALLOW_HTTP": "1"}) as server:
            async with Client(server.url, server.token()) as client:
                port = urllib.parse.urlsplit(receiver.url).port
                onward = outer.url + "/redirect?to=" + urllib.parse.quote(receiver.url + "/ok", "")
                for target in [*private_targets(port), onward]:
                    job = (await client.call("POST", "/jobs", body={"mode": "photo_photo"})).json["job_id"]
                    answer = await client.call("POST", f"/jobs/{job}/webhook", body={"url": target, "events": EVENTS})
                    if answer.status == 201:
                        taken += 1
                    else:
                        assert answer.status in (400, 422) and answer.json["message"], (target, answer)
                        refused += 1
                    for role in ("source", "target"):
                        await client.call("POST", f"/jobs/{job}/{role}", data=samples.small().read_bytes(),
                                          headers={"Content-Type": "image/jpeg"})
                    await client.call("POST", f"/jobs/{job}/submit")
                await client.ended(job)
                await asyncio.sleep(3)
                assert outer.deliveries, "the target that is let through heard nothing: the guard's test would be void"
                assert not client.bad, client.bad[0]
            server.stop()
    assert not receiver.deliveries, f"the guard let {len(receiver.deliveries)} calls through: {receiver.deliveries[0]}"
    return refused, taken


async def run(_):
    # Each host has its own turn, so the good target lies on another one than the bad.
    async with Receiver() as receiver, Receiver() as inner, Receiver("127.0.0.2") as outer, Receiver("127.0.0.3") as good:
        refused, taken = await guarded(receiver, outer)
        with Server(NO_LIMITS | LOOPBACK_WEBHOOKS | {"WEBHOOK_PRIVATE_TARGETS": "127.0.0.1,127.0.0.3"}) as server:
            async with Client(server.url, server.token()) as client:
                picture = samples.small().read_bytes()
                bad = ["/hang", "/status/500", "/status/410", "/redirect?to=" + urllib.parse.quote(inner.url + "/ok", "")]
                secrets = {}
                # Twenty jobs whose targets hang or fail, then one whose target is well.
                for number in range(20):
                    path = bad[number % len(bad)]
                    await client.make("photo_photo", picture, picture, receiver.url + path, EVENTS)
                job, secret = await client.make("photo_photo", picture, picture, good.url + "/flaky", EVENTS)
                secrets["/flaky"] = secret
                job, secret = await client.make("photo_photo", picture, picture, good.url + "/ok", EVENTS)
                ended = await client.ended(job)
                assert ended["status"] == "completed", ended
                start = time.monotonic()
                while len({delivery["content"]["type"] for delivery in good.of("/ok")}) < 3:
                    assert time.monotonic() - start < 20, "targets that hang or fail kept a good one waiting for 20 s"
                    await asyncio.sleep(0.05)
                waited = time.monotonic() - start
                assert all(is_signed(delivery, secret) for delivery in good.of("/ok"))
                # The flaky one is tried again under the same id, until it takes it.
                start = time.monotonic()
                while True:
                    counts = {}
                    for delivery in good.of("/flaky"):
                        counts[delivery["id"]] = counts.get(delivery["id"], 0) + 1
                    if len(counts) >= 3 and all(count >= 2 for count in counts.values()):
                        break
                    assert time.monotonic() - start < 120, f"a target that answers 500 once was not tried again: {counts}"
                    await asyncio.sleep(0.2)
                assert all(is_signed(delivery, secrets["/flaky"]) for delivery in good.of("/flaky"))
                gone = len(receiver.of("/status/410"))
                assert not client.bad, client.bad[0]
                assert not inner.deliveries or all(d["method"] == "POST" for d in inner.deliveries)
            assert server.stop() == 0, server.tail()
    return {"private_addresses_refused_at_once": refused, "taken_but_never_called": taken - 1, "redirects_to_loopback": len(outer.deliveries), "calls_let_through": 0,
            "good_target_waited_s": round(waited, 2), "retries_under_the_same_id": "yes", "calls_to_the_five_that_answer_410": gone,
            "redirects_followed": len(inner.deliveries)}
