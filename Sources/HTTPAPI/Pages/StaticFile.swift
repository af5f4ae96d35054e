// A small file that is kept in memory and answered with a tag, so that a browser asks for its content once.

internal import Crypto
internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

internal import struct Foundation.Data

/// Bytes that do not change while the server runs.
struct StaticFile: Sendable {
    let bytes: ByteBuffer
    let mediaType: String
    /// With quotes.
    let tag: String
    var headers: HTTPFields = [:]

    init(_ bytes: [UInt8], mediaType: String, headers: HTTPFields = [:]) {
        self.bytes = ByteBuffer(bytes: bytes)
        self.mediaType = mediaType
        tag = "\"\(SHA256.hash(data: Data(bytes)).prefix(12).map { String($0, radix: 16) }.joined())\""
        self.headers = headers
    }

    /// The content, or 304 when the client has it. Browsers ask each time, so a new version is seen at once.
    func answer(to request: Request, status: HTTPResponse.Status = .ok) -> Response {
        var headers = headers
        headers[.eTag] = tag
        headers[.cacheControl] = "no-cache"
        let known = request.headers[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }
            .map { $0.trimmingPrefix { $0 == " " }.trimmingPrefix("W/") }
        if status == .ok, known.contains(where: { $0 == tag || $0 == "*" }) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = mediaType
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: bytes))
    }

    /// The media type of a file of a web page by its ending; nil for one that pages do not have.
    static func mediaType(of name: String) -> String? {
        // A folder may be called `css`: an ending has a dot before it.
        switch name.split(separator: ".").dropFirst().last.map({ $0.lowercased() }) {
        case "html": "text/html; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "json": "application/json"
        case "webmanifest": "application/manifest+json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "webp": "image/webp"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "txt": "text/plain; charset=utf-8"
        default: nil
        }
    }
}
