// The writing end of an upload: an open file, its hash, its first bytes.

package import Crypto
internal import Errors
internal import Files
internal import Glibc
package import NIOCore
internal import Synchronization

/// A file that is appended to; closed when it goes. Its calls block, so they run on NIO's file threads.
package final class FileSink: Sendable {
    /// What is summed over the bytes as they are written.
    package enum Sum: Sendable {
        case none
        case sha1(Insecure.SHA1)
        case sha256(SHA256)

        mutating func add(_ bytes: UnsafeRawBufferPointer) {
            switch self {
            case .none: break
            case .sha1(var hash):
                self = .none
                unsafe hash.update(bufferPointer: bytes)
                self = .sha1(hash)
            case .sha256(var hash):
                self = .none
                unsafe hash.update(bufferPointer: bytes)
                self = .sha256(hash)
            }
        }

        var bytes: [UInt8] {
            switch self {
            case .none: []
            case .sha1(let hash): Array(hash.finalize())
            case .sha256(let hash): Array(hash.finalize())
            }
        }
    }

    private struct State {
        /// -1 until the file is made.
        var descriptor: Int32
        var sum: Sum
        var head: [UInt8] = []
        var count = 0
        /// Bytes that were there when the last flush began.
        var flushed = 0
    }
    /// Where a new file is made.
    private let path: String
    private let what: String
    /// Whether bytes of a body that broke off are worth keeping.
    let keepsPartial: Bool
    private let state: Mutex<State>

    /// A new file, made when first written to (be it nothing); it must not exist.
    init(creating path: String, what: String) {
        self.path = path
        self.what = what
        keepsPartial = false
        state = Mutex(State(descriptor: -1, sum: .sha256(SHA256())))
    }

    /// Takes over an open file that is written from where it stands.
    package init(descriptor: Int32, what: String, keepsPartial: Bool = false, sum: Sum = .sha256(SHA256())) {
        path = ""
        self.what = what
        self.keepsPartial = keepsPartial
        state = Mutex(State(descriptor: descriptor, sum: sum))
    }

    deinit {
        let descriptor = state.withLock { $0.descriptor }
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether the file is there.
    var isOpen: Bool { state.withLock { $0.descriptor >= 0 } }

    /// Bytes written.
    var byteCount: Int { state.withLock { $0.count } }
    /// The first 64 bytes or fewer.
    var head: [UInt8] { state.withLock { $0.head } }
    /// The sum over what was written.
    var sum: [UInt8] { state.withLock { $0.sum.bytes } }

    /// Bytes written since the last flush began.
    var unflushedCount: Int { state.withLock { $0.count - $0.flushed } }

    /// Waits until what is written now is on the disk; more can be written meanwhile.
    func flush() async throws { try await offPool { try self.flushNow() } }

    private func flushNow() throws {
        let descriptor = state.withLock { state in
            state.flushed = state.count
            return state.descriptor
        }
        // The kernel tells of a failed write once, so this one must be passed on. Devices and pipes cannot be flushed.
        guard fdatasync(descriptor) == 0 || errno == EINVAL else {
            throw storeError(errno, what: what, path: "the upload's file")
        }
    }

    /// Writes `batch` at the end, on a file thread.
    func append(_ batch: [ByteBuffer]) async throws {
        if batch.isEmpty, isOpen { return }
        try await onFileThread { try self.appendNow(batch) }
    }

    /// Writes `batch` at the end; blocks.
    package func appendNow(_ batch: [ByteBuffer]) throws {
        try state.withLock { state in
            if state.descriptor < 0 {
                state.descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
                guard state.descriptor >= 0 else { throw storeError(errno, what: what, path: path) }
            }
            for buffer in batch {
                if state.head.count < 64 {
                    state.head += buffer.readableBytesView.prefix(64 - state.head.count)
                }
                try unsafe buffer.withUnsafeReadableBytes { bytes in
                    unsafe state.sum.add(bytes)
                    var rest = unsafe bytes[...]
                    while unsafe !rest.isEmpty {
                        let written = unsafe write(
                            state.descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
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
