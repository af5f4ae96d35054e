// A file opened once, so that length, tag and bytes of an answer belong together even when its name is gone.

internal import Errors
internal import Files
internal import Glibc
internal import NIOCore

/// A file open for reading; closed when it goes.
final class OpenFile: Sendable {
    private let descriptor: Int32
    /// Its length in bytes.
    let length: Int
    /// When it was changed.
    let modified: HTTPDate
    /// A strong tag out of its place on disk, length and times, without quotes.
    let tag: String

    /// Opens `path` on a file thread; nil when there is no regular file.
    static func open(_ path: String) async throws -> OpenFile? {
        try await onFileThread {
            let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else {
                let number = errno
                guard number != ENOENT, number != ENOTDIR else { return nil }
                throw MasqueError(
                    .failed, "The file could not be read.", cause: fileError(number, path: path, doing: "read"))
            }
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                close(descriptor)
                return nil
            }
            return OpenFile(descriptor, status)
        }
    }

    private init(_ descriptor: Int32, _ status: stat) {
        self.descriptor = descriptor
        length = Int(status.st_size)
        modified = HTTPDate(seconds: status.st_mtim.tv_sec)
        let parts = [Int(status.st_ino), length, status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        tag = parts.map { String($0, radix: 36) }.joined(separator: "-")
    }

    deinit { close(descriptor) }

    /// The bytes of `range`, at most 256 KiB of them, read on a file thread.
    /// - Throws: `.failed` when the file is shorter than it was.
    func read(_ range: Range<Int>) async throws -> ByteBuffer {
        try await onFileThread {
            let wanted = min(range.count, 256 << 10)
            var buffer = ByteBufferAllocator().buffer(capacity: wanted)
            while buffer.readableBytes < wanted {
                let offset = range.lowerBound + buffer.readableBytes
                let missing = wanted - buffer.readableBytes
                _ = try unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { space in
                    let got = unsafe pread(self.descriptor, space.baseAddress, missing, offset)
                    guard got >= 0 || errno == EINTR else {
                        throw MasqueError(
                            .failed, "The file could not be read.", cause: fileError(errno, path: "it", doing: "read"))
                    }
                    guard got != 0 else { throw MasqueError(.failed, "The file became shorter while it was sent.") }
                    return max(got, 0)
                }
            }
            return buffer
        }
    }
}
