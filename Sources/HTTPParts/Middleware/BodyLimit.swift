// Refuses a body that is too long by its Content-Length, before a byte of it is read.

internal import Errors
internal import HTTPTypes
package import Hummingbird

/// Bodies without a Content-Length are limited where they are read.
package struct BodyLimit<Context: RequestContext>: RouterMiddleware {
    private let limit: @Sendable (Request, Context) -> Int

    /// - Parameter limit: the most bytes a request's body may have.
    package init(_ limit: @escaping @Sendable (Request, Context) -> Int) { self.limit = limit }

    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }) {
            let most = limit(request, context)
            if length > most { throw MasqueError(tooLarge: "The request's body", most) }
        }
        return try await next(request, context)
    }
}
