// The HTTP calls of resumable uploads: tus 1.0 with creation, creation-with-upload, expiration, termination, checksum.

internal import Errors
internal import HTTPTypes
package import Hummingbird

extension TusUploads {
    /// Adds OPTIONS and POST at `group`, and OPTIONS, HEAD, PATCH, DELETE and POST (X-HTTP-Method-Override) at its ":id".
    /// - Parameters:
    ///   - group: has the path, such as /uploads, and the authentication.
    ///   - owner: whose request it is.
    package func addRoutes<Context: RequestContext>(
        to group: RouterGroup<Context>, owner: @escaping @Sendable (Request, Context) async throws -> String
    ) {
        typealias Handler = @Sendable (Request, Context, String) async throws -> Response
        func add(_ path: RouterPath, _ method: HTTPRequest.Method, _ handler: @escaping Handler) {
            group.on(path, method: method) { request, context in
                try await self.speakingTus(request) { try await handler(request, context, owner(request, context)) }
            }
        }
        for path in ["", ":id"] as [RouterPath] {
            group.on(path, method: .options) { _, _ in self.options() }
        }
        add("", .post) { request, _, owner in try await self.create(request, owner: owner) }
        add(":id", .head) { _, context, owner in try await self.head(context.parameters.require("id"), owner: owner) }
        add(":id", .patch) { request, context, owner in
            try await self.patch(request, context.parameters.require("id"), owner: owner)
        }
        add(":id", .delete) { _, context, owner in try await self.delete(context.parameters.require("id"), owner: owner)
        }
        add(":id", .post) { request, context, owner in
            let id = try context.parameters.require("id")
            switch request.headers[.known("X-HTTP-Method-Override")]?.uppercased() {
            case "PATCH": return try await self.patch(request, id, owner: owner)
            case "DELETE": return try await self.delete(id, owner: owner)
            case "HEAD": return try await self.head(id, owner: owner)
            default:
                throw AnsweredError(
                    MasqueError(.badInput, "POST is not possible at an upload."), status: .methodNotAllowed,
                    headers: [.allow: "DELETE, HEAD, OPTIONS, PATCH"])
            }
        }
    }

    /// Checks the protocol's version and puts it on every answer, errors too.
    private func speakingTus(
        _ request: Request, _ work: () async throws -> Response
    ) async throws -> Response {
        do {
            guard request.headers[.tusResumable] == "1.0.0" else {
                throw AnsweredError(
                    MasqueError(
                        .badInput, "The request does not speak tus 1.0.0.", advice: "Send Tus-Resumable: 1.0.0."),
                    status: .preconditionFailed, headers: [.tusVersion: "1.0.0"])
            }
            var response = try await work()
            response.headers[.tusResumable] = "1.0.0"
            return response
        } catch {
            throw HeaderedError(underlying: error, headers: [.tusResumable: "1.0.0", .cacheControl: "no-store"])
        }
    }

    private func options() -> Response {
        Response(
            status: .noContent,
            headers: [
                .tusResumable: "1.0.0", .tusVersion: "1.0.0", .known("Tus-Max-Size"): "\(maxBytes)",
                .known("Tus-Extension"): "creation,creation-with-upload,expiration,termination,checksum",
                .known("Tus-Checksum-Algorithm"): TusChecksum.algorithms,
            ])
    }

    private func create(_ request: Request, owner: String) async throws -> Response {
        guard request.headers[.known("Upload-Defer-Length")] == nil else {
            throw MasqueError(.badInput, "Uploads of unknown length are not possible.", advice: "Send Upload-Length.")
        }
        let length = try number("Upload-Length", of: request)
        let checksum = try request.headers[.uploadChecksum].map { try TusChecksum($0) }
        try checkFits(request, in: length)
        let id = try await create(owner: owner, length: length, metadata: request.headers[.known("Upload-Metadata")])
        let base = request.uri.path
        var headers: HTTPFields = [.location: base.hasSuffix("/") ? base + id : "\(base)/\(id)"]
        if request.headers[.contentType] == offsetType {
            do {
                headers[.uploadOffset] =
                    "\(try await append(request.body, to: id, owner: owner, offset: 0, checksum: checksum))"
            } catch {
                // The client never learns of the upload, so nobody could go on with it.
                try? await remove(id, owner: owner)
                throw error
            }
        } else {
            headers[.uploadOffset] = "0"
        }
        headers[.uploadExpires] = HTTPDate(seconds: try await find(id, owner: owner).expires).text
        return Response(status: .created, headers: headers)
    }

    private func head(_ id: String, owner: String) async throws -> Response {
        let upload = try await find(id, owner: owner)
        var headers: HTTPFields = [
            .uploadOffset: "\(upload.offset)", .known("Upload-Length"): "\(upload.sidecar.length)",
            .uploadExpires: HTTPDate(seconds: upload.expires).text, .cacheControl: "no-store",
        ]
        headers[.known("Upload-Metadata")] = upload.sidecar.metadata
        return Response(status: .ok, headers: headers)
    }

    private func patch(_ request: Request, _ id: String, owner: String) async throws -> Response {
        guard request.headers[.contentType] == offsetType else {
            throw MasqueError(.unsupportedMedia, "The bytes of an upload are to be sent as \(offsetType).")
        }
        let offset = try number("Upload-Offset", of: request)
        let checksum = try request.headers[.uploadChecksum].map { try TusChecksum($0) }
        let upload = try await find(id, owner: owner)
        if offset == upload.offset { try checkFits(request, in: upload.sidecar.length, from: offset) }
        let reached = try await append(request.body, to: id, owner: owner, offset: offset, checksum: checksum)
        let expires = try await find(id, owner: owner).expires
        return Response(
            status: .noContent,
            headers: [.uploadOffset: "\(reached)", .uploadExpires: HTTPDate(seconds: expires).text])
    }

    private func delete(_ id: String, owner: String) async throws -> Response {
        try await remove(id, owner: owner)
        return Response(status: .noContent)
    }

    /// Refuses a body that is announced as longer than what is missing.
    private func checkFits(_ request: Request, in length: Int, from offset: Int = 0) throws {
        guard let announced = request.headers[.contentLength].flatMap({ Int($0) }), announced > length - offset else {
            return
        }
        throw MasqueError(.tooLarge, "The upload's length was given as \(length) bytes; these are more.")
    }

    private func number(_ name: String, of request: Request) throws -> Int {
        guard let text = request.headers[.known(name)], let value = Int(text), value >= 0, text.first != "+" else {
            throw MasqueError(.badInput, "The request has no \(name) header with a whole number of bytes.")
        }
        return value
    }
}

private let offsetType = "application/offset+octet-stream"

extension HTTPField.Name {
    fileprivate static let tusResumable = known("Tus-Resumable")
    fileprivate static let tusVersion = known("Tus-Version")
    fileprivate static let uploadOffset = known("Upload-Offset")
    fileprivate static let uploadExpires = known("Upload-Expires")
    fileprivate static let uploadChecksum = known("Upload-Checksum")
}
