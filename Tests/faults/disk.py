# A full disk: uploads are refused with 507 and a sentence, what runs finishes, and all goes on when there is space again.
import asyncio
import errno
import os
import subprocess
import tempfile
import time

from faults import Skip
from live import samples
from live.client import Client
from live.served import NO_LIMITS, Server

TITLE = "disk full"
SIZE = 1 << 30
SETTINGS = NO_LIMITS | {"MASQUE_RESERVED_MB": "100"}


class SmallDisk:
    """A tmpfs of one GiB, and a ballast that fills it."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="masque-disk-")
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "masque-test", self.folder],
                              capture_output=True, text=True, check=False)
        if made.returncode != 0:
            os.rmdir(self.folder)
            raise Skip(f"mounting a small tmpfs needs root and a kernel that lets it: {made.stderr.strip()}")
        self.ballast = os.path.join(self.folder, "ballast")
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.folder], check=False)
        os.rmdir(self.folder)

    def free(self):
        state = os.statvfs(self.folder)
        return state.f_bavail * state.f_frsize

    def leave(self, free):
        """Makes the ballast so large that `free` bytes are left."""
        self.remove()
        with open(self.ballast, "wb", buffering=0) as file:
            try:
                # The server writes meanwhile, so what was free a moment ago may not be.
                os.posix_fallocate(file.fileno(), 0, max(1, self.free() - max(free, 1 << 20)))
                while self.free() > free:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), 4096)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def remove(self):
        if os.path.exists(self.ballast):
            os.unlink(self.ballast)


async def refused_upload(client, disk, left):
    """With so many bytes left, an upload is refused with 507; reading goes on."""
    answer = await client.patient("POST", "/jobs", body={"mode": "photo_photo"}, name="create")
    job = answer.json.get("job_id") if answer.status == 201 else None
    disk.leave(left)
    statuses = []
    if job:
        for _ in range(5):
            answer = await client.call("POST", f"/jobs/{job}/target", data=samples.grace().read_bytes(), name="upload",
                                       headers={"Content-Type": "image/jpeg"})
            statuses.append(answer.status)
            assert answer.status == 507, f"an upload with {left} bytes left was answered {answer}"
            assert answer.json["message"] and answer.json["error"], answer
    health = await client.call("GET", "/health")
    assert health.status == 200, health
    listed = await client.call("GET", "/jobs?limit=5")
    assert listed.status == 200, listed
    return job, statuses


async def run(_):
    with SmallDisk() as disk, Server(SETTINGS, home=os.path.join(disk.folder, "home")) as server:
        async with Client(server.url, server.token()) as client:
            films = [await client.make("photo_video", samples.anna().read_bytes(), samples.video(6).read_bytes(),
                                       types=("image/jpeg", "video/mp4")) for _ in range(2)]
            # Nearly full: new uploads are refused before it hurts, both videos finish.
            draft, nearly = await refused_upload(client, disk, 48 << 20)
            ended = [await client.ended(job) for job, _ in films]
            assert all(job["status"] == "completed" for job in ended), ended
            # Wholly full: no byte is left even for the database.
            disk.remove()
            running, _ = await client.make("photo_video", samples.anna().read_bytes(), samples.video(6).read_bytes(),
                                           types=("image/jpeg", "video/mp4"))
            disk.leave(0)
            await asyncio.sleep(3)
            assert server.child.poll() is None, f"the server ended on a full disk:\n{server.tail()}"
            answer = await client.call("POST", f"/jobs/{draft}/target", data=samples.grace().read_bytes(), name="upload",
                                       headers={"Content-Type": "image/jpeg"})
            assert answer.status == 507, f"an upload to a full disk was answered {answer}"
            reads = [(await client.call("GET", path)).status for path in ("/health", f"/jobs/{running}")]
            assert reads == [200, 200], reads
            # Space again: the draft and the job that was caught go on.
            disk.remove()
            start = time.monotonic()
            for role in ("source", "target"):
                answer = await client.patient("POST", f"/jobs/{draft}/{role}", data=samples.grace().read_bytes(),
                                              name="upload", headers={"Content-Type": "image/jpeg"})
                while answer.status == 507 and time.monotonic() - start < 30:
                    await asyncio.sleep(0.5)
                    answer = await client.call("POST", f"/jobs/{draft}/{role}", data=samples.grace().read_bytes(),
                                               name="upload", headers={"Content-Type": "image/jpeg"})
                assert answer.status == 200, answer
            answer = await client.call("POST", f"/jobs/{draft}/submit")
            assert answer.status == 202, answer
            after = [await client.ended(job, 240) for job in (draft, running)]
            recovery = time.monotonic() - start
            assert [job["status"] for job in after] == ["completed", "completed"], after
            parts = server.files("uploads")
            assert not parts, f"refused uploads left files: {parts[:5]}"
        assert server.stop() == 0, server.tail()
    return {"refusals_507": len(nearly) + 1, "videos_finished_nearly_full": len(ended),
            "attempts_of_the_job_caught": after[1]["attempts"], "seconds_until_all_was_done": round(recovery, 1)}
