// One log line and one measurement for each request.

internal import HTTPTypes
package import Hummingbird
internal import Logging
internal import NIOCore

/// Logs method, path (without its query, and cut after `/shared/`, because both may hold secrets), status and time, and
/// hands the same to a closure.
///
/// Answers that stream are measured to their end, others until they are handed to the connection.
package struct AccessLog<Context: RequestContext>: RouterMiddleware {
    /// What is told of a request: method, route template ("/jobs/{id}", or "unknown"), status, seconds.
    package typealias Measured = @Sendable (_ method: String, _ route: String, _ status: Int, _ seconds: Double) -> Void

    /// Longer answers and those of unknown length are wrapped to see their end; the others keep Hummingbird's fast path.
    private let streamedFrom = 64 << 10
    private let measured: Measured

    /// - Parameter measured: called once a request, at its end.
    package init(measured: @escaping Measured = { _, _, _, _ in }) { self.measured = measured }

    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let finish: @Sendable (Int, Bool) -> Void = { status, isWhole in
            let elapsed = start.duration(to: .now)
            let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
            let route = context.endpointPath == "NotFound" ? nil : context.endpointPath
            measured(request.method.rawValue, route ?? "unknown", status, seconds)
            let path = withoutSecrets(request.uri.path)
            // Everything once: in the fields, by which collectors of logs search.
            var facts: Logger.Metadata = [
                "http.method": "\(request.method)", "http.path": "\(path)", "http.status": "\(status)",
                "http.seconds": "\((seconds * 1e6).rounded() / 1e6)",
            ]
            if !isWhole { facts["http.whole"] = "false" }
            context.logger.info("A request was answered.", metadata: facts)
        }
        do {
            let response = try await next(request, context)
            let status = response.status.code
            if let length = response.body.contentLength, length <= streamedFrom {
                finish(status, true)
                return response
            }
            let body = response.body
            let watched = ResponseBody(contentLength: body.contentLength) { writer in
                do {
                    nonisolated(unsafe) let inner = writer
                    try await unsafe body.write(inner)
                    finish(status, true)
                } catch {
                    finish(status, false)
                    throw error
                }
            }
            return Response(status: response.status, headers: response.headers, body: watched)
        } catch {
            finish(500, false)
            throw error
        }
    }
}

/// A path as logs may show it: whoever has a link of `/shared/` sees what it shares, so the rest of it is left out.
package func withoutSecrets(_ path: String) -> String {
    guard let first = path.split(separator: "/").first else { return path }
    // No path of the server begins percent-encoded; one that does may be the same in disguise.
    if first.contains("%") { return "/…" }
    return first.lowercased() == "shared" ? "/shared/…" : path
}
