# Claims a second with 100,000 jobs waiting, of the peer's store; Masque's own are measured by `masque-bench claims`.
import os
import tempfile
import threading
import time
import uuid

from peer.store import SCHEMA, claim, connect


def peer_claims(waiting, workers, seconds=4.0):
    """Claims a second by so many threads, each with a connection of its own, over `waiting` queued jobs of 100 owners."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "peer.db")
        base = connect(path)
        base.executescript(SCHEMA)
        base.execute("BEGIN")
        now = time.time()
        base.executemany(
            "INSERT INTO jobs (id, owner, mode, lane, status, stage, progress, created_at, queued_at)"
            " VALUES (?, ?, 'photo_photo', 'image', 'queued', 'waiting', 0, ?, ?)",
            ((uuid.uuid4().hex, f"owner-{number % 100}", now, now + number * 1e-6) for number in range(waiting)))
        base.execute("COMMIT")
        counts, start = [0] * workers, time.perf_counter()

        def work(number):
            own = connect(path)
            while time.perf_counter() - start < seconds:
                if claim(own, "image", f"worker-{number}", now) is None:
                    break
                counts[number] += 1
            own.close()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.perf_counter() - start
        base.close()
        if not all(counts):
            raise SystemExit(f"A worker of the peer got nothing: {counts}")
        return sum(counts) / elapsed
