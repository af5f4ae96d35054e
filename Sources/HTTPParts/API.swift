// The declared API of the parts that are still being written; each moves to its own file.

package import Errors
package import HTTPTypes
package import Hummingbird
package import HummingbirdCore
package import Logging
package import NIOCore

package struct MultipartLimits: Sendable {
    package var parts: Int
    package var headerBytes: Int
    package var fieldBytes: Int
    package init(parts: Int = 32, headerBytes: Int = 16 << 10, fieldBytes: Int = 1 << 20) {
        (self.parts, self.headerBytes, self.fieldBytes) = (parts, headerBytes, fieldBytes)
    }
}

/// Used by one task; not Sendable. `while let part = try await reader.nextPart() { … }`; what of a part's body was not read is skipped.
package final class MultipartReader {
    /// Throws .unsupportedMedia when the request is not multipart/form-data, .badInput without a boundary.
    package convenience init(_ request: Request, limits: MultipartLimits = MultipartLimits()) throws { fatalError() }
    package init(
        body: some AsyncSequence<ByteBuffer, any Error>, boundary: String, limits: MultipartLimits = MultipartLimits()
    ) { fatalError() }
    package func nextPart() async throws -> MultipartPart? { fatalError() }
}

package struct MultipartPart {
    package let name: String
    package let fileName: String?
    package let contentType: String?
    package var isFile: Bool { fileName != nil }
    package var body: MultipartBody { fatalError() }
    /// The whole body as text; throws when longer than `fieldBytes` or not UTF-8.
    package func text() async throws -> String { fatalError() }
}

package struct MultipartBody: AsyncSequence {
    package typealias Element = ByteBuffer
    package struct AsyncIterator: AsyncIteratorProtocol {
        package mutating func next() async throws -> ByteBuffer? { fatalError() }
    }
    package func makeAsyncIterator() -> AsyncIterator { fatalError() }
}

package struct BodyFile: Sendable {
    package let path: String
    package let byteCount: Int
    /// Lower-case hexadecimal.
    package let sha256: String
    /// The first 64 bytes or fewer.
    package let head: [UInt8]
    /// Writes `body` to a new file at `path`; the file is gone again on any error or cancellation.
    /// `what` names it in sentences ("The target").
    package static func receive(
        _ body: some AsyncSequence<ByteBuffer, any Error>, at path: String, maxBytes: Int, what: String = "The upload"
    ) async throws -> BodyFile { fatalError() }
}

package struct FileAnswer: Sendable {
    package enum Disposition: String, Sendable { case inline, attachment }
    /// `tag`: a strong ETag without quotes, such as a SHA-256; made from size and times where nil.
    /// `whenSent` runs after the whole file (not a range) was sent.
    package init(
        path: String, mediaType: String, fileName: String? = nil, disposition: Disposition = .inline,
        tag: String? = nil,
        cacheControl: String = "private, no-cache", whenSent: (@Sendable () async -> Void)? = nil
    ) { fatalError() }
    /// The answer to a GET or HEAD (200, 206, 304, 412, 416). Throws .notFound when there is no such file.
    package func response(to request: Request) async throws -> Response { fatalError() }
}

package struct ServerSentEvent: Hashable, Sendable {
    package var id: String?
    package var event: String?
    package var data: String
    package var retryMilliseconds: Int?
    package init(id: String? = nil, event: String? = nil, data: String, retryMilliseconds: Int? = nil) { fatalError() }
}

package enum ServerSentEvents {
    /// Ends when `events` end (an error of theirs ends the stream too), the client goes or the server shuts down.
    package static func response(
        to request: Request, keepAlive: Duration = .seconds(15),
        events: some AsyncSequence<ServerSentEvent, any Error> & Sendable
    ) -> Response { fatalError() }
}

package struct ConnectionLimits: Sendable {
    package var headerBytes = 32 << 10
    package var headerCount = 100
    package var headerDeadline: TimeAmount = .seconds(15)
    package var bodyBytesPerSecond = 1024
    package var bodyWindow: TimeAmount = .seconds(20)
    package var idleTimeout: TimeAmount = .seconds(75)
    package var writeStall: TimeAmount = .seconds(60)
    package var maxConnections = 4096
    package init() {}
}

extension HTTPServerBuilder {
    /// HTTP/1.1 with limits, deadlines and `Expect: 100-continue`: `Application(router:, server: .guarded(limits), configuration: .guarded(…))`.
    package static func guarded(_ limits: ConnectionLimits = ConnectionLimits()) -> HTTPServerBuilder { fatalError() }
}
extension ApplicationConfiguration {
    /// No Server banner, at most `limits.maxConnections` at once.
    package static func guarded(address: BindAddress, limits: ConnectionLimits = ConnectionLimits(), logger: Logger)
        -> ApplicationConfiguration
    { fatalError() }
}

// Middleware, in the order in which they are added: RequestIDs, AccessLog, CORS, SecurityHeaders, ErrorAnswers, BodyLimit, auth, RateLimits.

/// Afterwards `context.id` is the id.
package struct RequestIDs<Context: RequestContext>: RouterMiddleware {
    package init() {}
    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response { fatalError() }
}
/// One line a request; `measured` gets method, route template, status, seconds until the answer was sent.
package struct AccessLog<Context: RequestContext>: RouterMiddleware {
    package init(
        measured: @escaping @Sendable (_ method: String, _ route: String, _ status: Int, _ seconds: Double) -> Void = {
            _, _, _, _ in
        }
    ) { fatalError() }
    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response { fatalError() }
}
/// Does not replace a header that the route has set (a page with its own Content-Security-Policy).
package struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    package init() {}
    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response { fatalError() }
}
package enum AllowedOrigins: Sendable { case any, only(Set<String>) }
package struct CORS<Context: RequestContext>: RouterMiddleware {
    package init(origins: AllowedOrigins, credentials: Bool = false) { fatalError() }
    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response { fatalError() }
}
/// Which methods which paths have, for 405 and Allow. Filled once all routes are added: `table.fill(router)`.
package final class RouteTable: Sendable {
    package init() {}
    package func fill(_ router: Router<some RequestContext>) { fatalError() }
    package func methods(at path: String) -> [HTTPRequest.Method] { fatalError() }
}
package struct ErrorAnswers<Context: RequestContext>: RouterMiddleware {
    package init(routes: RouteTable) { fatalError() }
    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response { fatalError() }
}
/// An error with headers of its own (WWW-Authenticate, Retry-After…), for ErrorAnswers.
package struct AnsweredError: Error {
    package var error: MasqueError
    package var status: HTTPResponse.Status?
    package var headers: HTTPFields
    package init(_ error: MasqueError, status: HTTPResponse.Status? = nil, headers: HTTPFields = [:]) { fatalError() }
}
/// Refuses by Content-Length before the body is read; the closure gives the limit in bytes for a request.
package struct BodyLimit<Context: RequestContext>: RouterMiddleware {
    package init(_ limit: @escaping @Sendable (Request, Context) -> Int) { fatalError() }
    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response { fatalError() }
}
package struct RatePolicy: Hashable, Sendable {
    package var name: String
    package var quota: Int
    package var windowSeconds: Int
    package init(name: String, quota: Int, windowSeconds: Int) { fatalError() }
}
package struct RateDecision: Sendable {
    package let isAllowed: Bool
    package let remaining: Int
    package let resetSeconds: Int
    package let retryAfterSeconds: Int
}
package final class RateLimiter: Sendable {
    /// `now`: seconds on a clock that never goes back.
    package init(maxKeys: Int = 100_000, now: (@Sendable () -> Double)? = nil) { fatalError() }
    package func take(_ key: String, policy: RatePolicy) -> RateDecision { fatalError() }
}
package struct RateLimits<Context: RequestContext>: RouterMiddleware {
    /// `policy` returns nil for requests that are not limited.
    package init(
        _ limiter: RateLimiter, policy: @escaping @Sendable (Request, Context) -> (key: String, policy: RatePolicy)?
    ) { fatalError() }
    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response { fatalError() }
}

package struct FinishedUpload: Sendable {
    package let path: String
    package let byteCount: Int
    package let fileName: String?
    package let mediaType: String?
    package let head: [UInt8]
    package let sha256: String
}
package final class TusUploads: Sendable {
    package init(folder: String, maxBytes: Int, lifetimeSeconds: Int = 86_400, maxUploadsPerOwner: Int = 100) throws {
        fatalError()
    }
    /// Adds OPTIONS, POST "" and OPTIONS, HEAD, PATCH, DELETE ":id" to `group` (which has the path /uploads and the authentication).
    package func addRoutes<Context: RequestContext>(
        to group: RouterGroup<Context>, owner: @escaping @Sendable (Request, Context) async throws -> String
    ) { fatalError() }
    /// Ends a finished upload and gives its file away: the caller moves or removes it. Throws .notFound, .conflict (unfinished).
    package func take(_ id: String, owner: String) async throws -> FinishedUpload { fatalError() }
    /// Removes what has expired; how many.
    package func sweep() async throws -> Int { fatalError() }
}

package struct MediaRange: Sendable {
    /// The one of `offered` that the client's Accept likes best; the first for no header or `*/*`; nil when it takes none.
    package static func best(of offered: [String], accept: String?) -> String? { fatalError() }
}
package enum Language: String, CaseIterable, Sendable {
    case english = "en", russian = "ru", korean = "ko"
    package static func best(acceptLanguage: String?) -> Language { fatalError() }
}
