# The peer's HTTP side: FastAPI, JWT, streamed uploads, Server-Sent Events woken by the process's own changes.
import asyncio
import collections
import hashlib
import os
import uuid

import aiofiles
import jwt
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel

from peer.store import Store, text

HOME = os.environ["PEER_HOME"]
SECRET = os.environ["PEER_SECRET"]
FINAL = ("completed", "failed", "canceled")
MAGIC = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))

os.makedirs(os.path.join(HOME, "blobs"), exist_ok=True)
app = FastAPI()
store = Store(os.path.join(HOME, "peer.db"))
woken = collections.defaultdict(asyncio.Event)


def owner(request: Request):
    """The token's user; 401 without one."""
    try:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        claims = jwt.decode(token if kind == "Bearer" else "", SECRET, algorithms=["HS256"])
        return claims["sub"]
    except (jwt.PyJWTError, KeyError) as error:
        raise HTTPException(401, "The token is missing or void.") from error


class NewJob(BaseModel):
    """What `POST /jobs` takes."""

    mode: str


def wake(identifier):
    woken[identifier].set()
    del woken[identifier]


def found(identifier, whose):
    job = store.job(identifier, whose)
    if job is None:
        raise HTTPException(404, "There is no such job.")
    return job


@app.get("/readyz")
async def ready():
    return {"status": "ready"}


@app.post("/jobs", status_code=201)
async def create(new: NewJob, whose: str = Depends(owner)):
    identifier = await store.create(whose, new.mode)
    return JSONResponse(store.job(identifier, whose), 201, {"Location": f"/jobs/{identifier}"})


@app.get("/jobs/{identifier}")
async def show(identifier: str, whose: str = Depends(owner)):
    return JSONResponse(found(identifier, whose))


def sniffed(head):
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if head[4:8] == b"ftyp":
        return "video/mp4"
    raise HTTPException(415, "The file is neither a picture nor a video.")


async def save(chunks):
    """Writes a body to a file of its own, hashing on the way; (path, bytes, type, SHA-256)."""
    path = os.path.join(HOME, "blobs", uuid.uuid4().hex)
    size, digest, kind = 0, hashlib.sha256(), None
    try:
        async with aiofiles.open(path, "wb") as file:
            batch = bytearray()
            async for chunk in chunks:
                batch += chunk
                if len(batch) >= 1 << 20:
                    kind = kind or sniffed(bytes(batch[:16]))
                    digest.update(batch)
                    size += len(batch)
                    await file.write(batch)
                    batch = bytearray()
            kind = kind or sniffed(bytes(batch[:16]))
            digest.update(batch)
            size += len(batch)
            await file.write(batch)
            await file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
    except BaseException:
        os.unlink(path)
        raise
    return path, size, kind, digest.hexdigest()


async def parts(file):
    while chunk := await file.read(1 << 20):
        yield chunk


@app.post("/jobs/{identifier}/{role}")
async def upload(identifier: str, role: str, request: Request, whose: str = Depends(owner)):
    """`submit` and `cancel`, or the upload of `source` or `target`: multipart or the raw body."""
    job = found(identifier, whose)
    if role in ("submit", "cancel"):
        return await (submit if role == "submit" else cancel)(job, whose)
    if role not in ("source", "target"):
        raise HTTPException(404)
    if job["status"] != "draft":
        raise HTTPException(409, "The job is no draft any more.")
    if request.headers.get("content-type", "").startswith("multipart/"):
        form = await request.form()
        file = next(value for value in form.values() if hasattr(value, "read"))
        saved = await save(parts(file))
    else:
        saved = await save(request.stream())
    await store.set_input(identifier, role, *saved)
    return JSONResponse(store.job(identifier, whose))


async def submit(job, whose):
    if len(job["inputs"]) < 2 and job["status"] == "draft":
        raise HTTPException(409, "An input is missing.")
    moved = await store.move(job["id"], ["draft"], "queued")
    wake(job["id"])
    return JSONResponse(store.job(job["id"], whose), 202 if moved else 200)


async def cancel(job, whose):
    await store.move(job["id"], ["draft", "queued"], "canceled")
    wake(job["id"])
    return JSONResponse(store.job(job["id"], whose))


@app.get("/jobs/{identifier}/events")
async def events(identifier: str, request: Request, whose: str = Depends(owner)):
    found(identifier, whose)
    after = int(request.headers.get("last-event-id", "0"))

    async def lines():
        last = after
        while True:
            news = woken[identifier]
            for event in store.events(identifier, last):
                last = event["number"]
                yield text(event)
                if event["status"] in FINAL:
                    yield "event: end\ndata: {}\n\n"
                    return
            try:
                await asyncio.wait_for(news.wait(), 15)
            except TimeoutError:
                yield ": still here\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})
