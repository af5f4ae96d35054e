// The tables, and the triggers that keep the counts by which the next job is found.

internal import GRDB

/// All versions of the tables, oldest first. A released migration is never changed; new ones are added.
///
/// Times are microseconds since 1970 UTC, lists and descriptions JSON, so that `sqlite3 masque.db` shows a readable
/// history. `turn` holds one row per owner and lane with jobs queued or running: the index over it yields the owner whose
/// turn it is in a few steps, however many jobs wait. Triggers keep `turn` and `lane_total` in step with `job`, in the
/// same transaction, whoever changes a row.
func schemaMigrator() -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 jobs, history, webhooks, keys", foreignKeyChecks: .immediate) { db in
        try db.execute(sql: jobTables)
        try db.execute(sql: turnTables)
        try db.execute(sql: webhookAndKeyTables)
    }
    migrator.registerMigration("2 what an owner holds", foreignKeyChecks: .immediate) { db in
        try db.execute(sql: holdingTables)
    }
    migrator.registerMigration("3 lists by state", foreignKeyChecks: .immediate) { db in
        // Of an expression, so that no statement but a list's uses it: SQLite would take it for any `state = …`, before
        // the indexes by which the next job is found.
        try db.execute(sql: "CREATE INDEX job_state ON job (state || '', number)")
    }
    migrator.registerMigration("4 documents", foreignKeyChecks: .immediate) { db in
        try db.execute(sql: documentTable)
    }
    return migrator
}

private let documentTable = """
    CREATE TABLE document (
        collection TEXT NOT NULL,
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        text TEXT NOT NULL,
        changed_at INTEGER NOT NULL,
        expires_at INTEGER,
        PRIMARY KEY (collection, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX document_expiring ON document (expires_at) WHERE expires_at IS NOT NULL;
    """

private let jobTables = """
    CREATE TABLE job (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,
        lane TEXT NOT NULL,
        mode TEXT,
        state TEXT NOT NULL,
        ready INTEGER NOT NULL DEFAULT 0,   -- 1: queued and claimable; 0 while it waits for available_at
        place INTEGER,                      -- the number of its `queued` event: its place among its owner's jobs
        description TEXT NOT NULL,
        inputs TEXT NOT NULL,
        output TEXT,
        failure TEXT,
        stage TEXT NOT NULL,
        progress REAL NOT NULL,
        preview TEXT,
        attempts INTEGER NOT NULL,
        max_attempts INTEGER NOT NULL,
        cancel_requested INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        touched_at INTEGER NOT NULL,
        queued_at INTEGER,
        available_at INTEGER,
        started_at INTEGER,
        finished_at INTEGER,
        expires_at INTEGER,
        work_estimate REAL,
        lease_token TEXT,
        lease_until INTEGER,
        worker TEXT
    ) STRICT;
    CREATE INDEX job_owner ON job (owner, number);
    CREATE INDEX job_ready ON job (lane, owner, place) WHERE ready = 1;
    CREATE INDEX job_waiting ON job (available_at) WHERE state = 'queued' AND ready = 0;
    CREATE INDEX job_queued ON job (lane, place) WHERE state = 'queued';
    CREATE INDEX job_running ON job (lease_until) WHERE state = 'running';
    CREATE INDEX job_completed ON job (lane, finished_at) WHERE state = 'completed';
    CREATE INDEX job_expiring ON job (expires_at) WHERE finished_at IS NOT NULL AND expires_at IS NOT NULL;
    CREATE INDEX job_never_queued ON job (touched_at) WHERE queued_at IS NULL;

    CREATE TABLE blob_use (
        blob TEXT NOT NULL,
        job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
        PRIMARY KEY (blob, job)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX blob_use_job ON blob_use (job);

    CREATE TABLE idempotency (
        owner TEXT NOT NULL,
        key TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
        PRIMARY KEY (owner, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX idempotency_job ON idempotency (job);

    CREATE TABLE event (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
        kind TEXT NOT NULL,
        at INTEGER NOT NULL,
        state TEXT NOT NULL,
        stage TEXT NOT NULL,
        progress REAL NOT NULL,
        attempts INTEGER NOT NULL,
        message TEXT
    ) STRICT;
    CREATE INDEX event_job ON event (job, number);
    """

private let turnTables = """
    CREATE TABLE turn (
        owner TEXT NOT NULL,
        lane TEXT NOT NULL,
        queued INTEGER NOT NULL DEFAULT 0,
        ready INTEGER NOT NULL DEFAULT 0,
        running INTEGER NOT NULL DEFAULT 0,
        served INTEGER NOT NULL DEFAULT 0,  -- the number of its newest `running` event
        head INTEGER,                       -- the place of its oldest ready job
        PRIMARY KEY (owner, lane)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX turn_order ON turn (lane, running, served, head) WHERE ready > 0;

    CREATE TABLE lane_total (
        lane TEXT NOT NULL PRIMARY KEY,
        queued INTEGER NOT NULL DEFAULT 0,
        running INTEGER NOT NULL DEFAULT 0,
        work INTEGER NOT NULL DEFAULT 0     -- milliseconds, by estimate, of what is queued
    ) STRICT, WITHOUT ROWID;
    INSERT INTO lane_total (lane) VALUES ('image'), ('video');

    CREATE TRIGGER job_moved AFTER UPDATE OF state, ready ON job
    WHEN (OLD.state <> NEW.state OR OLD.ready <> NEW.ready)
        AND (OLD.state IN ('queued', 'running') OR NEW.state IN ('queued', 'running'))
    BEGIN
        INSERT INTO turn (owner, lane) VALUES (NEW.owner, NEW.lane) ON CONFLICT DO NOTHING;
        UPDATE turn SET
            queued = queued + (NEW.state = 'queued') - (OLD.state = 'queued'),
            ready = ready + NEW.ready - OLD.ready,
            running = running + (NEW.state = 'running') - (OLD.state = 'running'),
            head = (SELECT min(place) FROM job WHERE lane = NEW.lane AND owner = NEW.owner AND ready = 1)
            WHERE owner = NEW.owner AND lane = NEW.lane;
        UPDATE lane_total SET
            queued = queued + (NEW.state = 'queued') - (OLD.state = 'queued'),
            running = running + (NEW.state = 'running') - (OLD.state = 'running'),
            work = work + ((NEW.state = 'queued') - (OLD.state = 'queued'))
                * CAST(round(1000 * ifnull(NEW.work_estimate, 0)) AS INTEGER)
            WHERE lane = NEW.lane;
    END;
    CREATE TRIGGER job_removed AFTER DELETE ON job WHEN OLD.state IN ('queued', 'running')
    BEGIN
        UPDATE turn SET
            queued = queued - (OLD.state = 'queued'),
            ready = ready - OLD.ready,
            running = running - (OLD.state = 'running'),
            head = (SELECT min(place) FROM job WHERE lane = OLD.lane AND owner = OLD.owner AND ready = 1)
            WHERE owner = OLD.owner AND lane = OLD.lane;
        UPDATE lane_total SET
            queued = queued - (OLD.state = 'queued'),
            running = running - (OLD.state = 'running'),
            work = work - (OLD.state = 'queued') * CAST(round(1000 * ifnull(OLD.work_estimate, 0)) AS INTEGER)
            WHERE lane = OLD.lane;
    END;
    """

/// `holding` keeps the bytes of each owner's files in step with `blob_use`, every file once, however many of the owner's
/// jobs share it; previews have no bytes.
private let holdingTables = """
    ALTER TABLE blob_use ADD COLUMN owner TEXT NOT NULL DEFAULT '';
    ALTER TABLE blob_use ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
    UPDATE blob_use SET owner = (SELECT owner FROM job WHERE number = blob_use.job);
    UPDATE blob_use SET bytes = ifnull((
        SELECT json_extract(input.value, '$.byteCount') FROM job, json_each(job.inputs) AS input
            WHERE job.number = blob_use.job AND json_extract(input.value, '$.blob') = blob_use.blob LIMIT 1
        ), ifnull((
        SELECT json_extract(output, '$.byteCount') FROM job
            WHERE job.number = blob_use.job AND json_extract(output, '$.blob') = blob_use.blob), 0));

    CREATE TABLE holding (
        owner TEXT NOT NULL PRIMARY KEY,
        bytes INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO holding (owner, bytes)
        SELECT owner, sum(bytes) FROM (SELECT DISTINCT owner, blob, bytes FROM blob_use) GROUP BY owner;
    CREATE TRIGGER blob_used AFTER INSERT ON blob_use WHEN NEW.bytes > 0
        AND NOT EXISTS (SELECT 1 FROM blob_use WHERE blob = NEW.blob AND owner = NEW.owner AND job <> NEW.job)
    BEGIN
        INSERT INTO holding (owner, bytes) VALUES (NEW.owner, NEW.bytes)
            ON CONFLICT (owner) DO UPDATE SET bytes = bytes + NEW.bytes;
    END;
    CREATE TRIGGER blob_dropped AFTER DELETE ON blob_use WHEN OLD.bytes > 0
        AND NOT EXISTS (SELECT 1 FROM blob_use WHERE blob = OLD.blob AND owner = OLD.owner)
    BEGIN
        UPDATE holding SET bytes = bytes - OLD.bytes WHERE owner = OLD.owner;
        DELETE FROM holding WHERE owner = OLD.owner AND bytes <= 0;
    END;

    CREATE INDEX job_unqueued_owner ON job (owner) WHERE queued_at IS NULL;
    CREATE INDEX api_key_in_force ON api_key (owner, expires_at) WHERE revoked_at IS NULL;
    """

private let webhookAndKeyTables = """
    CREATE TABLE webhook (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
        url TEXT NOT NULL,
        events TEXT NOT NULL,               -- JSON list
        secret TEXT NOT NULL,
        disabled INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX webhook_job ON webhook (job, number);

    CREATE TABLE delivery (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        webhook INTEGER NOT NULL REFERENCES webhook ON DELETE CASCADE,
        event TEXT NOT NULL,
        job TEXT NOT NULL,                  -- the job as it was at the event, JSON
        at INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        next_attempt_at INTEGER,
        due_at INTEGER,                     -- next_attempt_at, or the end of the time for which it is lent
        last_error TEXT,
        UNIQUE (webhook, event)
    ) STRICT;
    CREATE INDEX delivery_due ON delivery (due_at) WHERE state = 'pending';
    CREATE INDEX delivery_state ON delivery (state, number);

    CREATE TABLE api_key (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,
        name TEXT NOT NULL,
        scopes TEXT NOT NULL,               -- JSON list
        digest TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        revoked_at INTEGER,
        last_used_at INTEGER
    ) STRICT;
    CREATE INDEX api_key_owner ON api_key (owner, number);
    """
