// Reads multipart/form-data (RFC 7578 over RFC 2046) part by part from a stream, in constant memory.

internal import Errors
internal import Glibc
internal import HTTPTypes
package import HummingbirdCore
package import NIOCore

/// How much a multipart body may hold. Beyond a limit reading throws ``MasqueError/Code/tooLarge``.
package struct MultipartLimits: Sendable {
    /// Parts of one body.
    package var parts: Int
    /// Bytes of the header lines of one part, and of what stands before the first part.
    package var headerBytes: Int
    /// Bytes of a part that is read by ``MultipartPart/text()``.
    package var fieldBytes: Int
    /// Bytes of the whole body.
    package var totalBytes: Int

    package init(
        parts: Int = 32, headerBytes: Int = 16 << 10, fieldBytes: Int = 1 << 20, totalBytes: Int = .max
    ) {
        self.parts = parts
        self.headerBytes = headerBytes
        self.fieldBytes = fieldBytes
        self.totalBytes = totalBytes
    }
}

/// Gives the parts of a multipart body one after another; what of a part's body was not read is skipped.
///
/// `while let part = try await reader.nextPart() { … }`. For one task: not Sendable. A line may end in LF alone, and a
/// boundary inside a line or followed by other text is content. Errors are ``MasqueError``s, besides those of the body.
package final class MultipartReader {
    let limits: MultipartLimits
    private let needle: [UInt8]
    private let pull: () async throws -> ByteBuffer?
    private var buffer: ByteBuffer
    private var sourceEnded = false
    private var received = 0
    private var place = Place.preamble
    /// The number of the current part, from 1; a part's body asks for it so that it cannot read another's bytes.
    private(set) var partNumber = 0

    private enum Place { case preamble, headers, body, ended }

    /// Reads the body of `request`.
    /// - Throws: `.unsupportedMedia` when its Content-Type is not multipart/form-data, `.badInput` when the boundary is
    ///   missing or not one of RFC 2046.
    package convenience init(_ request: Request, limits: MultipartLimits = MultipartLimits()) throws {
        let type = HeaderValue(request.headers[.contentType] ?? "")
        guard type.value.lowercased() == "multipart/form-data" else {
            throw MasqueError(
                .unsupportedMedia, "The request's body is not multipart/form-data.",
                advice: "Send the files as a form, such as with curl -F.")
        }
        guard let boundary = type["boundary"], (1...70).contains(boundary.utf8.count),
            boundary.utf8.allSatisfy({ (32..<127).contains($0) }), boundary.last != " "
        else {
            throw MasqueError(
                .badInput, "The Content-Type of the form names no valid boundary.",
                advice: "Let the HTTP library set the Content-Type of a form by itself.")
        }
        self.init(body: request.body, boundary: boundary, limits: limits)
    }

    /// Reads `body`, whose parts are parted by lines of "--" and `boundary`.
    package init<Body: AsyncSequence>(
        body: Body, boundary: String, limits: MultipartLimits = MultipartLimits()
    ) where Body.Element == ByteBuffer {
        self.limits = limits
        needle = Array("\n--\(boundary)".utf8)
        // The first boundary may stand at the very start: as if a line ended before it
        buffer = ByteBuffer(string: "\r\n")
        var iterator = body.makeAsyncIterator()
        pull = { try await iterator.next(isolation: #isolation) }
    }

    /// The next part, or nil after the last.
    package func nextPart() async throws -> MultipartPart? {
        if place == .preamble {
            var skipped = 0
            while let chunk = try await nextPiece() {
                skipped += chunk.readableBytes
                guard skipped <= limits.headerBytes else { throw tooMuch("bytes before its first part") }
            }
        } else if place == .body {
            while try await nextPiece() != nil {}
        }
        guard place == .headers else { return nil }
        partNumber += 1
        guard partNumber <= limits.parts else { throw tooMuch("parts; \(limits.parts) are allowed") }
        let part = try MultipartPart(headerLines: try await headerLines(), of: self)
        place = .body
        return part
    }

    /// The next bytes of the current part's body, or nil at its end.
    func nextPiece() async throws -> ByteBuffer? {
        while place == .preamble || place == .body {
            switch try findDelimiter() {
            case .content(let length) where length > 0: return buffer.readSlice(length: length)
            case .delimiter(let length, let skipping, let isLast):
                // A body that ends here gives its bytes first; the delimiter is found again in the next call
                if length > 0 { return buffer.readSlice(length: length) }
                buffer.moveReaderIndex(forwardBy: skipping)
                place = isLast ? .ended : .headers
                if isLast { try await skipEpilogue() }
                return nil
            case .content: try await fill()
            }
        }
        return nil
    }

    private enum Found {
        /// So many bytes are surely content; 0: more bytes are needed to tell.
        case content(Int)
        /// So many bytes of content, then `skipping` bytes of a delimiter line.
        case delimiter(after: Int, skipping: Int, isLast: Bool)
    }

    private func findDelimiter() throws -> Found {
        unsafe buffer.withUnsafeReadableBytes { bytes in
            var start = 0
            while let at = unsafe find(in: bytes, from: start) {
                let isAfterCR = unsafe at > 0 && bytes[at - 1] == 0x0D
                let contentEnd = isAfterCR ? at - 1 : at
                switch unsafe lineEnd(in: bytes, from: at + needle.count) {
                case .last(let end): return .delimiter(after: contentEnd, skipping: end - contentEnd, isLast: true)
                case .line(let end): return .delimiter(after: contentEnd, skipping: end - contentEnd, isLast: false)
                case .unknown: return .content(contentEnd)
                case .none: start = at + 1
                }
            }
            // What could still become CR LF "--" boundary stays
            return .content(Swift.max(0, bytes.count - needle.count))
        }
    }

    /// Where "\n--boundary" stands at or after `start`.
    private func find(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        return unsafe needle.withUnsafeBytes { needle in
            guard let first = needle.baseAddress else { return nil }
            var at = start
            while bytes.count - at >= needle.count {
                guard let hit = unsafe memchr(base + at, 0x0A, bytes.count - at - needle.count + 1) else { return nil }
                at = unsafe UnsafeRawPointer(hit) - base
                if unsafe memcmp(base + at, first, needle.count) == 0 { return at }
                at += 1
            }
            return nil
        }
    }

    private enum LineEnd {
        case last(Int)
        case line(Int)
        case unknown
        case none
    }

    /// What follows a boundary: "--", or blanks and the end of the line, or neither (then it was content).
    private func lineEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> LineEnd {
        guard bytes.count - start >= 2 else { return sourceEnded ? .none : .unknown }
        if unsafe bytes[start] == 0x2D && bytes[start + 1] == 0x2D { return .last(start + 2) }
        var at = start
        while at < bytes.count, at - start < 256 {
            switch unsafe bytes[at] {
            case 0x20, 0x09: at += 1
            case 0x0A: return .line(at + 1)
            case 0x0D:
                guard at + 1 < bytes.count else { return .unknown }
                return unsafe bytes[at + 1] == 0x0A ? .line(at + 2) : .none
            default: return .none
            }
        }
        return at - start < 256 ? .unknown : .none
    }

    /// Adds the next chunk of the source to the buffer.
    private func fill() async throws {
        guard !sourceEnded, let chunk = try await pull() else {
            sourceEnded = true
            try Task.checkCancellation()
            throw MasqueError(
                .badInput, "The form ends in the middle of a part: its closing boundary is missing.",
                advice: "Send the upload again.")
        }
        received += chunk.readableBytes
        guard received <= limits.totalBytes else { throw tooMuch("bytes; \(limits.totalBytes) are allowed") }
        if buffer.readableBytes == 0 {
            buffer = chunk
        } else {
            // What was given out shares the old storage: writing to it would copy all of it
            var joined = ByteBufferAllocator().buffer(capacity: buffer.readableBytes + chunk.readableBytes)
            joined.writeBuffer(&buffer)
            joined.writeImmutableBuffer(chunk)
            buffer = joined
        }
    }

    private func skipEpilogue() async throws {
        var skipped = buffer.readableBytes
        buffer.clear()
        while let chunk = try await pull() {
            skipped += chunk.readableBytes
            guard skipped <= limits.headerBytes else { throw tooMuch("bytes after its last part") }
        }
        sourceEnded = true
    }

    /// The header lines of a part, continued lines joined (RFC 5322 folding).
    private func headerLines() async throws -> [String] {
        var lines: [String] = []
        var bytes = 0
        while true {
            guard let line = try await line(upTo: limits.headerBytes - bytes) else {
                throw tooMuch("bytes in the headers of a part; \(limits.headerBytes) are allowed")
            }
            bytes += line.count + 1
            if line.isEmpty { return lines }
            let text = String(validating: line, as: UTF8.self) ?? String(line.map { Character(UnicodeScalar($0)) })
            if let first = line.first, first == 0x20 || first == 0x09, let last = lines.popLast() {
                lines.append(last + text)
            } else {
                lines.append(text)
            }
        }
    }

    /// One line without its end; nil when it is longer than `most`.
    private func line(upTo most: Int) async throws -> [UInt8]? {
        var searched = 0
        while true {
            let view = buffer.readableBytesView
            if let end = view.dropFirst(searched).firstIndex(of: 0x0A) {
                let length = end - view.startIndex
                guard length <= most, var line = buffer.readBytes(length: length) else { return nil }
                buffer.moveReaderIndex(forwardBy: 1)
                if line.last == 0x0D { line.removeLast() }
                return line
            }
            searched = buffer.readableBytes
            guard searched <= most else { return nil }
            try await fill()
        }
    }

    private func tooMuch(_ what: String) -> MasqueError { MasqueError(.tooLarge, "The form has too many \(what).") }
}
