// Subscriptions to a job's events.

internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import Services

extension HTTPAPI {
    func addWebhookRoutes(to group: RouterGroup<APIContext>) {
        group.post("jobs/:job_id/webhook") { request, context in
            let (id, owner) = (try context.jobID(), try context.owner())
            _ = try await jobs.job(id, owner: owner)
            var fields = try await jsonFields(request)
            let url = try checkedWebhook(try fields.required("url"))
            let events = try webhookEvents(try fields.strings("events"), name: "events")
            try fields.finish()
            let new = NewWebhook(url: url, events: events, secret: WebhookSigner.makeSecret())
            let webhook = try await jobs.store.subscribe(new, to: id, owner: owner, now: jobs.now())
            jobs.onChange()
            return try jsonAnswer(
                CreatedWebhookJSON(webhook), status: .created,
                headers: [.location: "/jobs/\(id.rawValue)/webhooks/\(webhook.id)"])
        }
        group.get("jobs/:job_id/webhooks") { _, context in
            let (id, owner) = (try context.jobID(), try context.owner())
            _ = try await jobs.job(id, owner: owner)
            let list = try await jobs.store.webhooks(of: id, owner: owner)
            return try jsonAnswer(WebhooksJSON(webhooks: list.map(WebhookSummaryJSON.init)))
        }
        group.delete("jobs/:job_id/webhooks/:webhook_id") { _, context in
            let (id, owner) = (try context.jobID(), try context.owner())
            let webhook = try context.name("webhook_id", of: "subscription")
            try await jobs.store.unsubscribe(webhook, from: id, owner: owner)
            return Response(status: .noContent)
        }
    }

    /// - Throws: `.badInput` for an address that webhooks may not go to.
    func checkedWebhook(_ url: String) throws -> String {
        try webhookTargets.check(url)
        return url
    }

    /// The events named; all when none are.
    func webhookEvents(_ names: [String]?, name: String) throws -> Set<WebhookEvent> {
        guard let names else { return Set(WebhookEvent.allCases) }
        let all = WebhookEvent.allCases.map(\.rawValue).joined(separator: ", ")
        guard !names.isEmpty else {
            throw MasqueError(.badInput, "The field \(name) is empty.", advice: "Events are \(all).")
        }
        return Set(
            try names.map { text in
                guard let event = WebhookEvent(rawValue: text) else {
                    throw MasqueError(
                        .badInput, "There is no event “\(text.prefix(40))”.", advice: "Events are \(all).")
                }
                return event
            })
    }
}
