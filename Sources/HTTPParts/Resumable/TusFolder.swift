// The files of resumable uploads: ID is the data, ID.json the sidecar, ID.taken what was given away.

internal import Crypto
internal import Errors
internal import Files
internal import FoundationEssentials
internal import Glibc
internal import NIOCore
internal import Synchronization

/// Reads and changes the files; blocking calls run on file threads.
///
/// Order matters for crashes: a sidecar is written after its data file and removed after it, so that a sidecar without
/// data, or data without a sidecar, is rubbish that ``expired()`` finds.
final class TusFolder: Sendable {
    private let path: String
    private let lifetime: Int
    let now: @Sendable () -> Int
    /// Whose the uploads are, and how long they will be.
    private let owners: Mutex<[String: (owner: String, length: Int)]>

    init(path: String, lifetimeSeconds: Int, now: @escaping @Sendable () -> Int) throws {
        self.path = path
        lifetime = lifetimeSeconds
        self.now = now
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { throw fileError(errno, path: path, doing: "write") }
        var found: [String: (owner: String, length: Int)] = [:]
        for name in try Self.names(in: path) where name.hasSuffix(".json") {
            let id = String(name.dropLast(5))
            if let sidecar = try? Self.readSidecar("\(path)/\(name)") {
                found[id] = (sidecar.owner, sidecar.length)
            }
        }
        owners = Mutex(found)
    }

    /// The bytes that the uploads of `owner` will have when they are finished.
    func reserved(owner: String) -> Int {
        owners.withLock { uploads in uploads.values.reduce(0) { $0 + ($1.owner.isSame(as: owner) ? $1.length : 0) } }
    }

    /// Counts an upload that is about to be made as one of its owner's.
    /// - Returns: the bytes that all of them will have, this one included; nil when the owner has `most` already.
    func reserve(_ id: String, owner: String, length: Int, most: Int) -> Int? {
        owners.withLock { uploads in
            let lengths = uploads.values.filter { $0.owner.isSame(as: owner) }.map(\.length)
            guard lengths.count < most else { return nil }
            uploads[id] = (owner, length)
            return lengths.reduce(length, +)
        }
    }

    /// Takes back what was reserved for an upload that was not made.
    func release(_ id: String) { owners.withLock { _ = $0.removeValue(forKey: id) } }

    /// The path of the data, or nil for what is not an id: ids never leave the folder.
    private func data(_ id: String) -> String? {
        let isID = id.utf8.count == 32 && id.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        return isID ? "\(path)/\(id)" : nil
    }

    private func known(_ id: String) throws -> String {
        guard let file = data(id) else { throw MasqueError(.notFound, "There is no such upload.") }
        return file
    }

    func create(_ id: String, _ sidecar: TusSidecar) async throws {
        let file = try known(id)
        try await onFileThread {
            let descriptor = unsafe Glibc.open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw storeError(errno, what: "The upload", path: file) }
            close(descriptor)
        }
        do { try await write(id, sidecar) } catch {
            _ = unsafe unlink(file)
            throw error
        }
    }

    /// Replaces the sidecar whole.
    func write(_ id: String, _ sidecar: TusSidecar) async throws {
        let file = try known(id)
        try await onFileThread {
            let bytes = try JSONEncoder().encode(sidecar)
            let temporary = "\(file).json.part"
            let descriptor = unsafe Glibc.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw storeError(errno, what: "The upload", path: file) }
            let sink = FileSink(descriptor: descriptor, what: "The upload", sum: .none)
            do {
                try sink.appendNow([ByteBuffer(bytes: bytes)])
                guard unsafe rename(temporary, "\(file).json") == 0 else {
                    throw storeError(errno, what: "The upload", path: file)
                }
            } catch {
                _ = unsafe unlink(temporary)
                throw error
            }
        }
    }

    /// The upload as it stands; nil when there is none.
    func load(_ id: String) async throws -> TusUpload? {
        guard let file = data(id) else { return nil }
        return try await onFileThread { try self.loadNow(file) }
    }

    private func loadNow(_ file: String) throws -> TusUpload? {
        var status = stat()
        guard unsafe stat(file, &status) == 0, let sidecar = try Self.readSidecar("\(file).json") else { return nil }
        let size = Int(status.st_size)
        return TusUpload(
            sidecar: sidecar, offset: min(size, sidecar.unverifiedFrom ?? size),
            expires: max(sidecar.created, status.st_mtim.tv_sec) + lifetime)
    }

    private static func readSidecar(_ file: String) throws -> TusSidecar? {
        guard let bytes = FileManager.default.contents(atPath: file) else { return nil }
        return try? JSONDecoder().decode(TusSidecar.self, from: bytes)
    }

    /// The data file, to be appended to.
    func open(_ id: String, keepsPartial: Bool, sum: FileSink.Sum) async throws -> FileSink {
        let file = try known(id)
        return try await onFileThread {
            let descriptor = unsafe Glibc.open(file, O_WRONLY | O_APPEND | O_CLOEXEC)
            guard descriptor >= 0 else { throw storeError(errno, what: "The upload", path: file) }
            return FileSink(descriptor: descriptor, what: "The upload", keepsPartial: keepsPartial, sum: sum)
        }
    }

    func truncate(_ id: String, to length: Int) async throws {
        let file = try known(id)
        try await onFileThread {
            guard unsafe Glibc.truncate(file, length) == 0 else {
                throw storeError(errno, what: "The upload", path: file)
            }
        }
    }

    /// SHA-256 and first bytes of the data.
    func sum(_ id: String) async throws -> (head: [UInt8], sha256: String) {
        guard let file = try await OpenFile.open(known(id)) else {
            throw MasqueError(.notFound, "There is no such upload.")
        }
        var hash = SHA256()
        var head: [UInt8] = []
        var at = 0
        while at < file.length {
            let chunk = try await file.read(at..<file.length)
            if at == 0 { head = Array(chunk.readableBytesView.prefix(64)) }
            at += chunk.readableBytes
            hash = try await onFileThread { [hash] in
                var hash = hash
                unsafe chunk.withUnsafeReadableBytes { unsafe hash.update(bufferPointer: $0) }
                return hash
            }
        }
        return (head, hexadecimal(hash.finalize()))
    }

    /// Takes the data out of the uploads; gives its path.
    func giveAway(_ id: String) async throws -> String {
        let file = try known(id)
        try await onFileThread {
            guard unsafe rename(file, "\(file).taken") == 0 else {
                throw storeError(errno, what: "The upload", path: file)
            }
            _ = unsafe unlink("\(file).json")
        }
        release(id)
        return "\(file).taken"
    }

    func remove(_ id: String) async throws {
        let file = try known(id)
        try await onFileThread {
            for suffix in ["", ".taken", ".json.part", ".json"] { _ = unsafe unlink(file + suffix) }
        }
        release(id)
    }

    /// The ids of all uploads that are past their time, and of files that a crash has left and nothing has touched since.
    func expired() async throws -> [String] {
        try await onFileThread {
            let ids = Set(try Self.names(in: self.path).map { String($0.prefix { $0 != "." }) })
            let now = self.now()
            return ids.filter { id in
                guard let file = self.data(id) else { return false }
                if let upload = try? self.loadNow(file) { return upload.expires <= now }
                let newest = ["", ".taken", ".json", ".json.part"].compactMap { suffix -> Int? in
                    var status = stat()
                    return unsafe stat(file + suffix, &status) == 0 ? status.st_mtim.tv_sec : nil
                }.max()
                return (newest ?? now) + self.lifetime <= now
            }
        }
    }

    private static func names(in folder: String) throws -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw MasqueError(.failed, "The folder of uploads cannot be read.", cause: error)
        }
    }
}

extension String {
    /// Byte by byte: texts that look alike are two owners.
    fileprivate func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
