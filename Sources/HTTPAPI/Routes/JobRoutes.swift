// Jobs: create, list, see, change, submit, cancel, run again, delete.

internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import Services
internal import Words

extension HTTPAPI {
    func addJobRoutes(to group: RouterGroup<APIContext>, client: ClientAddress) {
        group.post("jobs") { request, context in try await createJob(request, context) }
        group.get("jobs") { request, context in try await listJobs(request, context) }
        group.post("jobs/quick") { request, context in try await quickJob(request, context) }
        group.get("jobs/:job_id") { request, context in
            try await answer(jobs.job(try context.jobID(), owner: try context.visibleOwner()), to: request)
        }
        group.patch("jobs/:job_id") { request, context in
            let (id, owner) = (try context.jobID(), try context.owner())
            let change = try await JobChange(jsonFields(request))
            return try await answer(
                jobs.update(id, mode: change.mode, options: change.options, owner: owner), to: request)
        }
        group.delete("jobs/:job_id") { _, context in
            try await jobs.delete(try context.jobID(), owner: try context.visibleOwner())
            return Response(status: .noContent)
        }
        group.post("jobs/:job_id/submit") { request, context in
            let (id, owner) = (try context.jobID(), try context.owner())
            let wasDraft = try await jobs.job(id, owner: owner).state == .draft
            let job = try await jobs.submit(id, owner: owner)
            return try await answer(job, to: request, status: wasDraft ? .accepted : .ok, isNew: wasDraft)
        }
        group.post("jobs/:job_id/cancel") { request, context in
            let job = try await jobs.cancel(try context.jobID(), owner: try context.visibleOwner())
            let goesOn = job.state == .running
            return try await answer(job, to: request, status: goesOn ? .accepted : .ok, isNew: goesOn)
        }
        group.post("jobs/:job_id/rerun") { request, context in
            let (id, owner) = (try context.jobID(), try context.owner())
            let change = try await JobChange(jsonFields(request, isOptional: true))
            let key = try IdempotencyKey(request, [change.mode, change.options.map { try fingerprint($0) }])
            let made = try await jobs.rerun(
                id, mode: change.mode, options: change.options, owner: owner, idempotency: key)
            return try await answer(made.job, to: request, status: .accepted, isNew: true)
        }
        group.get("jobs/:job_id/history") { request, context in
            let job = try await jobs.job(try context.jobID(), owner: try context.visibleOwner())
            let events = try await jobs.store.events(of: job.id, after: 0, limit: 10_000)
            let voice = voice(for: request)
            return try jsonAnswer(
                HistoryJSON(events: events.map { HistoryEntryJSON($0, in: voice) }), language: voice.language)
        }
        group.get("modes") { request, _ in
            let voice = voice(for: request)
            return try jsonAnswer(await jobs.modes().map { ModeJSON($0, in: voice) }, language: voice.language)
        }
    }

    /// Says sentences in the language that the client likes best.
    func voice(for request: Request) -> Voice {
        Voice(words, .best(acceptLanguage: request.headers[.acceptLanguage]))
    }

    /// A job as the answer, with `Location` when it is new or goes on.
    func answer(
        _ job: Job, to request: Request, status: HTTPResponse.Status = .ok, isNew: Bool = false,
        headers: HTTPFields = [:], webhook: NewWebhook? = nil
    ) async throws -> Response {
        var headers = headers
        if isNew { headers[.location] = "/jobs/\(job.id.rawValue)" }
        let voice = voice(for: request)
        return try jsonAnswer(
            JobJSON(
                job, outlook: try await jobs.outlook(of: job), in: voice,
                webhook: try await subscription(webhook, of: job)),
            status: status, headers: headers, language: voice.language)
    }

    /// The subscription that came along with a job, secret included. Under the same Idempotency-Key it is that of the call
    /// before: whoever has lost the answer has lost the secret too.
    func subscription(_ asked: NewWebhook?, of job: Job) async throws -> Webhook? {
        guard let asked else { return nil }
        do {
            return try await jobs.store.webhooks(of: job.id, owner: job.owner).first { $0.url == asked.url }
        } catch let error as MasqueError where error.code == .notFound {
            return nil  // deleted meanwhile
        }
    }

    private func createJob(_ request: Request, _ context: APIContext) async throws -> Response {
        let owner = try context.owner()
        var fields = try await jsonFields(request)
        let mode = try fields.required("mode")
        let options = try fields.object("options").map(JobOptions.init) ?? JobOptions()
        let webhook = try newWebhook(
            url: try fields.string("webhook_url"), events: try fields.strings("webhook_events"))
        try fields.finish()
        try await jobs.checkRoom(byteCount: nil, limit: .max)
        let idempotency = try IdempotencyKey(
            request, [mode, fingerprint(options), webhook?.url, webhook.map { fingerprint($0.events) }])
        let made = try await jobs.create(
            mode: mode, options: options, owner: owner, idempotency: idempotency, webhook: webhook)
        return try await answer(made.job, to: request, status: .created, isNew: true, webhook: webhook)
    }

    private func listJobs(_ request: Request, _ context: APIContext) async throws -> Response {
        let parameters = QueryParameters(request)
        var query = JobQuery(owner: try context.owner())
        if try parameters.bool("all") == true {
            try context.caller().require(.admin)
            query.owner = nil
        }
        query.states = Set(try parameters.choices("status", of: JobState.self))
        query.lane = try parameters.choice("lane", of: Lane.self)
        query.mode = try parameters.text("mode", most: 64)
        query.limit = try parameters.int("limit", in: 1...200) ?? 50
        query.cursor = try parameters.text("cursor", most: 200)
        let page = try await jobs.jobs(query)
        var list: [JobJSON] = []
        list.reserveCapacity(page.jobs.count)
        let voice = voice(for: request)
        for job in page.jobs { list.append(JobJSON(job, outlook: try await jobs.outlook(of: job), in: voice)) }
        return try jsonAnswer(JobPageJSON(jobs: list, nextCursor: page.nextCursor), language: voice.language)
    }

    /// A subscription that comes with a job; all events unless some are named.
    func newWebhook(url: String?, events: [String]?) throws -> NewWebhook? {
        guard let url else {
            guard events == nil else {
                throw MasqueError(.badInput, "webhook_events came without webhook_url.", advice: "Send both.")
            }
            return nil
        }
        return NewWebhook(
            url: try checkedWebhook(url), events: try webhookEvents(events, name: "webhook_events"),
            secret: WebhookSigner.makeSecret())
    }
}

/// The body of a change or a rerun: schema `JobChange`.
private struct JobChange {
    let mode: String?
    let options: JobOptions?

    init(_ fields: ObjectReader) throws {
        var fields = fields
        mode = try fields.string("mode")
        options = try fields.object("options").map(JobOptions.init)
        try fields.finish()
    }
}
