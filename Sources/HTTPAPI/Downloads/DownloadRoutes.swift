// The calls of the model-downloads contract, and the queue behind them.

internal import Civitai
internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import NIOCore
internal import ServiceLifecycle
internal import Services
internal import Words

extension HTTPAPI {
    /// - Parameters:
    ///   - open: for the question whether the server is there.
    ///   - group: behind ``DownloadAccess``.
    func addDownloadRoutes(open: RouterGroup<APIContext>, to group: RouterGroup<APIContext>) {
        open.get("civitai/status") { _, _ in
            _ = try modelDownloads()
            return try jsonAnswer(DownloadStatusJSON())
        }
        group.post("civitai/download") { request, _ in try await download(request) }
        group.post("civitai/webhook/set") { request, _ in try await setDownloadWebhook(request) }
        group.get("civitai/downloads") { request, _ in
            let query = QueryParameters(request)
            let states = try query.choices("status", of: DownloadRecord.State.self)
            let limit = try query.int("limit", in: 1...200) ?? 50
            let list = try await modelDownloads().queue.list(states: states.isEmpty ? nil : Set(states), limit: limit)
            let voice = voice(for: request)
            return try jsonAnswer(
                DownloadsJSON(downloads: list.map { DownloadSummary($0, say: voice.say) }), language: voice.language)
        }
        group.get("civitai/downloads/:download_id") { request, context in
            let voice = voice(for: request)
            return try jsonAnswer(
                DownloadSummary(try await downloadRecord(context), say: voice.say), language: voice.language)
        }
        group.post("civitai/downloads/:download_id/cancel") { request, context in
            let voice = voice(for: request)
            let record = try await downloadRecord(context)
            guard let canceled = try await modelDownloads().queue.cancel(record.id) else { throw Self.noDownload }
            return try jsonAnswer(DownloadSummary(canceled, say: voice.say), language: voice.language)
        }
        group.get("civitai/downloads/:download_id/events") { request, context in
            let record = try await downloadRecord(context)
            let changes = try await modelDownloads().queue.changes(of: record.id)
            let events = DownloadEvents(changes: changes, voice: voice(for: request))
            return ServerSentEvents.response(to: request, keepAlive: keepAlive, events: events)
        }
    }

    /// - Throws: `.unavailable` where the executable wired none.
    func modelDownloads() throws -> ModelDownloads {
        guard let downloads else {
            throw MasqueError(.unavailable, "This server does not download models.")
        }
        return downloads
    }

    private static var noDownload: MasqueError {
        MasqueError(.notFound, "There is no such download.", advice: "See GET /civitai/downloads.")
    }

    private func downloadRecord(_ context: APIContext) async throws -> DownloadRecord {
        let id = try context.name("download_id", of: "download")
        guard let record = await (try modelDownloads()).queue.record(id) else { throw Self.noDownload }
        return record
    }

    private func download(_ request: Request) async throws -> Response {
        let (downloads, voice) = (try modelDownloads(), voice(for: request))
        var fields = try await jsonFields(request)
        let text = try fields.required("url")
        let key = Secret(try fields.string("api_key"))
        let waits = try fields.bool("wait") ?? true
        let (type, format) = (try fields.string("type"), try fields.string("format"))
        let (size, fp) = (try fields.string("size"), try fields.string("fp"))
        let file = try fields.int("file_id")
        try fields.finish()
        if let key, !key.isPlain {
            throw MasqueError(.badInput, "The api_key has characters that no key has.", advice: "Copy it again.")
        }
        let record: DownloadRecord
        do {
            var link = try CivitaiLink(text, host: downloads.host)
            if let type { link.wish.type = try FileWish.checked(type, name: "type") }
            if let format { link.wish.format = try FileWish.checked(format, name: "format") }
            if let size { link.wish.size = try FileWish.checked(size, name: "size") }
            if let fp { link.wish.fp = try FileWish.checked(fp, name: "fp") }
            if let file { link.wish.file = file }
            record = try await downloads.queue.add(link, key: key ?? link.key)
        } catch let failure as DownloadFailure {
            throw answer(to: failure)
        }
        let preference = Preference(request.headers[values: .prefer])
        var headers = HTTPFields()
        headers[.preferenceApplied] = preference?.text
        if !waits || preference == .respondAsync {
            headers[.location] = "/civitai/downloads/\(record.id)"
            return try jsonAnswer(
                DownloadAcceptedJSON(record, message: voice.say("The download is queued.")), status: .accepted,
                headers: headers, language: voice.language)
        }
        let limit = preference?.wait.map { min($0, downloads.wait) } ?? downloads.wait
        let start = ContinuousClock.now
        let ended = await cancelWhenGracefulShutdown { await downloads.queue.ended(record.id, within: limit) }
        guard let ended else {
            if ContinuousClock.now - start < limit {
                throw MasqueError(
                    .unavailable, "The server is shutting down.", advice: "The download goes on when it is back.")
            }
            if preference?.wait != nil, limit < downloads.wait {
                headers[.location] = "/civitai/downloads/\(record.id)"
                return try jsonAnswer(
                    DownloadAcceptedJSON(record, message: voice.say("The download goes on.")), status: .accepted,
                    headers: headers, language: voice.language)
            }
            throw answer(
                to: DownloadFailure(
                    .tooSlow, "The download took longer than \(limit.components.seconds) seconds; it goes on.",
                    advice: "Ask GET /civitai/downloads/\(record.id) how far it is, or ask for it again later."))
        }
        guard let model = ended.result else {
            throw answer(to: ended.failure ?? DownloadFailure(.failed, "The download failed."))
        }
        return try jsonAnswer(DownloadedJSON(model, download: record.id), headers: headers)
    }

    /// A failure with the status of the contract.
    private func answer(to failure: DownloadFailure) -> AnsweredError {
        var headers = HTTPFields()
        headers[.retryAfter] = failure.retryAfter.map { "\($0)" }
        return AnsweredError(failure.error, status: .init(code: failure.status), headers: headers)
    }

    private func setDownloadWebhook(_ request: Request) async throws -> Response {
        let (downloads, voice) = (try modelDownloads(), voice(for: request))
        var fields = try await jsonFields(request)
        let url = try fields.string("webhook_url")
        try fields.finish()
        guard let url, !url.isEmpty else {
            try await downloads.queue.setWebhook(url: nil, secret: "")
            return try jsonAnswer(
                DownloadWebhookJSON(
                    message: voice.say("No webhook is called any more."), webhookURL: nil, secret: nil),
                language: voice.language)
        }
        let secret = WebhookSigner.makeSecret()
        try await downloads.queue.setWebhook(url: try checkedWebhook(url), secret: secret)
        return try jsonAnswer(
            DownloadWebhookJSON(
                message: voice.say("The webhook is called when a download ends; the secret is shown this once."),
                webhookURL: url, secret: secret), language: voice.language)
    }
}

extension Principal {
    /// Who shows the token of downloads, and may do nothing else with it.
    static let downloader = Principal(
        owner: .init(rawValue: "downloader"), scopes: [], kind: .token, id: "token:downloader")
}

/// A download's states as events, and `end` after the final one.
private struct DownloadEvents: AsyncSequence, Sendable {
    typealias Element = ServerSentEvent
    typealias Failure = any Error

    let changes: AsyncStream<DownloadRecord>
    let voice: Voice

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(changes: changes.makeAsyncIterator(), voice: voice) }

    struct AsyncIterator: AsyncIteratorProtocol {
        var changes: AsyncStream<DownloadRecord>.AsyncIterator
        let voice: Voice
        var last: DownloadRecord?
        var isOver = false

        mutating func next() async throws -> ServerSentEvent? { try await next(isolation: nil) }

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> ServerSentEvent? {
            guard !isOver else { return nil }
            guard let record = await changes.next(isolation: actor) else {
                isOver = true
                guard let last, last.state.isFinal else { return nil }
                return ServerSentEvent(event: "end", data: try text(last))
            }
            let isNew = record.state != last?.state
            last = record
            return ServerSentEvent(event: isNew ? "status" : "progress", data: try text(record))
        }

        private func text(_ record: DownloadRecord) throws -> String {
            String(buffer: try jsonBytes(DownloadSummary(record, say: voice.say)))
        }
    }
}
