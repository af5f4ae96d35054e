# The jobs of the imitation: kept in memory, worked off by a timer, with events numbered across all jobs.
import asyncio
import datetime
import hashlib
import secrets

from . import media

MODES = [
    {"name": "photo_photo", "title": "Photo", "lane": "image", "available": True, "uses": "mesh", "note": None},
    {"name": "photo_photo_gpen", "title": "Photo (gpen)", "lane": "image", "available": True, "uses": "mesh",
     "note": "The model hyperswap_1c_256 is not installed, so this runs with the built-in mesh engine."},
    {"name": "photo_photo_codeformer", "title": "Photo (codeformer)", "lane": "image", "available": False, "uses": "hyperswap_1c_256",
     "note": "The model codeformer is not installed; `masque models pull` fetches it."},
    {"name": "photo_video", "title": "Video", "lane": "video", "available": True, "uses": "mesh", "note": None},
    {"name": "photo_video_fast", "title": "Video (fast)", "lane": "video", "available": True, "uses": "mesh",
     "note": "The model inswapper_128_fp16 is not installed, so this runs with the built-in mesh engine."},
    {"name": "photo_video_quality", "title": "Video (quality)", "lane": "video", "available": True, "uses": "mesh",
     "note": "The model hyperswap_1c_256 is not installed, so this runs with the built-in mesh engine."},
]
FINAL = {"completed", "failed", "canceled"}


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Store:
    def __init__(self, folder, speed=1.0):
        self.folder = folder
        self.speed = speed
        self.jobs = {}
        self.events = []
        self.news = asyncio.Condition()
        self.tasks = set()

    def create(self, mode, options):
        job_id = secrets.token_hex(8)
        lane = next(one["lane"] for one in MODES if one["name"] == mode)
        self.jobs[job_id] = {
            "job_id": job_id, "id": job_id, "status": "draft", "mode": mode, "lane": lane, "processors": ["face_swapper"],
            "stage": "waiting", "progress": 0, "queue_position": None, "estimate_seconds": None, "attempts": 0, "max_attempts": 3,
            "cancel_requested": False, "owner_id": "demo", "created_at": now(), "queued_at": None, "started_at": None,
            "finished_at": None, "expires_at": None, "inputs": [], "options": options, "result": None, "error": None,
            "links": {"self": f"/jobs/{job_id}", "events": f"/jobs/{job_id}/events"}, "_paths": {}}
        return self.jobs[job_id]

    def shown(self, job):
        return {name: value for name, value in job.items() if not name.startswith("_")}

    def put(self, job, role, data, name, media_type):
        path = self.folder / f"{job['job_id']}-{role}"
        path.write_bytes(data)
        job["inputs"] = [one for one in job["inputs"] if one["role"] != role] + [
            {"role": role, "media_type": media_type, "bytes": len(data), "file_name": name, "sha256": hashlib.sha256(data).hexdigest()}]
        job["_paths"][role] = path
        if role == "target":
            job["estimate_seconds"] = 4.2 if job["lane"] == "image" else 38

    async def tell(self, job, event, message=None):
        self.events.append({"number": len(self.events) + 1, "job": job["job_id"], "data": {
            "event": event, "status": job["status"], "stage": job["stage"], "progress": job["progress"], "message": message, "at": now(),
            "attempts": job["attempts"], "queue_position": job["queue_position"], "estimate_seconds": job["estimate_seconds"],
            "preview_url": job["links"].get("preview")}})
        async with self.news:
            self.news.notify_all()

    async def submit(self, job):
        job.update(status="queued", queued_at=now(), queue_position=2, stage="waiting")
        await self.tell(job, "status")
        task = asyncio.create_task(self.work(job))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def work(self, job):
        try:
            for place in (2, 1, 0):
                job["queue_position"] = place
                await self.tell(job, "status")
                await asyncio.sleep(0.25 * self.speed)
            job.update(status="running", started_at=now(), attempts=1, queue_position=None)
            for percent in range(0, 100, 5):
                stage = "loading" if percent < 10 else "analysing" if percent < 25 else "swapping" if percent < 90 else "joining"
                job.update(stage=stage, progress=percent, estimate_seconds=max(0.2, (100 - percent) / 100 * 4 * self.speed))
                if job["lane"] == "video" and percent >= 30:
                    job["_preview"] = media.jpeg(media.frame(job["_paths"]["target"], "video/mp4", percent / 100), 480)
                    job["links"]["preview"] = f"/jobs/{job['job_id']}/preview"
                await self.tell(job, "progress")
                await asyncio.sleep(0.12 * self.speed)
                if job["cancel_requested"]:
                    return await self.end(job, "canceled")
            if job["options"].get("_fail"):
                job["error"] = {"code": "noFace", "message": "The source photo shows no face that could be used.",
                                "advice": "Choose a photo in which the face is seen from the front."}
                return await self.end(job, "failed")
            by_role = {one["role"]: one for one in job["inputs"]}
            out = self.folder / f"{job['job_id']}-result"
            out = out.with_suffix(".mp4" if job["lane"] == "video" else ".jpg")
            pairs = {int(target): source for target, source in (job["options"].get("map") or {"0": 0}).items()}
            kind = await asyncio.to_thread(
                media.pretend, job["_paths"]["source"], by_role["source"]["media_type"], by_role["source"]["sha256"],
                job["_paths"]["target"], by_role["target"]["media_type"], by_role["target"]["sha256"], pairs, out)
            size = media.facts(out, kind)
            note = next(one["note"] for one in MODES if one["name"] == job["mode"])
            job["result"] = {"media_type": kind, "bytes": out.stat().st_size, "width": size["width"], "height": size["height"],
                             "duration": size["duration"], "faces": len(pairs), "notes": [note] if note else [],
                             "sha256": hashlib.sha256(out.read_bytes()).hexdigest()}
            job["_paths"]["result"] = out
            job["links"]["result"] = f"/jobs/{job['job_id']}/result"
            return await self.end(job, "completed")
        except Exception as error:  # pylint: disable=broad-except
            job["error"] = {"code": "failed", "message": f"The imitation failed: {error!r}.", "advice": None}
            return await self.end(job, "failed")

    async def end(self, job, status):
        job.update(status=status, finished_at=now(), stage="done", estimate_seconds=None, progress=100 if status == "completed" else job["progress"])
        await self.tell(job, "status")
        await self.tell(job, "end")
