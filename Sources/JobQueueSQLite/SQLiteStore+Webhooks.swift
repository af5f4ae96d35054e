// Webhooks: who subscribed, and what is on its way to them.

internal import Errors
internal import GRDB
package import JobQueue

package import struct Foundation.Date

extension SQLiteStore: WebhookStore {
    package func subscribe(_ webhook: NewWebhook, to job: JobID, owner: OwnerID, now: Date) async throws -> Webhook {
        try await write { db in
            let stored = try db.get(job, owner: owner)
            var count = try db.first("SELECT count(*) FROM webhook WHERE job = ?", [stored.number])
            guard try (count?.next() ?? 0) < 10 else {
                throw MasqueError(
                    .conflict, "Job \(job) has 10 webhooks already.", advice: "Delete one of them first.")
            }
            return try db.addWebhook(webhook, to: stored, now: now)
        }
    }

    package func webhooks(of job: JobID, owner: OwnerID) async throws -> [Webhook] {
        try await read { db in
            let stored = try db.get(job, owner: owner)
            return try db.all(
                """
                SELECT \(webhookColumns), job.id FROM webhook JOIN job ON job.number = webhook.job
                    WHERE webhook.job = ? ORDER BY webhook.number
                """, [stored.number]
            ).map { row in
                var row = row
                return try webhook(&row)
            }
        }
    }

    package func unsubscribe(_ id: String, from job: JobID, owner: OwnerID) async throws {
        try await write { db in
            let stored = try db.get(job, owner: owner)
            try db.run("DELETE FROM webhook WHERE id = ? AND job = ?", [id, stored.number])
            guard db.changesCount > 0 else {
                throw MasqueError(.notFound, "Job \(job) has no webhook \(id.prefix(64)).")
            }
        }
    }

    package func claimDeliveries(limit: Int, leaseUntil: Date, now: Date) async throws -> [Delivery] {
        try await write { db in
            let rows = try db.all(
                """
                \(deliveryColumns) FROM delivery INDEXED BY delivery_due \(deliveryJoins)
                    WHERE delivery.state = 'pending' AND due_at <= ? ORDER BY due_at, delivery.number LIMIT ?
                """, [now.microseconds, max(0, limit)])
            return try rows.map { row in
                let delivery = try delivery(row)
                try db.run("UPDATE delivery SET due_at = ? WHERE id = ?", [leaseUntil.microseconds, delivery.id])
                return delivery
            }
        }
    }

    /// Counts the attempt. What was delivered stays so, whatever a second server says later.
    package func record(_ outcome: DeliveryOutcome, of delivery: String, now: Date) async throws {
        try await write { db in
            func set(_ state: Delivery.State, next: Date?, error: String?) throws {
                try db.run(
                    """
                    UPDATE delivery SET state = ?, attempts = attempts + 1, next_attempt_at = ?, due_at = ?,
                        last_error = ? WHERE id = ? AND state <> 'delivered'
                    """,
                    [
                        state.rawValue, next?.microseconds, next?.microseconds, error.map { String($0.prefix(1000)) },
                        delivery,
                    ])
            }
            switch outcome {
            case .delivered: try set(.delivered, next: nil, error: nil)
            case .retry(let at, let error): try set(.pending, next: at, error: error)
            case .dead(let error): try set(.dead, next: nil, error: error)
            case .gone(let error):
                try set(.dead, next: nil, error: error)
                guard var row = try db.first("SELECT webhook FROM delivery WHERE id = ?", [delivery]) else { return }
                let webhook: Int64 = try row.next()
                try db.run("UPDATE webhook SET disabled = 1 WHERE number = ?", [webhook])
                try db.run(
                    """
                    UPDATE delivery SET state = 'dead', next_attempt_at = NULL, due_at = NULL, last_error = ?
                        WHERE webhook = ? AND state = 'pending'
                    """, [String(error.prefix(1000)), webhook])
            }
        }
    }

    /// Newest first.
    package func deliveries(state: Delivery.State?, job: JobID?, limit: Int) async throws -> [Delivery] {
        try await read { db in
            try db.all(
                """
                \(selectDeliveries) WHERE (?1 IS NULL OR delivery.state = ?1) AND (?2 IS NULL OR job.id = ?2)
                    ORDER BY delivery.number DESC LIMIT ?3
                """, [state?.rawValue, job?.rawValue, max(0, limit)]
            ).map(delivery)
        }
    }

    /// Also what was delivered or went to a disabled subscription: somebody asks for it.
    package func replay(_ delivery: String, now: Date) async throws -> Delivery? {
        try await write { db in
            try db.run(
                """
                UPDATE delivery SET state = 'pending', attempts = 0, next_attempt_at = ?1, due_at = ?1, last_error = NULL
                    WHERE id = ?2
                """, [now.microseconds, delivery])
            return try db.first("\(selectDeliveries) WHERE delivery.id = ?", [delivery]).map(JobQueueSQLite.delivery)
        }
    }
}

extension Database {
    /// Subscribes, and makes the deliveries of what has happened already, each with the job as it was then.
    @discardableResult
    func addWebhook(_ new: NewWebhook, to stored: StoredJob, now: Date) throws -> Webhook {
        let id = newName("wh_")
        try run(
            "INSERT INTO webhook (id, job, url, events, secret) VALUES (?, ?, ?, ?, ?)",
            [id, stored.number, new.url, try jsonText(new.events.sorted { $0.rawValue < $1.rawValue }), new.secret])
        let number = lastInsertedRowID
        let past = try all(
            """
            SELECT event.number, job.id, kind, at, event.state, event.stage, event.progress, event.attempts, message
                FROM event JOIN job ON job.number = event.job WHERE event.job = ? ORDER BY event.number
            """, [stored.number])
        for event in try past.map(jobEvent) {
            guard let kind = event.kind.webhookEvent, new.events.contains(kind) else { continue }
            var job = stored.job
            job.state = event.state
            job.stage = event.stage
            job.progress = event.progress
            job.attempts = event.attempts
            if !event.state.isFinal {
                job.output = nil
                job.failure = nil
                job.finishedAt = nil
            }
            try addDelivery(kind, to: number, job: job, at: event.at, dueAt: now)
        }
        return Webhook(
            id: id, job: stored.job.id, url: new.url, events: new.events, secret: new.secret, isDisabled: false)
    }
}

private let webhookColumns = "webhook.id, webhook.url, webhook.events, webhook.secret, webhook.disabled"

private let deliveryColumns = """
    SELECT delivery.id, delivery.event, delivery.job, delivery.at, delivery.state, delivery.attempts,
        delivery.next_attempt_at, delivery.last_error, \(webhookColumns), job.id
    """

private let deliveryJoins = """
    JOIN webhook ON webhook.number = delivery.webhook JOIN job ON job.number = webhook.job
    """

private let selectDeliveries = "\(deliveryColumns) FROM delivery \(deliveryJoins)"

private func webhook(_ row: inout Columns) throws -> Webhook {
    let id: String = try row.next()
    let url: String = try row.next()
    let events: Set<WebhookEvent> = try row.json()
    let secret: String = try row.next()
    let isDisabled: Bool = try row.next()
    return Webhook(
        id: id, job: JobID(rawValue: try row.next()), url: url, events: events, secret: secret, isDisabled: isDisabled)
}

private func delivery(_ row: Columns) throws -> Delivery {
    var row = row
    let id: String = try row.next()
    let event: WebhookEvent = try row.word()
    let job: Job = try row.json()
    let at = try row.date()
    let state: Delivery.State = try row.word()
    let attempts: Int = try row.next()
    let next = try row.optionalDate()
    let lastError: String? = try row.optional()
    return Delivery(
        id: id, webhook: try webhook(&row), event: event, job: job, at: at, state: state, attempts: attempts,
        nextAttemptAt: next, lastError: lastError)
}
