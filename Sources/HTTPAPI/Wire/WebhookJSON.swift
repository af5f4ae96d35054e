// Subscriptions on the wire, and what a subscriber's server receives.

internal import JobQueue

/// Schema `CreatedWebhook`.
struct CreatedWebhookJSON: Encodable, Sendable {
    let id: String
    let url: String
    let events: [String]
    let secret: String

    init(_ webhook: Webhook) {
        id = webhook.id
        url = webhook.url
        events = inOrder(webhook.events)
        secret = webhook.secret
    }
}

/// Schema `WebhookSummary`.
struct WebhookSummaryJSON: Encodable, Sendable {
    let id: String
    let url: String
    let events: [String]
    let disabled: Bool

    init(_ webhook: Webhook) {
        id = webhook.id
        url = webhook.url
        events = inOrder(webhook.events)
        disabled = webhook.isDisabled
    }
}

/// Schema `Webhooks`.
struct WebhooksJSON: Encodable, Sendable {
    let webhooks: [WebhookSummaryJSON]
}

/// Schema `WebhookCall`.
struct WebhookCallJSON: Encodable, Sendable {
    let type: String
    let timestamp: Timestamp
    let event: String
    let jobID: String
    let status: JobState
    let data: JobJSON

    enum CodingKeys: String, CodingKey {
        case type, timestamp, event
        case jobID = "job_id"
        case status, data
    }

    init(_ delivery: Delivery) {
        type = "job.\(delivery.event.rawValue)"
        timestamp = Timestamp(delivery.at)
        event = delivery.event.rawValue
        jobID = delivery.job.id.rawValue
        status = delivery.job.state
        // A delivery may be repeated hours later: where the job stands in the queue then is not part of what happened.
        data = JobJSON(delivery.job, outlook: nil)
    }
}

/// The events in the order in which a job goes through them.
private func inOrder(_ events: Set<WebhookEvent>) -> [String] {
    WebhookEvent.allCases.filter(events.contains).map(\.rawValue)
}
