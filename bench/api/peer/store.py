# The peer's jobs in SQLite: WAL, one connection for reads, one thread with a connection for writes.
import asyncio
import concurrent.futures
import json
import sqlite3
import time
import uuid

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, mode TEXT NOT NULL, lane TEXT NOT NULL, status TEXT NOT NULL,
    stage TEXT NOT NULL, progress REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, worker TEXT, lease_until REAL,
    created_at REAL NOT NULL, queued_at REAL, started_at REAL, finished_at REAL);
CREATE INDEX IF NOT EXISTS jobs_waiting ON jobs (lane, queued_at) WHERE status = 'queued';
CREATE INDEX IF NOT EXISTS jobs_owner ON jobs (owner, created_at);
CREATE TABLE IF NOT EXISTS inputs (
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, role TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL,
    media_type TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (job, role));
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, event TEXT NOT NULL, at REAL NOT NULL, status TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_job ON events (job, number);
"""


def connect(path):
    """A connection as this peer uses it; a commit is on the disk when it returns, as in Masque."""
    base = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    base.row_factory = sqlite3.Row
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = FULL")
    base.execute("PRAGMA foreign_keys = ON")
    return base


def claim(base, lane, worker, now):
    """The usual claim: the oldest waiting job, then an update, in one transaction; None when nothing waits."""
    base.execute("BEGIN IMMEDIATE")
    try:
        row = base.execute(
            "SELECT id FROM jobs WHERE status = 'queued' AND lane = ? ORDER BY queued_at LIMIT 1", (lane,)).fetchone()
        if row is not None:
            base.execute(
                "UPDATE jobs SET status = 'running', worker = ?, lease_until = ?, attempts = attempts + 1, started_at = ?"
                " WHERE id = ?", (worker, now + 30, now, row["id"]))
            base.execute("INSERT INTO events (job, event, at, status) VALUES (?, 'running', ?, 'running')", (row["id"], now))
        base.execute("COMMIT")
    except BaseException:
        base.execute("ROLLBACK")
        raise
    return row["id"] if row else None


class Store:
    """Reads take microseconds and run in the event loop; writes wait for the disk and run in the writer's thread."""

    def __init__(self, path):
        self.path = path
        self.reader = connect(path)
        self.reader.executescript(SCHEMA)
        self.writer = connect(path)
        self.thread = concurrent.futures.ThreadPoolExecutor(1, "writer")

    async def write(self, work):
        def transaction():
            self.writer.execute("BEGIN IMMEDIATE")
            try:
                result = work(self.writer)
                self.writer.execute("COMMIT")
                return result
            except BaseException:
                self.writer.execute("ROLLBACK")
                raise
        return await asyncio.get_running_loop().run_in_executor(self.thread, transaction)

    def job(self, identifier, owner):
        row = self.reader.execute("SELECT * FROM jobs WHERE id = ? AND owner = ?", (identifier, owner)).fetchone()
        if row is None:
            return None
        inputs = self.reader.execute("SELECT role, media_type, bytes, sha256 FROM inputs WHERE job = ?", (identifier,))
        job = dict(row) | {"job_id": identifier, "inputs": [dict(entry) for entry in inputs]}
        for key in ("worker", "lease_until"):
            del job[key]
        return job

    async def create(self, owner, mode):
        identifier, now = uuid.uuid4().hex, time.time()
        lane = "video" if "video" in mode else "image"

        def work(base):
            base.execute(
                "INSERT INTO jobs (id, owner, mode, lane, status, stage, progress, created_at)"
                " VALUES (?, ?, ?, ?, 'draft', 'waiting', 0, ?)", (identifier, owner, mode, lane, now))
            self.add_event(base, identifier, "created", "draft")
        await self.write(work)
        return identifier

    @staticmethod
    def add_event(base, identifier, event, status):
        base.execute("INSERT INTO events (job, event, at, status) VALUES (?, ?, ?, ?)", (identifier, event, time.time(), status))

    async def set_input(self, identifier, role, path, size, media_type, digest):
        def work(base):
            base.execute("INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, ?, ?, ?)",
                         (identifier, role, path, size, media_type, digest))
            self.add_event(base, identifier, "uploaded", "draft")
        await self.write(work)

    async def move(self, identifier, states, status):
        """Moves a job from one of `states`; False when it was in another."""
        def work(base):
            marks = ", ".join("?" * len(states))
            moved = base.execute(f"UPDATE jobs SET status = ?, queued_at = ? WHERE id = ? AND status IN ({marks})",
                                 (status, time.time(), identifier, *states)).rowcount
            if moved:
                self.add_event(base, identifier, status, status)
            return bool(moved)
        return await self.write(work)

    def events(self, identifier, after):
        rows = self.reader.execute("SELECT * FROM events WHERE job = ? AND number > ? ORDER BY number", (identifier, after))
        return [dict(row) for row in rows]


def text(event):
    """One event as Server-Sent Events write it."""
    return f"id: {event['number']}\nevent: status\ndata: {json.dumps(event)}\n\n"
