// Lines of a job's history, and the deliveries to webhooks that are made with them.

internal import Foundation
internal import GRDB
internal import JobQueue

extension Database {
    /// Adds an event that tells the job's present state, and the deliveries to those who subscribed to it: once per
    /// subscription and kind, whatever happens to the job later. Call it after the row is saved.
    @discardableResult
    func note(_ kind: JobEvent.Kind, _ stored: StoredJob, at now: Date, message: String? = nil) throws -> Int64 {
        let job = stored.job
        if kind == .progress {
            // The newest line per attempt and stage tells it all.
            try run(
                "DELETE FROM event WHERE job = ? AND kind = 'progress' AND attempts = ? AND stage = ?",
                [stored.number, job.attempts, job.stage])
        }
        try run(
            """
            INSERT INTO event (job, kind, at, state, stage, progress, attempts, message) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                stored.number, kind.rawValue, now.microseconds, job.state.rawValue, job.stage, job.progress,
                job.attempts, message,
            ])
        let number = lastInsertedRowID
        if let event = kind.webhookEvent { try deliver(event, stored, at: now) }
        return number
    }

    private func deliver(_ event: WebhookEvent, _ stored: StoredJob, at now: Date) throws {
        let hooks = try all("SELECT number, events FROM webhook WHERE job = ? AND disabled = 0", [stored.number])
        for var hook in hooks {
            let number: Int64 = try hook.next()
            guard try hook.json(Set<WebhookEvent>.self).contains(event) else { continue }
            try addDelivery(event, to: number, job: stored.job, at: now, dueAt: now)
        }
    }

    func addDelivery(_ event: WebhookEvent, to webhook: Int64, job: Job, at: Date, dueAt: Date) throws {
        try run(
            """
            INSERT INTO delivery (id, webhook, event, job, at, state, next_attempt_at, due_at)
            VALUES (?, ?, ?, ?, ?, 'pending', ?, ?) ON CONFLICT (webhook, event) DO NOTHING
            """,
            [
                newName("msg_"), webhook, event.rawValue, try jsonText(job), at.microseconds, dueAt.microseconds,
                dueAt.microseconds,
            ])
    }
}

extension JobEvent.Kind {
    /// What subscribers are told of it.
    var webhookEvent: WebhookEvent? {
        switch self {
        case .queued: .queued
        case .running: .running
        case .completed: .completed
        case .failed: .failed
        case .canceled: .canceled
        case .created, .uploaded, .progress, .retrying, .cancelRequested: nil
        }
    }
}

/// An event with its job's name, as `event JOIN job` yields it.
func jobEvent(_ row: Columns) throws -> JobEvent {
    var row = row
    return JobEvent(
        number: try row.next(), job: JobID(rawValue: try row.next()), kind: try row.word(), at: try row.date(),
        state: try row.word(), stage: try row.next(), progress: try row.next(), attempts: try row.next(),
        message: try row.optional())
}
