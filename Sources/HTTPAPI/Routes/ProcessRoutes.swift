// The process contract: files in, a finished file out, within one request or later.

internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import Logging
internal import ServiceLifecycle
internal import Services
internal import Words
internal import WorkerProtocol

internal import struct Foundation.Data
internal import class Foundation.JSONDecoder

extension HTTPAPI {
    func addProcessRoutes(to group: RouterGroup<APIContext>) {
        group.get("processors") { request, _ in
            let voice = voice(for: request)
            let list = await jobs.processors()
            let names = list.isEmpty ? ProcessRequest.processorNames : list.map(\.name)
            return try jsonAnswer(
                names.map { name in
                    let ability = list.first { $0.name == name }
                    let reason = ability == nil ? "No media process has started yet." : ability?.reason
                    return ProcessorJSON(
                        name: name, available: ability?.available ?? false, reason: reason.map(voice.say),
                        models: ability.flatMap { $0.models.isEmpty ? nil : $0.models })
                }, language: voice.language)
        }
        group.post("process/image") { request, context in try await process(.image, request, context) }
        group.post("process/video") { request, context in try await process(.video, request, context) }
        // Also below the folder that an `output_path` begins with, so that it can be appended as it is.
        for folder in ["", "\(JobService.processFolder)/"] {
            group.get("download/\(folder):filename") { request, context in try await download(request, context) }
            group.delete("output/\(folder):filename") { _, context in
                let owner = try context.owner()
                let name = context.parameters.get("filename") ?? ""
                let job = try await jobs.processJob(outputName: name, owner: owner)
                try await jobs.delete(job.id, owner: owner)
                return try jsonAnswer(DeletedJSON(filename: name))
            }
        }
    }

    private func download(_ request: Request, _ context: APIContext) async throws -> Response {
        let owner = try context.owner()
        let cleans = try QueryParameters(request).bool("cleanup") ?? false
        if cleans { try context.caller().require(.write) }
        let job = try await jobs.processJob(outputName: context.parameters.get("filename") ?? "", owner: owner)
        let file = try await jobs.result(of: job.id, owner: owner)
        let logger = context.logger
        let cleanUp: @Sendable () async -> Void = {
            do {
                try await jobs.delete(job.id, owner: owner)
            } catch {
                logger.warning("A sent output could not be deleted.", metadata: ["error": "\(error)"])
            }
        }
        return try await send(file, disposition: .attachment, request, whenSent: cleans ? cleanUp : nil)
    }

    private func process(_ lane: Lane, _ request: Request, _ context: APIContext) async throws -> Response {
        let owner = try context.owner()
        let voice = voice(for: request)
        let preference = Preference(request.headers[values: .prefer])
        let limit = jobs.rules.maxProcessBytes
        let form = try await receiveForm(
            request, files: ["source": min(limit, jobs.rules.maxPictureBytes), "target": limit],
            several: ["source"], fields: ["request"], owner: owner)
        let job: Job
        let webhook: NewWebhook?
        do {
            let target = try form.file("target")
            let text = form.fields["request"] ?? ""
            let choices = try processRequest(text)
            webhook = try newWebhook(url: choices.webhookURL, events: nil)
            let sources = form.files("source")
            // A call without a source has an empty place for it.
            let digests = sources.isEmpty ? [nil] : sources.map { Optional($0.sha256) }
            let key = try IdempotencyKey(request, digests + [target.sha256, text])
            job = try await jobs.startProcess(
                choices, lane: lane, sources: sources, target: target, owner: owner, idempotency: key, webhook: webhook
            ).job
        } catch {
            jobs.discard(form.allFiles)
            throw form.explained(error)
        }
        var headers = HTTPFields()
        headers[.preferenceApplied] = preference?.text
        if preference == .respondAsync {
            return try await answer(
                job, to: request, status: .accepted, isNew: true, headers: headers, webhook: webhook)
        }
        guard let done = try await finished(job, within: preference?.wait.map { min($0, longestWait) } ?? longestWait)
        else {
            let job = try await jobs.job(job.id, owner: owner)
            return try await answer(
                job, to: request, status: .accepted, isNew: true, headers: headers, webhook: webhook)
        }
        guard done.state == .completed, let path = jobs.outputPath(of: done) else { throw failure(of: done) }
        let subscription = try await subscription(webhook, of: done)
        return try jsonAnswer(
            ProcessedJSON(
                jobID: done.id.rawValue, status: .completed, outputPath: path,
                downloadURL: "/download/\(path.split(separator: "/").last ?? "")",
                notes: (done.output?.notes ?? []).map(voice.say),
                webhook: subscription.map(CreatedWebhookJSON.init)), headers: headers, language: voice.language)
    }

    /// The ended job; nil when it has not ended in time or the server shuts down (the job goes on after the restart).
    private func finished(_ job: Job, within time: Duration) async throws -> Job? {
        if job.state.isFinal { return job }
        return try await cancelWhenGracefulShutdown {
            do {
                return try await jobs.wait(for: job.id, within: time)
            } catch is CancellationError {
                return nil
            }
        }
    }

    private func processRequest(_ text: String) throws -> ProcessRequest {
        guard !text.isEmpty else { return ProcessRequest() }
        guard case .object = try JSONValue(parsing: text.utf8, what: "The field request") else {
            throw MasqueError(.badInput, "The field request must be a JSON object.")
        }
        do {
            return try JSONDecoder().decode(ProcessRequest.self, from: Data(text.utf8))
        } catch let error as DecodingError {
            throw MasqueError(
                .badInput, "The field request has a wrong value\(place(of: error)).",
                advice: "See ProcessRequest at /docs for the kinds and ranges of its fields.", cause: error)
        }
    }

    private func failure(of job: Job) -> MasqueError {
        guard let failure = job.failure else {
            return MasqueError(.conflict, "The job \(job.id) was canceled before it was done.")
        }
        return MasqueError(MasqueError.Code.named(failure.code), failure.message, advice: failure.advice)
    }
}

/// Where in a document a value was wrong.
private func place(of error: DecodingError) -> String {
    let path =
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context.codingPath
        @unknown default: [any CodingKey]()
        }
    return path.isEmpty ? "" : " in \(path.map(\.stringValue).joined(separator: "."))"
}

/// What the Prefer header (RFC 7240) asks of a process call.
enum Preference: Hashable, Sendable {
    case respondAsync
    case wait(seconds: Int)

    /// - Parameter headers: all Prefer headers. `respond-async` with `wait=N` waits N seconds, as the RFC suggests.
    init?(_ headers: [String]) {
        let all = headers.flatMap { $0.split(separator: ",") }.map { preference in
            preference.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" && $0 != "\"" }.lowercased()
        }
        let waits = all.compactMap { $0.hasPrefix("wait=") ? Int($0.dropFirst(5)) : nil }
        if let seconds = waits.first, seconds >= 0 {
            self = .wait(seconds: min(seconds, 86_400))
        } else if all.contains("respond-async") {
            self = .respondAsync
        } else {
            return nil
        }
    }

    /// As Preference-Applied says it.
    var text: String {
        switch self {
        case .respondAsync: "respond-async"
        case .wait(let seconds): "wait=\(seconds)"
        }
    }

    var wait: Duration? {
        if case .wait(let seconds) = self { .seconds(seconds) } else { nil }
    }
}

extension MasqueError.Code {
    /// The code of a name as jobs keep it; `failed` for one that this version does not know.
    static func named(_ name: String) -> MasqueError.Code {
        let all: [MasqueError.Code] = [
            .badInput, .unsupportedMedia, .tooLarge, .noFace, .refusedContent, .missingModel, .damagedModel, .overLimit,
            .outOfSpace, .unavailable,
        ]
        return all.first { $0.description == name } ?? .failed
    }
}
