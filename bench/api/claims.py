# Claims a second with 100,000 jobs waiting, of the peer's store; Masque's own are measured by `masque-bench claims`.
import os
import tempfile
import time
import uuid

from peer.store import SCHEMA, claim, connect


def peer_claims(waiting, seconds=3.0):
    """Claims a second by one worker over `waiting` queued jobs of 100 owners."""
    with tempfile.TemporaryDirectory() as folder:
        base = connect(os.path.join(folder, "peer.db"))
        base.executescript(SCHEMA)
        base.execute("BEGIN")
        now = time.time()
        base.executemany(
            "INSERT INTO jobs (id, owner, mode, lane, status, stage, progress, created_at, queued_at)"
            " VALUES (?, ?, 'photo_photo', 'image', 'queued', 'waiting', 0, ?, ?)",
            ((uuid.uuid4().hex, f"owner-{number % 100}", now, now + number * 1e-6) for number in range(waiting)))
        base.execute("COMMIT")
        count, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < seconds:
            if claim(base, "image", "worker", now) is None:
                raise SystemExit("The peer's queue ran dry.")
            count += 1
        base.close()
        return count / elapsed
