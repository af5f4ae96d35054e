# A webhook receiver on loopback: keeps every delivery, checks Standard Webhooks signatures, and can misbehave on request.
import asyncio
import base64
import hashlib
import hmac
import json
import time

from aiohttp import web


def signature(secret, identifier, timestamp, body):
    """What `webhook-signature` must contain: Standard Webhooks, v1, HMAC-SHA-256 over `id.timestamp.body`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(made).decode()


class Receiver:
    """Listens on a free port. Paths: /ok, /hang, /redirect?to=…, /status/500, /gone, /flaky (500 once, then 204)."""

    def __init__(self, host="127.0.0.1"):
        self.host = host
        self.deliveries = []
        self.secrets = {}
        self.seen = {}
        self.runner = None
        self.url = None

    async def __aenter__(self):
        app = web.Application(client_max_size=1 << 22)
        app.router.add_route("*", "/{path:.*}", self.take)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, self.host, 0)
        await site.start()
        self.url = f"http://{self.host}:{site._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        await self.runner.cleanup()

    async def take(self, request):
        body = await request.read()
        path = "/" + request.match_info["path"]
        identifier = request.headers.get("webhook-id", "")
        try:
            content = json.loads(body)
        except ValueError:
            content = None
        self.deliveries.append({
            "path": path, "at": time.time(), "id": identifier, "timestamp": request.headers.get("webhook-timestamp", ""),
            "signature": request.headers.get("webhook-signature", ""), "body": body, "content": content,
            "method": request.method, "type": request.headers.get("content-type", "")})
        if path.startswith("/hang"):
            await asyncio.sleep(3600)
        if path.startswith("/redirect"):
            raise web.HTTPTemporaryRedirect(request.query["to"])
        if path.startswith("/status/"):
            return web.Response(status=int(path.split("/")[2]))
        if path.startswith("/flaky"):
            times = self.seen[identifier] = self.seen.get(identifier, 0) + 1
            return web.Response(status=500 if times == 1 else 204)
        return web.Response(status=204)

    def of(self, path):
        return [delivery for delivery in self.deliveries if delivery["path"] == path]


def is_signed(delivery, secret):
    """Whether a delivery carries a right and fresh signature."""
    expected = signature(secret, delivery["id"], delivery["timestamp"], delivery["body"])
    return (any(hmac.compare_digest(expected, given) for given in delivery["signature"].split())
            and abs(delivery["at"] - int(delivery["timestamp"])) < 300)
