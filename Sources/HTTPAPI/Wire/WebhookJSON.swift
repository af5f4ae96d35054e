// Subscriptions on the wire.

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

/// The events in the order in which a job goes through them.
private func inOrder(_ events: Set<WebhookEvent>) -> [String] {
    WebhookEvent.allCases.filter(events.contains).map(\.rawValue)
}
