// Files out of jobs: result, preview, and links for those who have no token.

internal import BlobStore
internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import Services

internal import struct Foundation.Date

extension HTTPAPI {
    func addResultRoutes(to group: RouterGroup<APIContext>, client: ClientAddress) {
        group.get("jobs/:job_id/result") { request, context in
            let file = try await jobs.result(of: try context.jobID(), owner: try context.visibleOwner())
            return try await send(file, disposition: .attachment, request)
        }
        group.get("jobs/:job_id/preview") { request, context in
            let file = try await jobs.preview(of: try context.jobID(), owner: try context.owner())
            return try await send(file, disposition: .inline, request)
        }
        group.post("jobs/:job_id/share") { request, context in
            let (id, owner) = (try context.jobID(), try context.owner())
            var fields = try await jsonFields(request, isOptional: true)
            let seconds = try fields.int("expires_in") ?? 86_400
            try fields.finish()
            guard (60...2_592_000).contains(seconds) else {
                throw MasqueError(
                    .badInput, "The field expires_in must be from 60 to 2592000 seconds (30 days), not \(seconds).")
            }
            _ = try await jobs.result(of: id, owner: owner)
            let end = jobs.now().addingTimeInterval(Double(seconds))
            let path = "/shared/\(links.make(job: id, expiresAt: end))"
            return try jsonAnswer(
                ShareJSON(url: client.link(path, for: request), expiresAt: Timestamp(end)), status: .created,
                headers: [.location: path])
        }
    }

    /// Results for whoever has the link.
    func addSharedRoutes(to group: RouterGroup<APIContext>) {
        group.get("shared/:token") { request, context in
            do {
                return try await shared(context.parameters.get("token") ?? "", request)
            } catch let error as MasqueError where error.code == .notFound && prefersPage(request) {
                return deadLinkPage(error, in: voice(for: request))
            }
        }
    }

    private func shared(_ token: String, _ request: Request) async throws -> Response {
        let id = try links.open(token, now: jobs.now())
        do {
            return try await send(jobs.result(of: id, owner: nil), disposition: .inline, request)
        } catch let error as MasqueError where error.code == .conflict || error.code == .notFound {
            throw MasqueError(
                .notFound, "What this link showed has been deleted.", advice: "Ask who sent it for a new one.")
        }
    }

    /// Whether a browser asks, rather than a program.
    private func prefersPage(_ request: Request) -> Bool {
        MediaTypes.best(
            of: ["application/json", "application/problem+json", "text/html"], accept: request.headers[.accept])
            == "text/html"
    }

    /// A stored file as the answer, in parts and unchanged where the request asks so.
    func send(
        _ file: OutgoingFile, disposition: FileAnswer.Disposition, _ request: Request,
        whenSent: (@Sendable () async -> Void)? = nil
    ) async throws -> Response {
        let answer = FileAnswer(
            path: try await jobs.path(of: file), mediaType: file.mediaType, fileName: file.fileName,
            disposition: disposition, tag: file.info.entityTag, whenSent: whenSent)
        return try await answer.response(to: request)
    }
}
