// What workers do with jobs: take the next one, tell how far it is, end it.

internal import Errors
internal import GRDB
package import JobQueue

package import struct Foundation.Date

extension SQLiteStore {
    package func claim(lane: Lane, worker: String, leaseUntil: Date, ownerLimit: Int, now: Date) async throws -> (
        job: Job, lease: Lease
    )? {
        try await write { db in
            guard var stored = try db.next(in: lane, ownerLimit: ownerLimit, now: now) else { return nil }
            let token = newName("")
            stored.job.state = .running
            stored.job.stage = "loading"
            stored.job.progress = 0
            stored.job.failure = nil
            stored.job.attempts += 1
            stored.job.startedAt = now
            stored.isReady = false
            stored.touchedAt = now
            stored.leaseToken = token
            stored.leaseUntil = leaseUntil
            stored.worker = worker
            try db.save(stored)
            let number = try db.note(.running, stored, at: now)
            try db.run(
                "UPDATE turn SET served = ? WHERE owner = ? AND lane = ?",
                [number, stored.job.owner.rawValue, lane.rawValue])
            return (stored.job, Lease(job: stored.job.id, token: token))
        }
    }

    package func heartbeat(_ lease: Lease, until: Date, now: Date) async throws -> LeaseStatus {
        try await write { db in
            try db.run(
                "UPDATE job SET lease_until = ? WHERE id = ? AND state = 'running' AND lease_token = ?",
                [until.microseconds, lease.job.rawValue, lease.token])
            guard db.changesCount > 0 else { return .lost }
            var row = try db.first("SELECT cancel_requested FROM job WHERE id = ?", [lease.job.rawValue])
            return try row?.next(Bool.self) == true ? .cancelRequested : .held
        }
    }

    package func progress(_ lease: Lease, _ progress: JobProgress, leaseUntil: Date, now: Date) async throws
        -> LeaseStatus
    {
        try await write { db in
            guard var stored = try db.held(lease) else { return .lost }
            stored.job.stage = progress.stage
            // In this order a NaN keeps what was.
            stored.job.progress = min(100, max(stored.job.progress, progress.percent))
            stored.leaseUntil = leaseUntil
            let isNewPreview = progress.preview != nil && progress.preview != stored.job.preview
            stored.job.preview = progress.preview ?? stored.job.preview
            try db.save(stored)
            if isNewPreview { try db.saveBlobUses(stored) }
            try db.note(.progress, stored, at: now)
            return stored.job.cancelRequested ? .cancelRequested : .held
        }
    }

    package func complete(_ lease: Lease, output: JobOutput, expiresAt: Date?, now: Date) async throws -> Bool {
        try await write { db in
            guard var stored = try db.held(lease) else { return false }
            stored.job.output = output
            stored.job.expiresAt = expiresAt
            stored.job.stage = "done"
            stored.job.progress = 100
            try db.finish(&stored, as: .completed, at: now)
            try db.saveBlobUses(stored)
            return true
        }
    }

    package func fail(_ lease: Lease, failure: JobFailure, retryAt: Date?, expiresAt: Date?, now: Date) async throws
        -> Job?
    {
        try await write { db in
            guard var stored = try db.held(lease) else { return nil }
            let mayRetry = failure.isRetryable && stored.job.attempts < stored.job.maxAttempts
            if stored.job.cancelRequested {
                stored.job.expiresAt = expiresAt
                try db.finish(&stored, as: .canceled, at: now)
            } else if mayRetry, let retryAt {
                stored.job.failure = failure
                try db.requeue(&stored, at: retryAt, now: now)
                try db.note(.retrying, stored, at: now, message: failure.message)
            } else {
                stored.job.failure = failure
                stored.job.expiresAt = expiresAt
                try db.finish(&stored, as: .failed, at: now, message: failure.message)
            }
            return stored.job
        }
    }

    package func finishCanceled(_ lease: Lease, expiresAt: Date?, now: Date) async throws -> Bool {
        try await write { db in
            guard var stored = try db.held(lease) else { return false }
            stored.job.cancelRequested = true
            stored.job.expiresAt = expiresAt
            try db.finish(&stored, as: .canceled, at: now)
            return true
        }
    }

    package func giveBack(_ lease: Lease, now: Date) async throws {
        try await write { db in
            guard var stored = try db.held(lease) else { return }
            guard !stored.job.cancelRequested else { return try db.finish(&stored, as: .canceled, at: now) }
            stored.job.attempts = max(0, stored.job.attempts - 1)
            try db.requeue(&stored, at: now, now: now)
            try db.note(
                .queued, stored, at: now, message: "Its worker was shut down; that does not count as an attempt.")
        }
    }

    package func recover(workersOf prefix: String?, now: Date) async throws -> [Job] {
        try await write { db in
            // Without the hint SQLite walks through all jobs in the order of their numbers.
            let columns = "SELECT \(StoredJob.columns) FROM job INDEXED BY job_running WHERE state = 'running'"
            let rows =
                if let prefix {
                    try db.all("\(columns) AND substr(worker, 1, length(?1)) = ?1 ORDER BY number", [prefix])
                } else {
                    try db.all("\(columns) AND lease_until <= ? ORDER BY number", [now.microseconds])
                }
            return try rows.map { row in
                var stored = try StoredJob(row)
                try db.recover(&stored, now: now)
                return stored.job
            }
        }
    }
}

extension Database {
    /// The job whose turn it is; those whose backoff is over are made ready before.
    fileprivate func next(in lane: Lane, ownerLimit: Int, now: Date) throws -> StoredJob? {
        let isDue = "state = 'queued' AND ready = 0 AND available_at <= ?"
        if try first("SELECT 1 FROM job WHERE \(isDue) LIMIT 1", [now.microseconds]) != nil {
            try run("UPDATE job SET ready = 1 WHERE \(isDue)", [now.microseconds])
        }
        let turn = try first(
            """
            SELECT owner, head FROM turn WHERE lane = ? AND ready > 0 AND running < ?
                ORDER BY running, served, head LIMIT 1
            """, [lane.rawValue, ownerLimit])
        guard var turn else { return nil }
        let row = try first(
            "SELECT \(StoredJob.columns) FROM job WHERE ready = 1 AND lane = ?1 AND owner = ?2 AND place = ?3",
            [lane.rawValue, try turn.next(String.self), try turn.next(Int64.self)])
        guard let row else {
            throw MasqueError(.failed, "The job database says that a \(lane.rawValue) job waits that it does not have.")
        }
        return try StoredJob(row)
    }

    /// Back in the queue, at its old place among its owner's jobs.
    fileprivate func requeue(_ stored: inout StoredJob, at availableAt: Date, now: Date) throws {
        stored.job.state = .queued
        stored.job.stage = "waiting"
        stored.job.progress = 0
        stored.job.availableAt = availableAt
        stored.isReady = availableAt <= now
        stored.touchedAt = now
        stored.release()
        try save(stored)
    }

    /// Ends an attempt whose worker is gone.
    fileprivate func recover(_ stored: inout StoredJob, now: Date) throws {
        let attempts = stored.job.attempts
        guard !stored.job.cancelRequested else { return try finish(&stored, as: .canceled, at: now) }
        guard attempts >= stored.job.maxAttempts else {
            try requeue(&stored, at: now, now: now)
            try note(
                .retrying, stored, at: now,
                message: "The worker was cut off in attempt \(attempts) of \(stored.job.maxAttempts).")
            return
        }
        let failure = JobFailure(
            code: MasqueError.Code.failed.description,
            message: "The worker was cut off in attempt \(attempts) of \(stored.job.maxAttempts), the last one.",
            advice: "Try another file: this one may be damaged, or need more memory or time than a worker may use.",
            isRetryable: false)
        stored.job.failure = failure
        try finish(&stored, as: .failed, at: now, message: failure.message)
    }
}
