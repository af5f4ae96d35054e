// The unfinished file of a download, with the digests of what is in it, and the record of where it came from.

internal import Errors
internal import Files
internal import Foundation
internal import ModelFiles
internal import Synchronization
internal import SystemPackage

/// A `.part` file that grows; its digests grow along, so that the finished file need not be read again.
final class PartFile: Sendable {
    /// The digests of all bytes.
    struct Digests: Sendable {
        let bytes: Int
        let sha256: String
        let crc32: String
    }

    fileprivate struct State: Sendable {
        let file: FileDescriptor
        var isOpen = true
        var sha256 = SHA256()
        var crc32 = CRC32()
        var count = 0
    }

    private let path: String
    private let state: Mutex<State>

    private init(path: String, file: FileDescriptor) {
        self.path = path
        state = Mutex(State(file: file))
    }

    deinit { state.withLock { if $0.isOpen { try? $0.file.close() } } }

    /// Opens or makes the file and reads what is in it.
    /// - Throws: ``MasqueError`` of the file system; `CancellationError`.
    static func open(_ path: String) async throws -> PartFile {
        let part = try await offPool {
            try reporting(path) {
                PartFile(
                    path: path,
                    file: try FileDescriptor.open(
                        FilePath(path), .readWrite, options: [.create, .noFollow, .closeOnExec],
                        permissions: FilePermissions(rawValue: 0o644)))
            }
        }
        while try await offPool({ try part.readMore() }) { try Task.checkCancellation() }
        return part
    }

    /// The digests of a file that only has to be read.
    /// - Parameter progress: hears how many bytes were read.
    /// - Throws: as ``open(_:)``.
    static func read(_ path: String, progress: @Sendable (Int) -> Void = { _ in }) async throws -> Digests {
        let file = try await offPool {
            try reporting(path) {
                PartFile(
                    path: path, file: try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec))
            }
        }
        while try await offPool({ try file.readMore() }) {
            try Task.checkCancellation()
            progress(file.count)
        }
        return file.digests
    }

    /// How many bytes it has.
    var count: Int { state.withLock(\.count) }

    /// The digests so far.
    var digests: Digests {
        state.withLock { state in
            var sha256 = state.sha256
            return Digests(bytes: state.count, sha256: sha256.finish(), crc32: state.crc32.hex)
        }
    }

    /// Adds bytes at the end.
    func append(_ bytes: [UInt8]) async throws {
        try await offPool { [self] in
            try state.withLock { state in
                try Self.reporting(path) {
                    _ = try state.file.writeAll(toAbsoluteOffset: Int64(state.count), bytes)
                }
                state.take(bytes)
            }
        }
    }

    /// Forgets all bytes.
    func restart() async throws {
        try await offPool { [self] in
            try state.withLock { state in
                try Self.reporting(path) { try state.file.resize(to: 0) }
                state = State(file: state.file)
            }
        }
    }

    /// Waits until the bytes are on the disk, and gives the file its name.
    func publish(at destination: String) async throws {
        try await offPool { [self] in
            try flushToDisk(path)
            try moveDurably(path, to: destination, isFlushed: true)
        }
    }

    /// Takes in a piece of what is in the file; false at its end.
    private func readMore() throws -> Bool {
        try state.withLock { state in
            var piece = [UInt8](repeating: 0, count: 4 << 20)
            let count = try Self.reporting(path) {
                try piece.withUnsafeMutableBytes {
                    try state.file.read(fromAbsoluteOffset: Int64(state.count), into: $0)
                }
            }
            piece.removeLast(piece.count - count)
            state.take(piece)
            return count > 0
        }
    }

    private static func reporting<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let number as Errno {
            throw fileError(number.rawValue, path: path, doing: "write")
        }
    }
}

extension PartFile.State {
    mutating func take(_ bytes: [UInt8]) {
        sha256.update(bytes)
        crc32.update(bytes)
        count += bytes.count
    }
}

/// What is known of a `.part` file: whether the rest can be had by its side of the file's end.
struct PartRecord: Codable, Sendable, Equatable {
    /// The source without query, user and password.
    var source: String
    var etag: String?
    var lastModified: String?
    var total: Int?

    /// What `If-Range` may carry: a strong validator (RFC 9110, 13.1.5).
    var validator: String? {
        if let etag, !etag.hasPrefix("W/") { return etag }
        return etag == nil ? lastModified : nil
    }

    /// The record beside a `.part` file; nil when there is none that can be read.
    static func read(_ url: URL) async -> PartRecord? {
        try? await offPool {
            try JSONDecoder().decode(PartRecord.self, from: Data(readFile(at: url.path, maxBytes: 1 << 16)))
        }
    }

    func write(_ url: URL) async throws {
        try await offPool { try writeFile(Array(JSONEncoder().encode(self)), to: url.path, overwrite: true) }
    }
}
