// What owners do with jobs: create, fill, submit, cancel, delete.

internal import Errors
internal import GRDB
package import JobQueue

package import struct Foundation.Date

extension SQLiteStore: JobStore {
    package func create(_ new: NewJob, now: Date) async throws -> (job: Job, isNew: Bool) {
        try await write { db in
            if let idempotency = new.idempotency, let made = try db.made(under: idempotency, owner: new.owner) {
                return (made, false)
            }
            guard try db.first("SELECT 1 FROM job WHERE id = ?", [new.id.rawValue]) == nil else {
                throw MasqueError(.conflict, "There is a job \(new.id) already.")
            }
            if let original = new.copiedFrom { _ = try db.get(original, owner: new.owner) }
            if !new.isSubmitted { try db.checkDrafts(of: new.owner, limits: new.limits) }
            let before = try db.heldBytes(of: new.owner)
            var stored = try db.insert(new, now: now)
            try db.note(.created, stored, at: now)
            if let idempotency = new.idempotency {
                try db.run(
                    "INSERT INTO idempotency (owner, key, fingerprint, job) VALUES (?, ?, ?, ?)",
                    [new.owner.rawValue, idempotency.key, idempotency.fingerprint, stored.number])
            }
            if let webhook = new.webhook { try db.addWebhook(webhook, to: stored, now: now) }
            for input in new.inputs { try db.note(.uploaded, stored, at: now, message: uploaded(input)) }
            // A job that is to run makes an output as well, so it is refused also when its own files are no new ones.
            try db.checkBytes(of: new.owner, before: before, limits: new.limits, mayStay: !new.isSubmitted)
            if new.isSubmitted { try db.enqueue(&stored, activeLimit: new.limits.activeJobs, now: now) }
            return (stored.job, true)
        }
    }

    package func setInput(
        _ input: JobInput, of id: JobID, owner: OwnerID, limits: OwnerLimits, now: Date
    ) async throws -> (job: Job, replaced: BlobKey?) {
        try await write { db in
            var stored = try db.draft(id, owner: owner)
            let before = try db.heldBytes(of: owner)
            let replaced = stored.job.input(input.role)?.blob
            stored.job.inputs.removeAll { $0.role == input.role }
            stored.job.inputs.append(input)
            stored.touchedAt = now
            try db.saveDraft(stored)
            try db.saveBlobUses(stored)
            try db.checkBytes(of: owner, before: before, limits: limits, mayStay: true)
            try db.note(.uploaded, stored, at: now, message: uploaded(input))
            let isOver = try replaced.map { try !db.isUsed($0) } ?? false
            return (stored.job, isOver ? replaced : nil)
        }
    }

    package func setDescription(_ description: JobDescription, of id: JobID, owner: OwnerID, now: Date) async throws
        -> Job
    {
        try await write { db in
            var stored = try db.draft(id, owner: owner)
            stored.job.description = description
            stored.touchedAt = now
            try db.saveDraft(stored)
            return stored.job
        }
    }

    package func submit(
        _ id: JobID, owner: OwnerID, workEstimate: Double?, expiresAt: Date?, activeLimit: Int?, now: Date
    ) async throws -> Job {
        try await write { db in
            var stored = try db.get(id, owner: owner)
            switch stored.job.state {
            case .queued, .running, .completed, .failed: return stored.job
            case .canceled: throw MasqueError(.conflict, "Job \(id) was canceled, so it cannot be submitted.")
            case .draft: break
            }
            stored.job.workEstimate = workEstimate ?? stored.job.workEstimate
            stored.job.expiresAt = expiresAt ?? stored.job.expiresAt
            try db.enqueue(&stored, activeLimit: activeLimit, now: now)
            return stored.job
        }
    }

    package func cancel(_ id: JobID, owner: OwnerID?, now: Date) async throws -> Job {
        try await write { db in
            var stored = try db.get(id, owner: owner)
            switch stored.job.state {
            case .draft, .queued:
                stored.job.cancelRequested = true
                try db.finish(&stored, as: .canceled, at: now)
            case .running where !stored.job.cancelRequested:
                stored.job.cancelRequested = true
                try db.save(stored)
                try db.note(.cancelRequested, stored, at: now)
            case .running, .completed, .failed, .canceled: break
            }
            return stored.job
        }
    }

    package func delete(_ id: JobID, owner: OwnerID?) async throws -> [BlobKey] {
        try await write { db in
            let stored = try db.get(id, owner: owner)
            guard stored.job.state != .running else {
                throw MasqueError(
                    .conflict, "Job \(id) is running, so it cannot be deleted.",
                    advice: "Cancel it first and try again when it has stopped.")
            }
            try db.run("DELETE FROM job WHERE number = ?", [stored.number])
            let name = stored.job.owner.rawValue
            try db.run(
                """
                DELETE FROM turn WHERE owner = ? AND queued = 0 AND running = 0
                    AND NOT EXISTS (SELECT 1 FROM job WHERE owner = ?)
                """, [name, name])
            var seen: Set<BlobKey> = []
            return try stored.job.blobs.filter { try seen.insert($0).inserted && !db.isUsed($0) }
        }
    }
}

extension Database {
    /// Puts a draft in the queue.
    func enqueue(_ stored: inout StoredJob, activeLimit: Int?, now: Date) throws {
        if let activeLimit {
            let active = try activeCount(of: stored.job.owner)
            guard active < activeLimit else { throw tooManyActive(active) }
        }
        if let role = stored.job.missingInputs.first {
            throw MasqueError(
                .conflict, "Job \(stored.job.id) has no \(role.rawValue) yet, so it cannot be submitted.",
                advice: "Upload the \(role.rawValue) first.")
        }
        stored.job.state = .queued
        stored.job.queuedAt = now
        stored.job.availableAt = now
        stored.touchedAt = now
        // The event's number is the place, and a deliverable event shows the job as it is saved: so the place comes last.
        let place = try note(.queued, stored, at: now)
        stored.place = place
        stored.isReady = true
        try save(stored)
    }

    /// Ends a job for good.
    func finish(_ stored: inout StoredJob, as state: JobState, at now: Date, message: String? = nil) throws {
        stored.job.state = state
        stored.job.finishedAt = now
        stored.job.availableAt = nil
        stored.isReady = false
        stored.touchedAt = now
        stored.release()
        try save(stored)
        let kind: JobEvent.Kind =
            switch state {
            case .completed: .completed
            case .failed: .failed
            case .canceled, .draft, .queued, .running: .canceled
            }
        try note(kind, stored, at: now, message: message)
    }

    /// - Throws: `.notFound`, `.conflict` when it is no draft any more.
    fileprivate func draft(_ id: JobID, owner: OwnerID) throws -> StoredJob {
        let stored = try get(id, owner: owner)
        guard stored.job.state == .draft else {
            throw MasqueError(
                .conflict, "Job \(id) is \(stored.job.state.rawValue), so it cannot be changed any more.",
                advice: "Create another job.")
        }
        return stored
    }

    /// The job made under this key before.
    fileprivate func made(under idempotency: IdempotencyKey, owner: OwnerID) throws -> Job? {
        let found = try first(
            "SELECT fingerprint, job FROM idempotency WHERE owner = ? AND key = ?", [owner.rawValue, idempotency.key])
        guard var found else { return nil }
        guard try found.next(String.self) == idempotency.fingerprint else {
            throw MasqueError(
                .conflict, "The Idempotency-Key was used before for another request.",
                advice: "Send the same request again, or use a new key.")
        }
        return try get(number: found.next()).job
    }
}

private func uploaded(_ input: JobInput) -> String {
    "The \(input.role.rawValue) was uploaded (\(input.mediaType), \(input.byteCount) bytes)."
}
