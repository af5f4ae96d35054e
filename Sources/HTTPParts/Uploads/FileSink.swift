// The writing end of an upload: an open file, its hash, its first bytes.

internal import Crypto
internal import Errors
internal import Files
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// An open file that is appended to; closed when it goes. Its calls block, so they run on NIO's file threads.
final class FileSink: Sendable {
    private struct State {
        var hash = SHA256()
        var head: [UInt8] = []
        var count = 0
    }
    private let descriptor: Int32
    private let what: String
    /// Whether bytes of a body that broke off are worth keeping.
    let keepsPartial: Bool
    private let isHashing: Bool
    private let state = Mutex(State())

    /// Makes a new file; it must not exist.
    convenience init(creating path: String, what: String) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw storeError(errno, what: what, path: path) }
        self.init(descriptor: descriptor, what: what)
    }

    /// Takes over an open file that is written from where it stands.
    init(descriptor: Int32, what: String, keepsPartial: Bool = false, isHashing: Bool = true) {
        self.descriptor = descriptor
        self.what = what
        self.keepsPartial = keepsPartial
        self.isHashing = isHashing
    }

    deinit { close(descriptor) }

    /// Bytes written.
    var byteCount: Int { state.withLock { $0.count } }
    /// The first 64 bytes or fewer.
    var head: [UInt8] { state.withLock { $0.head } }
    /// SHA-256 of what was written, in lower-case hexadecimal.
    var sha256: String { hexadecimal(state.withLock { $0.hash }.finalize()) }

    /// Writes `batch` at the end, on a file thread.
    func append(_ batch: [ByteBuffer]) async throws {
        guard !batch.isEmpty else { return }
        try await NIOThreadPool.singleton.runIfActive { try self.appendNow(batch) }
    }

    /// Writes `batch` at the end; blocks.
    func appendNow(_ batch: [ByteBuffer]) throws {
        try state.withLock { state in
            for buffer in batch {
                if state.head.count < 64 {
                    state.head += buffer.readableBytesView.prefix(64 - state.head.count)
                }
                try unsafe buffer.withUnsafeReadableBytes { bytes in
                    if isHashing { unsafe state.hash.update(bufferPointer: bytes) }
                    var rest = unsafe bytes[...]
                    while unsafe !rest.isEmpty {
                        let written = unsafe write(
                            descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                        if written < 0 {
                            if errno == EINTR { continue }
                            throw storeError(errno, what: what, path: "the upload's file")
                        }
                        state.count += written
                        unsafe rest = rest.dropFirst(written)
                    }
                }
            }
        }
    }
}

/// What a client is told when its upload cannot be stored; the path stands in the cause alone.
func storeError(_ number: Int32, what: String, path: String) -> MasqueError {
    let cause = fileError(number, path: path, doing: "write")
    guard cause.code == .outOfSpace else {
        return MasqueError(.failed, "\(what) could not be stored.", advice: "Try again later.", cause: cause)
    }
    return MasqueError(
        .outOfSpace, "\(what) could not be stored: the server's disk is full.", advice: "Try again later.", cause: cause
    )
}

/// Bytes as lower-case hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
