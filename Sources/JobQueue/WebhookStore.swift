// Webhooks: who wants to hear of a job, and the deliveries that are made in the same transaction as the event.

package import struct Foundation.Date

/// The events a client may subscribe to.
package enum WebhookEvent: String, Sendable, Codable, CaseIterable {
    case queued, running, completed, failed, canceled
}

/// A subscription to be made.
package struct NewWebhook: Sendable, Hashable {
    package var url: String
    package var events: Set<WebhookEvent>
    /// `whsec_` and base64 of 24…64 random bytes (Standard Webhooks); signs every delivery.
    package var secret: String
    package init(url: String, events: Set<WebhookEvent>, secret: String) {
        self.url = url
        self.events = events
        self.secret = secret
    }
}

/// A subscription.
package struct Webhook: Sendable, Hashable {
    package let id: String
    package let job: JobID
    package let url: String
    package let events: Set<WebhookEvent>
    package let secret: String
    /// The target answered 410 Gone, or an administrator turned it off.
    package let isDisabled: Bool
    package init(id: String, job: JobID, url: String, events: Set<WebhookEvent>, secret: String, isDisabled: Bool) {
        self.id = id
        self.job = job
        self.url = url
        self.events = events
        self.secret = secret
        self.isDisabled = isDisabled
    }
}

/// One event on its way to one subscriber.
package struct Delivery: Sendable, Hashable {
    package enum State: String, Sendable, Codable, CaseIterable { case pending, delivered, dead }
    /// The `webhook-id` header: the same for every attempt, for the receiver to recognise repeats.
    package let id: String
    package let webhook: Webhook
    package let event: WebhookEvent
    /// The job as it was at the event: what the payload is made from.
    package let job: Job
    package let at: Date
    package let state: State
    package let attempts: Int
    package let nextAttemptAt: Date?
    /// What the last attempt met, as a sentence.
    package let lastError: String?
    package init(
        id: String, webhook: Webhook, event: WebhookEvent, job: Job, at: Date, state: State, attempts: Int,
        nextAttemptAt: Date?, lastError: String?
    ) {
        self.id = id
        self.webhook = webhook
        self.event = event
        self.job = job
        self.at = at
        self.state = state
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.lastError = lastError
    }
}

/// What became of an attempt to deliver.
package enum DeliveryOutcome: Sendable, Hashable {
    case delivered
    case retry(at: Date, error: String)
    case dead(error: String)
    /// 410: dead, and nothing more goes to this subscription.
    case gone(error: String)
}

/// Subscriptions and deliveries; kept by the same store as the jobs, because a state change and its deliveries are one
/// transaction.
package protocol WebhookStore: Sendable {
    /// Subscribes; an event that has happened already (e.g. the job is `completed`) is delivered once, too.
    /// - Throws: `.notFound`; `.conflict` when the job has 10 subscriptions.
    func subscribe(_ webhook: NewWebhook, to job: JobID, owner: OwnerID, now: Date) async throws -> Webhook
    func webhooks(of job: JobID, owner: OwnerID) async throws -> [Webhook]
    func unsubscribe(_ id: String, from job: JobID, owner: OwnerID) async throws
    /// Deliveries that are due, oldest first, each lent until `leaseUntil`: a server killed in between sends it again.
    func claimDeliveries(limit: Int, leaseUntil: Date, now: Date) async throws -> [Delivery]
    func record(_ outcome: DeliveryOutcome, of delivery: String, now: Date) async throws
    func deliveries(state: Delivery.State?, job: JobID?, limit: Int) async throws -> [Delivery]
    /// Sends a delivery again, under the same id; nil when there is none such.
    func replay(_ delivery: String, now: Date) async throws -> Delivery?
}
