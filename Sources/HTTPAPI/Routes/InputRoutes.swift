// Files into jobs: upload source and target, quick jobs, and looking at the faces of an input.

internal import Errors
internal import Files
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import Services
internal import WorkerProtocol

internal import struct Foundation.Data

extension HTTPAPI {
    func addInputRoutes(to group: RouterGroup<APIContext>) {
        group.post("jobs/:job_id/source") { request, context in try await upload(.source, request, context) }
        group.post("jobs/:job_id/target") { request, context in try await upload(.target, request, context) }
        group.get("jobs/:job_id/inputs/:role") { request, context in
            let file = try await jobs.inputFile(
                try context.role(), of: try context.jobID(), owner: try context.owner())
            return try await send(file, disposition: .inline, request)
        }
        group.get("jobs/:job_id/inputs/:role/faces") { request, context in try await faces(request, context) }
    }

    private func upload(_ role: InputRole, _ request: Request, _ context: APIContext) async throws -> Response {
        let (id, owner) = (try context.jobID(), try context.owner())
        let job = try await jobs.job(id, owner: owner)
        guard job.state == .draft else {
            throw MasqueError(
                .conflict, "The job is \(job.state.rawValue); files can be sent only before it is submitted.",
                advice: "Run it again with POST /jobs/\(id)/rerun, or make a new job.")
        }
        let limit = jobs.uploadLimit(role: role, lane: job.description.lane)
        let file = try await receiveInput(
            request, role: role, limit: limit, owner: owner, replaced: job.input(role)?.byteCount ?? 0)
        return try await answer(jobs.accept(file, as: role, of: id, owner: owner), to: request)
    }

    func quickJob(_ request: Request, _ context: APIContext) async throws -> Response {
        let owner = try context.owner()
        let rules = jobs.rules
        let form = try await receiveForm(
            request,
            files: [
                "source": rules.maxPictureBytes, "target": max(rules.maxPictureBytes, rules.maxJobVideoBytes),
            ],
            fields: ["mode", "options", "webhook_url", "webhook_events"], owner: owner)
        let made: (job: Job, isNew: Bool)
        let webhook: NewWebhook?
        do {
            let mode = try form.field("mode")
            let (source, target) = (try form.file("source"), try form.file("target"))
            var options = JobOptions()
            if let text = form.fields["options"], !text.isEmpty {
                let value = try JSONValue(parsing: text.utf8, what: "The field options")
                options = try JobOptions(ObjectReader(value, what: "The field options", prefix: "options."))
            }
            let events = form.fields["webhook_events"]?.split(separator: ",").map { $0.filter { $0 != " " } }
            webhook = try newWebhook(url: form.fields["webhook_url"], events: events)
            let key = try IdempotencyKey(
                request, [mode, source.sha256, target.sha256, fingerprint(options), webhook?.url])
            made = try await jobs.quick(
                mode: mode, options: options, source: source, target: target, owner: owner, idempotency: key,
                webhook: webhook)
        } catch {
            jobs.discard(Array(form.files.values))
            throw form.explained(error)
        }
        return try await answer(made.job, to: request, status: .accepted, isNew: true, webhook: webhook)
    }

    private func faces(_ request: Request, _ context: APIContext) async throws -> Response {
        let (id, role, owner) = (try context.jobID(), try context.role(), try context.owner())
        let time = try QueryParameters(request).number("time", in: 0...86400)
        let folder = "\(scratch)/\(randomUUID())"
        try await offPool { try makeFolder(folder, mode: 0o700) }
        do {
            let facts = try await jobs.faces(of: role, job: id, owner: owner, time: time, folder: folder)
            let found = facts.faces ?? []
            let (frame, images) = try await offPool {
                (
                    dataURL("\(folder)/frame.jpg"),
                    found.map { dataURL("\(folder)/face-\($0.number).jpg") }
                )
            }
            try await offPool { try removeAll(folder) }
            let faces = zip(found, images).map { FaceJSON($0, image: $1) }
            return try jsonAnswer(FacesJSON(media: MediaJSON(facts), faces: faces, frame: frame))
        } catch {
            try? await offPool { try removeAll(folder) }
            throw error
        }
    }
}

/// A JPEG file as a data URL; nil when there is none.
private func dataURL(_ path: String) -> String? {
    guard let bytes = try? readFile(at: path, maxBytes: 4 << 20) else { return nil }
    return "data:image/jpeg;base64,\(Data(bytes).base64EncodedString())"
}
