// A job's row: how it is found, read, made and saved.

internal import Errors
internal import Foundation
internal import GRDB
internal import JobQueue

/// A job with what only the store knows of it.
struct StoredJob {
    var job: Job
    var number: Int64
    var isReady: Bool
    var place: Int64?
    var touchedAt: Date
    var leaseToken: String?
    var leaseUntil: Date?
    var worker: String?

    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        number, ready, place, touched_at, lease_token, lease_until, worker, id, owner, description, state, inputs, output,
        failure, stage, progress, preview, attempts, max_attempts, cancel_requested, created_at, queued_at, available_at,
        started_at, finished_at, expires_at, work_estimate
        """

    init(_ row: Columns) throws {
        var row = row
        number = try row.next()
        isReady = try row.next()
        place = try row.optional()
        touchedAt = try row.date()
        leaseToken = try row.optional()
        leaseUntil = try row.optionalDate()
        worker = try row.optional()
        job = Job(
            id: JobID(rawValue: try row.next()), owner: OwnerID(rawValue: try row.next()), description: try row.json(),
            state: try row.word(), inputs: try row.json(), output: try row.optionalJSON(),
            failure: try row.optionalJSON(), stage: try row.next(), progress: try row.next(),
            preview: try row.optional(String.self).map(BlobKey.init(rawValue:)), attempts: try row.next(),
            maxAttempts: try row.next(), cancelRequested: try row.next(), createdAt: try row.date(),
            queuedAt: try row.optionalDate(), availableAt: try row.optionalDate(), startedAt: try row.optionalDate(),
            finishedAt: try row.optionalDate(), expiresAt: try row.optionalDate(), workEstimate: try row.optional())
    }

    /// Ends the attempt: nobody holds the job any more.
    mutating func release() {
        leaseToken = nil
        leaseUntil = nil
        worker = nil
    }
}

extension Database {
    /// The job, if it is this owner's (nil: anybody's).
    func find(_ id: JobID, owner: OwnerID?) throws -> StoredJob? {
        let row = try first("SELECT \(StoredJob.columns) FROM job WHERE id = ?", [id.rawValue])
        guard let stored = try row.map(StoredJob.init), owner == nil || stored.job.owner == owner else { return nil }
        return stored
    }

    /// - Throws: `.notFound`, the same for a job that is not there and one that is another's.
    func get(_ id: JobID, owner: OwnerID?) throws -> StoredJob {
        guard let stored = try find(id, owner: owner) else {
            throw MasqueError(.notFound, "There is no job \(id.rawValue.prefix(64)).")
        }
        return stored
    }

    func get(number: Int64) throws -> StoredJob {
        guard let row = try first("SELECT \(StoredJob.columns) FROM job WHERE number = ?", [number]) else {
            throw MasqueError(.notFound, "There is no job number \(number).")
        }
        return try StoredJob(row)
    }

    /// The job that this lease still holds.
    func held(_ lease: Lease) throws -> StoredJob? {
        guard let stored = try find(lease.job, owner: nil), stored.job.state == .running,
            stored.leaseToken == lease.token
        else { return nil }
        return stored
    }

    /// Makes the row of a draft.
    func insert(_ new: NewJob, now: Date) throws -> StoredJob {
        try run(
            """
            INSERT INTO job (id, owner, lane, mode, state, description, inputs, stage, progress, attempts, max_attempts,
                cancel_requested, created_at, touched_at, expires_at, work_estimate)
            VALUES (?, ?, ?, ?, 'draft', ?, ?, 'waiting', 0, 0, ?, 0, ?, ?, ?, ?)
            """,
            [
                new.id.rawValue, new.owner.rawValue, new.description.lane.rawValue, new.description.mode,
                try jsonText(new.description), try jsonText(new.inputs), max(1, new.maxAttempts), now.microseconds,
                now.microseconds, new.expiresAt?.microseconds, new.workEstimate,
            ])
        let stored = try get(number: lastInsertedRowID)
        try saveBlobUses(stored)
        return stored
    }

    /// Saves all that changes once a job has left its draft.
    func save(_ stored: StoredJob) throws {
        let job = stored.job
        try run(
            """
            UPDATE job SET state = ?, ready = ?, place = ?, output = ?, failure = ?, stage = ?, progress = ?, preview = ?,
                attempts = ?, cancel_requested = ?, touched_at = ?, queued_at = ?, available_at = ?, started_at = ?,
                finished_at = ?, expires_at = ?, work_estimate = ?, lease_token = ?, lease_until = ?, worker = ?
            WHERE number = ?
            """,
            [
                job.state.rawValue, stored.isReady, stored.place, try job.output.map(jsonText),
                try job.failure.map(jsonText),
                job.stage, job.progress, job.preview?.rawValue, job.attempts, job.cancelRequested,
                stored.touchedAt.microseconds, job.queuedAt?.microseconds, job.availableAt?.microseconds,
                job.startedAt?.microseconds, job.finishedAt?.microseconds, job.expiresAt?.microseconds,
                job.workEstimate, stored.leaseToken, stored.leaseUntil?.microseconds, stored.worker, stored.number,
            ])
    }

    /// Saves what changes only in a draft.
    func saveDraft(_ stored: StoredJob) throws {
        let description = stored.job.description
        try run(
            "UPDATE job SET lane = ?, mode = ?, description = ?, inputs = ?, touched_at = ? WHERE number = ?",
            [
                description.lane.rawValue, description.mode, try jsonText(description), try jsonText(stored.job.inputs),
                stored.touchedAt.microseconds, stored.number,
            ])
    }

    /// Notes which blobs a job refers to, and how large they are.
    func saveBlobUses(_ stored: StoredJob) throws {
        try run("DELETE FROM blob_use WHERE job = ?", [stored.number])
        let job = stored.job
        for blob in Set(job.blobs) {
            let output = job.output.flatMap { $0.blob == blob ? $0.byteCount : nil }
            let bytes = job.inputs.first { $0.blob == blob }?.byteCount ?? output ?? 0
            try run(
                "INSERT INTO blob_use (blob, job, owner, bytes) VALUES (?, ?, ?, ?)",
                [blob.rawValue, stored.number, job.owner.rawValue, bytes])
        }
    }

    func isUsed(_ blob: BlobKey) throws -> Bool {
        try first("SELECT 1 FROM blob_use WHERE blob = ? LIMIT 1", [blob.rawValue]) != nil
    }
}

extension Job {
    /// All blobs it refers to.
    var blobs: [BlobKey] { inputs.map(\.blob) + [output?.blob, preview].compactMap(\.self) }
}
