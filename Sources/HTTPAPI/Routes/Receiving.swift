// Takes files out of request bodies onto the disk, whichever way they were sent.

internal import BlobStore
internal import Errors
internal import Files
internal import Foundation
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import NIOCore
internal import Services

/// The files and fields of a multipart form.
struct ReceivedForm: Sendable {
    var files: [String: ReceivedFile] = [:]
    /// Further files of parts that may come several times, in the order in which they came.
    var more: [(name: String, file: ReceivedFile)] = []
    var fields: [String: String] = [:]
    /// Names of parts that nobody asked for.
    var skipped: [String] = []
    /// Names of the parts that are read.
    var known: [String] = []

    /// An error for a part that is missing, with the one in whose place a misspelt one may have come.
    func explained(_ error: any Error) -> any Error {
        guard let error = error as? MasqueError, error.code == .badInput, let odd = skipped.first,
            error.message.hasSuffix(" is missing.") || error.message.hasSuffix(" needs a source picture.")
                || error.message.hasSuffix(" needs a recording.")
        else { return error }
        return MasqueError(
            .badInput, error.message,
            advice:
                "The part “\(odd.prefix(60))” is not known and was skipped; parts are \(known.joined(separator: ", "))."
        )
    }

    /// All files, to be deleted when they are not used.
    var allFiles: [ReceivedFile] { Array(files.values) + more.map(\.file) }

    /// The files of a part that may come several times.
    func files(_ name: String) -> [ReceivedFile] {
        [files[name]].compactMap(\.self) + more.filter { $0.name == name }.map(\.file)
    }

    /// - Throws: `.badInput` when the part is missing.
    func file(_ name: String) throws -> ReceivedFile {
        guard let file = files[name] else {
            throw MasqueError(
                .badInput, "The file “\(name)” is missing.", advice: "Send it as the part “\(name)” of the form.")
        }
        return file
    }

    /// - Throws: `.badInput` when the part is missing.
    func field(_ name: String) throws -> String {
        guard let field = fields[name] else { throw MasqueError(.badInput, "The field \(name) is missing.") }
        return field
    }
}

extension HTTPAPI {
    /// Reads a form: parts named in `files` go to disk (with the most bytes each may have), those named in `fields` are
    /// read as text, and all others are skipped, as the FaceFusion API does.
    /// When anything goes wrong no file remains.
    ///
    /// - Parameter several: parts that may come more than once.
    func receiveForm(
        _ request: Request, files limits: [String: Int64], several: Set<String> = [], fields: Set<String>,
        owner: OwnerID
    ) async throws -> ReceivedForm {
        guard request.headers[.contentType]?.lowercased().hasPrefix("multipart/form-data") == true else {
            throw MasqueError(
                .unsupportedMedia, "The body is not multipart/form-data.",
                advice: "Send the files as a form, as “curl -F target=@photo.jpg” does.")
        }
        let (source, target) = (limits["source"] ?? 0, limits["target"] ?? 0)
        try await checkRoom(request, limit: source + target, owner: owner, replaced: 0) { byteCount in
            "The form is \(megabytes(byteCount)), but at most \(megabytes(Int(source))) are taken for the source and \(megabytes(Int(target))) for the target."
        }
        var form = ReceivedForm()
        form.known = limits.keys.sorted() + fields.sorted()
        do {
            let reader = try MultipartReader(request)
            while let part = try await reader.nextPart() {
                let isMore = form.files[part.name] != nil && several.contains(part.name)
                guard isMore || form.files[part.name] == nil, form.fields[part.name] == nil,
                    form.more.count < 16
                else {
                    throw MasqueError(.badInput, "The part “\(part.name)” came twice.")
                }
                if let limit = limits[part.name] {
                    let file = try await receive(
                        part.body, limit: limit, name: part.fileName, what: "The \(part.name)")
                    if isMore { form.more.append((part.name, file)) } else { form.files[part.name] = file }
                } else if fields.contains(part.name) {
                    // Also as a file: so browsers send JSON that has a type.
                    form.fields[part.name] = try await part.text()
                } else {
                    form.skipped.append(part.name)
                }
            }
            return form
        } catch {
            jobs.discard(form.allFiles)
            throw error
        }
    }

    /// Receives one file: the first of a form, a finished resumable upload, or the bare body.
    ///
    /// - Parameter replaced: bytes of the file that this one replaces.
    func receiveInput(
        _ request: Request, role: InputRole, limit: Int64, owner: OwnerID, replaced: Int64
    ) async throws -> ReceivedFile {
        guard (request.headers[.fileName]?.unicodeScalars.count ?? 0) <= 255 else {
            throw MasqueError(.badInput, "The X-File-Name header is longer than 255 characters.")
        }
        let type = request.headers[.contentType]?.lowercased() ?? ""
        let what = "The \(role.rawValue)"
        if isJSON(type) {
            var fields = try await jsonFields(request)
            let id = try fields.required("upload_id")
            try fields.finish()
            return try await finishedUpload(id, owner: owner)
        }
        try await checkRoom(request, limit: limit, owner: owner, replaced: replaced) { byteCount in
            "The \(role.rawValue) is \(megabytes(byteCount)), but at most \(megabytes(Int(limit))) are taken."
        }
        guard type.hasPrefix("multipart/") else {
            return try await receive(request.body, limit: limit, name: bareName(request), what: what)
        }
        var file: ReceivedFile?
        do {
            let reader = try MultipartReader(request)
            while let part = try await reader.nextPart() {
                guard file == nil, part.isFile || part.name == role.rawValue || part.name == "file" else { continue }
                file = try await receive(part.body, limit: limit, name: part.fileName, what: what)
            }
        } catch {
            jobs.discard([file].compactMap(\.self))
            throw error
        }
        guard let file else {
            throw MasqueError(.badInput, "The form has no file.", advice: "Send it as “curl -F file=@photo.jpg” does.")
        }
        return file
    }

    private func receive(
        _ body: some AsyncSequence<ByteBuffer, any Error>, limit: Int64, name: String?, what: String
    ) async throws -> ReceivedFile {
        let path = try await jobs.blobs.newPart()
        let file = try await BodyFile.receive(body, at: path, maxBytes: Int(limit), what: what)
        return ReceivedFile(
            path: file.path, byteCount: Int64(file.byteCount), sha256: file.sha256, fileName: name,
            sniffedType: sniff(head: file.head)?.mediaType ?? otherMediaType(head: file.head))
    }

    private func finishedUpload(_ id: String, owner: OwnerID) async throws -> ReceivedFile {
        let upload = try await uploads.take(id, owner: owner.rawValue)
        return ReceivedFile(
            path: upload.path, byteCount: Int64(upload.byteCount), sha256: upload.sha256, fileName: upload.fileName,
            sniffedType: sniff(head: upload.head)?.mediaType ?? otherMediaType(head: upload.head))
    }

    /// Refuses what is announced as too large, also beside what the owner has, and anything while the disk is nearly full.
    ///
    /// - Parameter tooLarge: the sentence for so many bytes.
    private func checkRoom(
        _ request: Request, limit: Int64, owner: OwnerID, replaced: Int64, tooLarge: (Int) -> String
    ) async throws {
        let announced = request.headers[.contentLength].flatMap(Int64.init)
        // The form around the files is not theirs.
        let around: Int64 = request.headers[.contentType]?.lowercased().hasPrefix("multipart/") == true ? 1 << 20 : 0
        let byteCount = announced.map { max(0, $0 - around) }
        try await jobs.checkRoom(byteCount: byteCount, limit: limit) { byteCount, _ in tooLarge(Int(byteCount)) }
        // The store judges small files soon enough.
        let added = max(0, (byteCount ?? 0) - replaced)
        if byteCount == nil || added > 1 << 20 { try await jobs.checkStored(by: owner, adding: added) }
    }

    /// The name of a bare body's file, from X-File-Name (percent-encoded) or Content-Disposition.
    private func bareName(_ request: Request) -> String? {
        if let name = request.headers[.fileName], !name.isEmpty { return name.removingPercentEncoding ?? name }
        return request.headers[.contentDisposition].flatMap(dispositionFileName)
    }
}

/// The file name in a Content-Disposition header (RFC 6266): `filename*` before `filename`.
func dispositionFileName(_ header: String) -> String? {
    var plain: String?
    for parameter in header.split(separator: ";").dropFirst() {
        let pair = parameter.split(separator: "=", maxSplits: 1)
        guard pair.count == 2 else { continue }
        let name = pair[0].filter { $0 != " " }.lowercased()
        let value = pair[1].drop { $0 == " " }
        if name == "filename*", value.lowercased().hasPrefix("utf-8''") {
            return String(value.dropFirst(7)).removingPercentEncoding
        }
        if name == "filename" {
            plain = String(value.hasPrefix("\"") ? value.dropFirst().prefix { $0 != "\"" } : value.prefix { $0 != " " })
        }
    }
    return plain
}
