// Reads what a client asks for when it subscribes to a job.

internal import Errors
package import JobQueue

extension SSRFGuard {
    /// A subscription with a new secret of its own, checked as far as it can be without a look-up.
    /// - Parameter events: names with or without `job.` before them; nil or empty: every event.
    /// - Throws: ``MasqueError`` `.badInput` for a URL that is refused or an unknown event.
    package func newWebhook(url: String, events names: [String]?) throws -> NewWebhook {
        try check(url)
        let events = try (names ?? []).map { name in
            guard let event = WebhookEvent(rawValue: name.hasPrefix("job.") ? String(name.dropFirst(4)) : name) else {
                let all = WebhookEvent.allCases.map(\.rawValue).joined(separator: ", ")
                throw MasqueError(
                    .badInput, "There is no webhook event “\(name.prefix(40))”.", advice: "Events are \(all).")
            }
            return event
        }
        return NewWebhook(
            url: url, events: events.isEmpty ? Set(WebhookEvent.allCases) : Set(events),
            secret: WebhookSigner.makeSecret())
    }
}
