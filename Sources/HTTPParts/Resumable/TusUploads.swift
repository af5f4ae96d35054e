// Resumable uploads in a folder: data file and sidecar for each, whole after a kill -9 at any moment.

internal import Crypto
internal import Errors
internal import Files
internal import Glibc
internal import HTTPTypes
internal import NIOCore
internal import Synchronization

/// An upload that is complete and no longer the server's to keep.
package struct FinishedUpload: Sendable {
    /// Where the bytes lie; the caller moves or removes the file.
    package let path: String
    package let byteCount: Int
    /// The name that the client gave, its last path component.
    package let fileName: String?
    /// The media type that the client gave; not checked.
    package let mediaType: String?
    /// The first 64 bytes or fewer, for ``sniff(head:)``.
    package let head: [UInt8]
    /// SHA-256 in lower-case hexadecimal.
    package let sha256: String
}

/// The uploads of a folder (tus 1.0, see ``addRoutes(to:owner:)``). One object for a folder.
///
/// The offset of an upload is the length of its data file, so it is right after any crash. Everybody but the owner is
/// told that there is no such upload.
package final class TusUploads: Sendable {
    let folder: TusFolder
    let maxBytes: Int
    private let maxUploadsPerOwner: Int
    private let room: @Sendable (Int) async throws -> Void
    private let quota: @Sendable (String, Int, Int) async throws -> Void
    /// Uploads that are being written, removed or taken now.
    private let busy = Mutex<Set<String>>([])

    /// - Parameters:
    ///   - folder: is made when missing.
    ///   - lifetimeSeconds: how long after its last byte an upload is kept.
    ///   - room: throws when so many bytes more may not be stored now; asked before bytes are read.
    ///   - quota: throws when an owner may not begin an upload of so many bytes (`adding`) beside those that are
    ///     unfinished (`reserved`). Uploads that are begun at the same time count for each other.
    ///   - now: seconds since 1970.
    /// - Throws: ``MasqueError`` when the folder cannot be made.
    package init(
        folder: String, maxBytes: Int, lifetimeSeconds: Int = 86_400, maxUploadsPerOwner: Int = 20,
        room: @escaping @Sendable (_ byteCount: Int) async throws -> Void = { _ in },
        quota: @escaping @Sendable (_ owner: String, _ adding: Int, _ reserved: Int) async throws -> Void = {
            _, _, _ in
        },
        now: @escaping @Sendable () -> Int = { Glibc.time(nil) }
    ) throws {
        self.room = room
        self.quota = quota
        self.folder = try TusFolder(path: folder, lifetimeSeconds: lifetimeSeconds, now: now)
        self.maxBytes = maxBytes
        self.maxUploadsPerOwner = maxUploadsPerOwner
    }

    /// The bytes that the uploads of an owner have or will have when they are finished.
    package func reserved(owner: String) -> Int { folder.reserved(owner: owner) }

    /// Ends a finished upload and gives its file away.
    /// - Throws: `.notFound`, `.conflict` while bytes are missing or the upload is being written.
    package func take(_ id: String, owner: String) async throws -> FinishedUpload {
        try await locked(id, owner: owner) { upload in
            guard upload.offset == upload.sidecar.length else {
                throw MasqueError(
                    .conflict, "The upload has \(upload.offset) of its \(upload.sidecar.length) bytes.",
                    advice: "Finish it first.")
            }
            let summed = try await self.folder.sum(id)
            let path = try await self.folder.giveAway(id)
            return FinishedUpload(
                path: path, byteCount: upload.offset, fileName: upload.sidecar.fileName,
                mediaType: upload.sidecar.mediaType, head: summed.head, sha256: summed.sha256)
        }
    }

    /// Removes expired uploads and what crashes have left behind; gives their number.
    @discardableResult
    package func sweep() async throws -> Int {
        var removed = 0
        for id in try await folder.expired() where busy.withLock({ $0.insert(id).inserted }) {
            defer { _ = busy.withLock { $0.remove(id) } }
            try await folder.remove(id)
            removed += 1
        }
        return removed
    }

    // MARK: What the routes do

    /// Makes an empty upload and gives its id.
    func create(owner: String, length: Int, metadata: String?) async throws -> String {
        guard length <= maxBytes else { throw MasqueError(tooLarge: "The upload", maxBytes) }
        if let metadata { _ = try TusSidecar.parse(metadata) }
        let id = newRequestID()
        guard let reserved = folder.reserve(id, owner: owner, length: length, most: maxUploadsPerOwner) else {
            throw MasqueError(
                .tooManyRequests, "There are already \(maxUploadsPerOwner) unfinished uploads.",
                advice: "Finish or delete some of them.")
        }
        do {
            try await room(length)
            try await quota(owner, length, reserved - length)
            let sidecar = TusSidecar(owner: owner, length: length, metadata: metadata, created: folder.now())
            try await folder.create(id, sidecar)
            return id
        } catch {
            folder.release(id)
            throw error
        }
    }

    /// An upload as it stands.
    func find(_ id: String, owner: String) async throws -> TusUpload {
        guard let upload = try await folder.load(id), upload.sidecar.owner.utf8.elementsEqual(owner.utf8) else {
            throw MasqueError(.notFound, "There is no such upload.", advice: "Begin a new one.")
        }
        guard upload.expires > folder.now() else {
            throw AnsweredError(
                MasqueError(.notFound, "The upload has expired.", advice: "Begin a new one."), status: .gone)
        }
        return upload
    }

    /// Runs `work` with an upload that nobody else changes meanwhile.
    func locked<Value>(
        _ id: String, owner: String, _ work: (TusUpload) async throws -> Value
    ) async throws -> Value {
        _ = try await find(id, owner: owner)
        guard busy.withLock({ $0.insert(id).inserted }) else {
            throw AnsweredError(
                MasqueError(.conflict, "The upload is being written by another request.", advice: "Try again shortly."),
                status: HTTPResponse.Status(code: 423, reasonPhrase: "Locked"), headers: [.retryAfter: "1"])
        }
        defer { _ = busy.withLock { $0.remove(id) } }
        return try await work(find(id, owner: owner))
    }

    /// Appends `body` at `offset` and gives the new offset. Without a checksum what came before a broken connection stays.
    func append<Body: AsyncSequence>(
        _ body: Body, to id: String, owner: String, offset: Int, checksum: TusChecksum?
    ) async throws -> Int where Body.Element == ByteBuffer {
        try await locked(id, owner: owner) { upload in
            var sidecar = upload.sidecar
            if sidecar.unverifiedFrom != nil {
                // A crash came between bytes and their checksum
                try await self.folder.truncate(id, to: upload.offset)
                sidecar.unverifiedFrom = nil
                try await self.folder.write(id, sidecar)
            }
            guard offset == upload.offset else {
                throw AnsweredError(
                    MasqueError(
                        .conflict, "The upload stands at byte \(upload.offset), not at \(offset).",
                        advice: "Ask with HEAD for its Upload-Offset and go on from there."),
                    headers: [.known("Upload-Offset"): "\(upload.offset)"])
            }
            let rest = sidecar.length - offset
            try await self.room(rest)
            guard let checksum else {
                let sink = try await self.folder.open(id, keepsPartial: true, sum: .none)
                try await BodyFile.pour(body, into: sink, maxBytes: rest, what: "The upload", batchBytes: 256 << 10)
                return offset + sink.byteCount
            }
            sidecar.unverifiedFrom = offset
            try await self.folder.write(id, sidecar)
            do {
                let sink = try await self.folder.open(id, keepsPartial: false, sum: checksum.sum)
                try await BodyFile.pour(body, into: sink, maxBytes: rest, what: "The upload")
                guard sink.sum == checksum.expected else {
                    throw AnsweredError(
                        MasqueError(.badInput, "The bytes do not have the checksum that was sent along."),
                        status: HTTPResponse.Status(code: 460, reasonPhrase: "Checksum Mismatch"))
                }
                sidecar.unverifiedFrom = nil
                try await self.folder.write(id, sidecar)
                return offset + sink.byteCount
            } catch {
                try await self.folder.truncate(id, to: offset)
                sidecar.unverifiedFrom = nil
                try await self.folder.write(id, sidecar)
                throw error
            }
        }
    }

    /// Removes an upload.
    func remove(_ id: String, owner: String) async throws {
        try await locked(id, owner: owner) { _ in try await self.folder.remove(id) }
    }
}

/// An upload as it stands on disk.
struct TusUpload: Sendable {
    let sidecar: TusSidecar
    /// How many bytes count.
    let offset: Int
    /// Seconds since 1970.
    let expires: Int
}
