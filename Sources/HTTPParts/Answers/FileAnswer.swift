// A file as the answer to GET or HEAD: conditions, ranges and names as RFC 9110 has them, in constant memory.

internal import Errors
internal import HTTPTypes
package import HummingbirdCore
internal import NIOCore

/// A file to be answered with.
///
/// The file is opened once: deleting or replacing it while it is sent does no harm. Bytes go through memory 256 KiB at a
/// time, as Hummingbird's response parts carry buffers only (there is no sendfile).
package struct FileAnswer: Sendable {
    /// What a browser does with it.
    package enum Disposition: String, Sendable { case inline, attachment }

    private let path: String
    private let mediaType: String
    private let fileName: String?
    private let disposition: Disposition
    private let tag: String?
    private let cacheControl: String
    private let whenSent: (@Sendable () async -> Void)?

    /// - Parameters:
    ///   - fileName: what it is called on the client's side; nil sends no Content-Disposition.
    ///   - tag: a strong ETag without quotes, such as a SHA-256; nil makes one out of the file's place, length and times.
    ///   - whenSent: runs after the whole file (not a range or HEAD) was written to the connection.
    package init(
        path: String, mediaType: String, fileName: String? = nil, disposition: Disposition = .inline,
        tag: String? = nil,
        cacheControl: String = "private, no-cache", whenSent: (@Sendable () async -> Void)? = nil
    ) {
        self.path = path
        self.mediaType = mediaType
        self.fileName = fileName
        self.disposition = disposition
        self.tag = tag
        self.cacheControl = cacheControl
        self.whenSent = whenSent
    }

    /// The answer to a GET or HEAD: 200, 206, 304, 412 or 416.
    /// - Throws: `.notFound` when there is no such file, `.failed` when it cannot be read.
    package func response(to request: Request) async throws -> Response {
        guard let file = try await OpenFile.open(path) else {
            throw MasqueError(.notFound, "The file is not there any more.")
        }
        let tag = "\"\(tag ?? file.tag)\""
        var headers: HTTPFields = [
            .eTag: tag, .lastModified: file.modified.text, .acceptRanges: "bytes", .cacheControl: cacheControl,
        ]
        if let fileName {
            headers[.contentDisposition] = contentDisposition(disposition.rawValue, fileName: fileName)
        }
        switch Precondition(request.headers, method: request.method, tag: tag, modified: file.modified) {
        case .failed:
            throw AnsweredError(
                MasqueError(.conflict, "The file is not the one that the request's condition names."),
                status: .preconditionFailed)
        case .notModified: return Response(status: .notModified, headers: headers)
        case .none: break
        }
        headers[.contentType] = mediaType
        var ranges = ByteRanges.whole
        if request.method == .get, rangeHolds(request.headers[.ifRange], tag: tag, modified: file.modified) {
            ranges = ByteRanges(request.headers[.range], length: file.length)
        }
        switch ranges {
        case .unsatisfiable:
            throw AnsweredError(
                MasqueError(
                    .badInput, "The range asked for lies behind the end of the file, \(file.length) bytes long."),
                status: .rangeNotSatisfiable,
                headers: [.contentRange: "bytes */\(file.length)", .acceptRanges: "bytes"])
        case .whole:
            headers[.contentLength] = "\(file.length)"
            guard request.method == .get else { return Response(status: .ok, headers: headers, body: .init()) }
            let pieces = [Piece(head: nil, range: 0..<file.length)]
            return Response(status: .ok, headers: headers, body: body(of: file, pieces, whenSent: whenSent))
        case .some(let ranges) where ranges.count == 1:
            let range = ranges[0]
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.length)"
            return Response(
                status: .partialContent, headers: headers, body: body(of: file, [Piece(head: nil, range: range)]))
        case .some(let ranges):
            let boundary = "masque-\(String(UInt64.random(in: .min ... .max), radix: 36))"
            headers[.contentType] = "multipart/byteranges; boundary=\(boundary)"
            var pieces = ranges.map { range in
                Piece(
                    head: """
                        \r\n--\(boundary)\r\nContent-Type: \(mediaType)\r\nContent-Range: bytes \
                        \(range.lowerBound)-\(range.upperBound - 1)/\(file.length)\r\n\r\n
                        """, range: range)
            }
            pieces.append(Piece(head: "\r\n--\(boundary)--\r\n", range: 0..<0))
            return Response(status: .partialContent, headers: headers, body: body(of: file, pieces))
        }
    }

    /// Some text, then some bytes of the file.
    private struct Piece {
        let head: String?
        let range: Range<Int>
        var length: Int { (head?.utf8.count ?? 0) + range.count }
    }

    private func body(
        of file: OpenFile, _ pieces: [Piece], whenSent: (@Sendable () async -> Void)? = nil
    ) -> ResponseBody {
        ResponseBody(contentLength: pieces.map(\.length).reduce(0, +)) { writer in
            for piece in pieces {
                if let head = piece.head { try await writer.write(ByteBuffer(string: head)) }
                var rest = piece.range
                while !rest.isEmpty {
                    let chunk = try await file.read(rest)
                    rest = rest.lowerBound + chunk.readableBytes..<rest.upperBound
                    try await writer.write(chunk)
                }
            }
            try await writer.finish(nil)
            await whenSent?()
        }
    }
}
