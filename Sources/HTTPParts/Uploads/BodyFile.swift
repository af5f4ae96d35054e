// Streams a body to a file: large batched writes on threads of their own, hashed as they come, gone again on any error.

internal import Errors
internal import Files
internal import Glibc
package import NIOCore

/// A body that lies in a file.
package struct BodyFile: Sendable {
    /// Where it lies.
    package let path: String
    /// Its length.
    package let byteCount: Int
    /// Its SHA-256 in lower-case hexadecimal.
    package let sha256: String
    /// Its first 64 bytes or fewer, for ``sniff(head:)``.
    package let head: [UInt8]

    /// Bytes that are written at once; at most two batches are in memory.
    static let batchBytes = 1 << 20
    /// Whenever so many bytes more are written, the disk begins to work, so that little is left to wait for at the end.
    static let flushBytes = 8 << 20

    /// Writes `body` to a new file at `path` (mode 0600). On any error or cancellation the file is removed.
    /// - Parameters:
    ///   - maxBytes: more throws `.tooLarge`.
    ///   - what: what it is, at the start of a sentence ("The target").
    /// - Throws: `.tooLarge`, `.outOfSpace`, `.failed`, `CancellationError`, and what `body` throws (a client that went
    ///   away or was too slow). That the client is not too slow is watched over by the connection.
    package static func receive<Body: AsyncSequence>(
        _ body: Body, at path: String, maxBytes: Int, what: String = "The upload"
    ) async throws -> BodyFile where Body.Element == ByteBuffer {
        let sink = FileSink(creating: path, what: what)
        do {
            try await pour(body, into: sink, maxBytes: maxBytes, what: what)
            return BodyFile(path: path, byteCount: sink.byteCount, sha256: hexadecimal(sink.sum), head: sink.head)
        } catch {
            // What this call has not made is not its to remove.
            if sink.isOpen { _ = unsafe unlink(path) }
            throw error
        }
    }

    /// Writes all of `body` to `sink`, receiving the next batch while the one before is written. On an error everything
    /// received so far is written or given up, and nothing is being written any more.
    static func pour<Body: AsyncSequence>(
        _ body: Body, into sink: FileSink, maxBytes: Int, what: String, batchBytes: Int = batchBytes
    ) async throws where Body.Element == ByteBuffer {
        if maxBytes < 0 { throw tooLarge(what, maxBytes) }
        try await withThrowingTaskGroup(of: FileWork.self) { group in
            var batch: [ByteBuffer] = []
            var batched = 0
            var total = 0
            var isWriting = false
            var isFlushing = false
            do {
                var iterator = body.makeAsyncIterator()
                while let chunk = try await iterator.next(isolation: #isolation) {
                    total += chunk.readableBytes
                    guard total <= maxBytes else { throw tooLarge(what, maxBytes) }
                    batched += chunk.readableBytes
                    batch.append(chunk)
                    guard batched >= batchBytes else { continue }
                    while isWriting, let done = try await group.next() {
                        if done == .write { isWriting = false } else { isFlushing = false }
                    }
                    if !isFlushing, sink.unflushedCount >= flushBytes {
                        isFlushing = true
                        group.addTask {
                            try await sink.flush()
                            return .flush
                        }
                    }
                    isWriting = true
                    group.addTask { [batch] in
                        try await sink.append(batch)
                        return .write
                    }
                    batch.removeAll(keepingCapacity: true)
                    batched = 0
                }
                // A cancelled body looks like one that has ended
                try Task.checkCancellation()
            } catch {
                // What came before the connection broke counts for uploads that can be resumed
                try await group.waitForAll()
                if sink.keepsPartial { try? await sink.append(batch) }
                throw error
            }
            try await group.waitForAll()
            try await sink.append(batch)
        }
    }

    private static func tooLarge(_ what: String, _ maxBytes: Int) -> MasqueError {
        MasqueError(tooLarge: what, maxBytes)
    }
}

/// What goes on with an upload's file beside receiving.
private enum FileWork: Sendable { case write, flush }

extension MasqueError {
    /// The error for something beyond a limit in bytes.
    init(tooLarge what: String, _ maxBytes: Int) {
        self.init(
            .tooLarge, "\(what) is larger than \(megabytes(maxBytes)), the most that is taken.",
            advice: "Send a smaller file.")
    }
}
