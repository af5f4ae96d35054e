# The routes of the imitation: the HTTP table that the studio uses, strict about what it gets, and bad on command.
import asyncio
import base64
import datetime
import json
import pathlib
import secrets
import tempfile
import threading
import urllib.parse

from aiohttp import web

from . import media
from .store import FINAL, MODES, Store

STUDIO = pathlib.Path(__file__).resolve().parents[3] / "Sources/HTTPAPI/Assets/studio"
CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; "
       "font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
OPTIONS = {"map", "reference_time", "detector_score", "keep_eyes", "keep_mouth", "output_scale", "output_fps", "trim_start", "trim_end",
           "execution_providers", "thread_count", "detector_model", "_fail"}


def problem(status, code, message, advice=None, **headers):
    body = {"error": code, "message": message, "request_id": "r-" + secrets.token_hex(4)}
    if advice:
        body["advice"] = advice
    return web.Response(status=status, text=json.dumps(body), content_type="application/json", headers=headers)


class Server:
    """One server with its state; `faults` maps 'METHOD /path-prefix' to a list of answers to give first."""

    def __init__(self, token=None, speed=1.0, limit=500_000_000):
        self.token = token
        self.limit = limit
        self.faults = {}
        self.cuts = []
        self.drop_after = None
        self.requests = []
        self.uploads = {}
        self.shares = {}
        self.keys = {}
        self.folder = tempfile.TemporaryDirectory(prefix="masque-devserver-")
        self.store = Store(pathlib.Path(self.folder.name), speed)

    def app(self):
        app = web.Application(middlewares=[self.guard], client_max_size=2**30)
        route = app.router
        route.add_get("/", self.index)
        route.add_static("/studio", STUDIO)
        route.add_get("/me", self.me)
        route.add_get("/modes", self.modes)
        route.add_post("/jobs", self.create)
        route.add_get("/jobs", self.list)
        route.add_get("/jobs/{id}", self.get)
        route.add_patch("/jobs/{id}", self.patch)
        route.add_delete("/jobs/{id}", self.delete)
        route.add_post("/jobs/{id}/{role:source|target}", self.upload)
        route.add_post("/jobs/{id}/submit", self.submit)
        route.add_post("/jobs/{id}/cancel", self.cancel)
        route.add_post("/jobs/{id}/rerun", self.rerun)
        route.add_post("/jobs/{id}/share", self.share)
        route.add_get("/jobs/{id}/events", self.events)
        route.add_get("/jobs/{id}/result", self.result)
        route.add_get("/jobs/{id}/preview", self.preview)
        route.add_get("/jobs/{id}/inputs/{role}", self.input)
        route.add_get("/jobs/{id}/inputs/{role}/faces", self.faces)
        route.add_get("/shared/{key}", self.shared)
        route.add_post("/uploads", self.tus_create)
        route.add_route("HEAD", "/uploads/{key}", self.tus_head)
        route.add_patch("/uploads/{key}", self.tus_patch)
        route.add_delete("/uploads/{key}", self.tus_delete)
        return app

    @web.middleware
    async def guard(self, request, handler):
        self.requests.append(f"{request.method} {request.path}")
        for place, answers in self.faults.items():
            method, prefix = place.split(" ")
            if answers and request.method == method and request.path.startswith(prefix):
                answer = answers.pop(0)
                if answer == "drop":
                    request.transport.abort()
                    raise web.HTTPServiceUnavailable()
                await request.read()
                return answer()
        is_open = request.path == "/" or request.path.startswith(("/studio/", "/shared/"))
        if self.token and not is_open and request.headers.get("Authorization") != f"Bearer {self.token}":
            return problem(401, "unauthorized", "This call needs an access token.", "Mint one with `masque token mint --user-id you`.")
        try:
            response = await handler(request)
        except web.HTTPNotFound:
            return problem(404, "notFound", "There is no such thing, or it is somebody else's.")
        if not response.prepared:
            response.headers["Content-Security-Policy"] = CSP
        return response

    def job(self, request):
        try:
            return self.store.jobs[request.match_info["id"]]
        except KeyError:
            raise web.HTTPNotFound() from None

    def answer(self, job, status=200, **headers):
        return web.json_response(self.store.shown(job), status=status, headers=headers)

    async def index(self, _):
        return web.FileResponse(STUDIO / "index.html")

    async def modes(self, _):
        return web.json_response(MODES)

    async def me(self, _):
        return web.json_response({"owner_id": "demo", "scopes": ["jobs"], "limits": {"max_photo_bytes": self.limit, "max_video_bytes": self.limit}, "usage": {}})

    def check(self, body):
        if set(body) - {"mode", "options", "webhook_url", "webhook_events"}:
            return problem(400, "badInput", f"Unknown fields: {sorted(body)}.")
        if "mode" in body and body["mode"] not in [one["name"] for one in MODES]:
            return problem(400, "badInput", f"There is no mode {body['mode']}.")
        if set(body.get("options", {})) - OPTIONS:
            return problem(400, "badInput", f"Unknown options: {sorted(body['options'])}.")
        return None

    async def create(self, request):
        body = await request.json()
        bad = self.check(body)
        if bad:
            return bad
        key = request.headers.get("Idempotency-Key")
        if key in self.keys:
            return self.answer(self.keys[key], 201)
        job = self.store.create(body["mode"], body.get("options", {}))
        if key:
            self.keys[key] = job
        return self.answer(job, 201, Location=f"/jobs/{job['job_id']}")

    async def list(self, request):
        limit = int(request.query.get("limit", 20))
        start = int(request.query.get("cursor", 0))
        jobs = list(reversed(self.store.jobs.values()))
        more = str(start + limit) if start + limit < len(jobs) else None
        return web.json_response({"jobs": [self.store.shown(job) for job in jobs[start:start + limit]], "next_cursor": more})

    async def get(self, request):
        return self.answer(self.job(request))

    async def patch(self, request):
        job, body = self.job(request), await request.json()
        if job["status"] != "draft":
            return problem(409, "conflict", "Only a draft can be changed.")
        bad = self.check(body)
        if bad:
            return bad
        if "mode" in body:
            lane = next(one["lane"] for one in MODES if one["name"] == body["mode"])
            if lane != job["lane"] and any(one["role"] == "target" for one in job["inputs"]):
                return problem(409, "conflict", f"The target of this job was sent for {job['lane']}s; {body['mode']} needs another.")
            job["mode"] = body["mode"]
            job["lane"] = next(one["lane"] for one in MODES if one["name"] == body["mode"])
        job["options"] = body.get("options", job["options"])
        return self.answer(job)

    async def delete(self, request):
        job = self.job(request)
        job["cancel_requested"] = True
        self.store.jobs.pop(job["job_id"])
        return web.Response(status=204)

    async def upload(self, request):
        job, role = self.job(request), request.match_info["role"]
        data = await request.read()
        if request.content_type == "application/json":
            upload = self.uploads.get(json.loads(data)["upload_id"])
            if not upload or len(upload["data"]) != upload["size"]:
                return problem(409, "conflict", "This upload is not finished.")
            data, name = bytes(upload["data"]), upload["name"]
        else:
            given = request.headers.get("Content-Disposition", "")
            name = urllib.parse.unquote(given.split("filename*=UTF-8''")[1]) if "UTF-8''" in given else None
        if len(data) > self.limit:
            return problem(413, "tooLarge", f"The file has {len(data)} bytes; at most {self.limit} are taken.", "Choose a smaller one.")
        kind = media.sniff(data[:16])
        if kind is None:
            return problem(415, "unsupportedMedia", "This is neither a picture nor a video that can be read.")
        if kind.startswith("video/") and (role == "source" or job["lane"] == "image"):
            return problem(422, "unsupportedMedia", "The job's mode takes a picture here.")
        if role == "target" and kind.startswith("image/") and job["lane"] == "video":
            return problem(422, "unsupportedMedia", "The job's mode takes a video here.")
        self.store.put(job, role, data, name, kind)
        return self.answer(job)

    async def submit(self, request):
        job = self.job(request)
        if {one["role"] for one in job["inputs"]} != {"source", "target"}:
            return problem(409, "conflict", "An input is missing.")
        await self.store.submit(job)
        return self.answer(job, 202)

    async def cancel(self, request):
        job = self.job(request)
        job["cancel_requested"] = True
        return self.answer(job, 202 if job["status"] == "running" else 200)

    async def rerun(self, request):
        old, body = self.job(request), await request.json()
        bad = self.check(body)
        if bad:
            return bad
        job = self.store.create(body.get("mode", old["mode"]), body.get("options", old["options"]))
        job["inputs"] = list(old["inputs"])
        job["_paths"] = {role: path for role, path in old["_paths"].items() if role != "result"}
        await self.store.submit(job)
        return self.answer(job, 202, Location=f"/jobs/{job['job_id']}")

    async def share(self, request):
        job, body = self.job(request), await request.json()
        key = secrets.token_urlsafe(24)
        self.shares[key] = job
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=body["expires_in"])
        return web.json_response({"url": f"{request.scheme}://{request.host}/shared/{key}",
                                  "expires_at": until.isoformat(timespec="seconds").replace("+00:00", "Z")}, status=201)

    async def events(self, request):
        job = self.job(request)
        if request.headers.get("Accept") != "text/event-stream":
            return problem(406, "badInput", "Ask for text/event-stream.")
        last = int(request.headers.get("Last-Event-ID", 0))
        mine = [one for one in self.store.events if one["job"] == job["job_id"]]
        if job["status"] in FINAL and mine and mine[-1]["number"] <= last:
            return web.Response(status=204)
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await stream.prepare(request)
        sent = 0
        while True:
            for one in [one for one in self.store.events if one["job"] == job["job_id"] and one["number"] > last]:
                last = one["number"]
                text = f"event: {one['data']['event']}\nid: {last}\ndata: {json.dumps(one['data'])}\n\n"
                await stream.write(text.encode())
                sent += 1
                if one["data"]["event"] == "end":
                    return stream
                if self.drop_after and sent >= self.drop_after:
                    self.drop_after = None
                    request.transport.abort()
                    return stream
            async with self.store.news:
                await self.store.news.wait()

    def send_file(self, path, media_type, name):
        return web.FileResponse(path, headers={"Content-Type": media_type, "Content-Disposition": f"attachment; filename*=UTF-8''{urllib.parse.quote(name)}"})

    async def result(self, request):
        job = self.job(request)
        if job["status"] != "completed":
            return problem(409, "conflict", "The job is not completed.")
        target = next(one for one in job["inputs"] if one["role"] == "target")["file_name"] or "result"
        path = job["_paths"]["result"]
        return self.send_file(path, job["result"]["media_type"], f"{pathlib.Path(target).stem}-masque{path.suffix}")

    async def shared(self, request):
        job = self.shares.get(request.match_info["key"])
        if not job:
            raise web.HTTPNotFound()
        return web.FileResponse(job["_paths"]["result"], headers={"Content-Type": job["result"]["media_type"]})

    async def preview(self, request):
        job = self.job(request)
        if "_preview" not in job:
            raise web.HTTPNotFound()
        return web.Response(body=job["_preview"], content_type="image/jpeg")

    async def input(self, request):
        job, role = self.job(request), request.match_info["role"]
        one = next((one for one in job["inputs"] if one["role"] == role), None)
        if not one:
            raise web.HTTPNotFound()
        return self.send_file(job["_paths"][role], one["media_type"], one["file_name"] or role)

    async def faces(self, request):
        job, role = self.job(request), request.match_info["role"]
        one = next((one for one in job["inputs"] if one["role"] == role), None)
        if not one:
            raise web.HTTPNotFound()
        await asyncio.sleep(0.2)
        return web.json_response(await asyncio.to_thread(
            media.faces, job["_paths"][role], one["media_type"], float(request.query.get("time", 0)), one["sha256"]))

    async def tus_create(self, request):
        meta = dict(pair.split(" ") for pair in request.headers["Upload-Metadata"].split(","))
        key = secrets.token_hex(8)
        size = int(request.headers["Upload-Length"])
        if size > self.limit:
            return problem(413, "tooLarge", f"The file has {size} bytes; at most {self.limit} are taken.", "Choose a smaller one.")
        self.uploads[key] = {"size": size, "data": bytearray(), "name": base64.b64decode(meta["filename"]).decode()}
        return web.Response(status=201, headers={"Location": f"/uploads/{key}", "Tus-Resumable": "1.0.0"})

    def tus(self, request):
        if request.headers.get("Tus-Resumable") != "1.0.0":
            raise web.HTTPPreconditionFailed()
        try:
            return self.uploads[request.match_info["key"]]
        except KeyError:
            raise web.HTTPNotFound() from None

    async def tus_head(self, request):
        upload = self.tus(request)
        return web.Response(headers={"Upload-Offset": str(len(upload["data"])), "Upload-Length": str(upload["size"]), "Tus-Resumable": "1.0.0"})

    async def tus_patch(self, request):
        upload = self.tus(request)
        if int(request.headers["Upload-Offset"]) != len(upload["data"]):
            return problem(409, "conflict", "The offset is not where the upload is.")
        try:
            async for piece in request.content.iter_any():
                upload["data"] += piece
                if self.cuts and len(upload["data"]) > self.cuts[0]:
                    self.cuts.pop(0)
                    request.transport.abort()
                    break
        except ConnectionResetError:
            pass
        return web.Response(status=204, headers={"Upload-Offset": str(len(upload["data"])), "Tus-Resumable": "1.0.0"})

    async def tus_delete(self, request):
        self.tus(request)
        del self.uploads[request.match_info["key"]]
        return web.Response(status=204)


class Running:
    """A server in a thread of its own: `with Running(...) as running: running.url`."""

    def __init__(self, **settings):
        self.settings = settings

    def __enter__(self):
        ready = threading.Event()

        async def main():
            self.loop = asyncio.get_running_loop()
            self.stop = asyncio.Event()
            self.server = Server(**self.settings)
            runner = web.AppRunner(self.server.app(), shutdown_timeout=0.2)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/"  # pylint: disable=protected-access
            ready.set()
            await self.stop.wait()
            await runner.cleanup()
            self.server.folder.cleanup()

        self.thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
        self.thread.start()
        ready.wait(10)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(10)


def serve_forever(port, token):
    async def main():
        runner = web.AppRunner(Server(token=token).app())
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        print(f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/", flush=True)  # pylint: disable=protected-access
        await asyncio.Event().wait()

    asyncio.run(main())
