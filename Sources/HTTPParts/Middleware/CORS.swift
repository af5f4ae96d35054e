// Lets web pages of chosen origins use the server (Fetch standard, CORS).

internal import HTTPTypes
package import Hummingbird

/// Whose pages may call.
package enum AllowedOrigins: Sendable {
    /// Everybody's, without credentials.
    case any
    /// Those of exactly these origins, such as "https://studio.example.org"; none for an empty set.
    case only(Set<String>)
}

/// Answers preflights and marks answers, errors too: it stands outside of ``ErrorAnswers``.
package struct CORS<Context: RequestContext>: RouterMiddleware {
    private let origins: AllowedOrigins
    private let credentials: Bool

    /// - Parameter credentials: whether cookies may be sent; never with ``AllowedOrigins/any``.
    package init(origins: AllowedOrigins, credentials: Bool = false) {
        self.origins = origins
        if case .any = origins { self.credentials = false } else { self.credentials = credentials }
    }

    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let allowed = allowedOrigin(request.headers[.origin]) else {
            var response = try await next(request, context)
            addVary(&response)
            return response
        }
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            var response = Response(
                status: .noContent,
                headers: [
                    .accessControlAllowMethods: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
                    .accessControlAllowHeaders: sentHeaders, .accessControlMaxAge: "600",
                ])
            mark(&response, allowed)
            return response
        }
        var response = try await next(request, context)
        response.headers[.accessControlExposeHeaders] = readHeaders
        mark(&response, allowed)
        return response
    }

    private func allowedOrigin(_ origin: String?) -> String? {
        guard let origin else { return nil }
        switch origins {
        case .any: return "*"
        case .only(let known): return known.contains(origin) ? origin : nil
        }
    }

    private func mark(_ response: inout Response, _ allowed: String) {
        response.headers[.accessControlAllowOrigin] = allowed
        if credentials { response.headers[.accessControlAllowCredentials] = "true" }
        addVary(&response)
    }

    private func addVary(_ response: inout Response) {
        guard case .only = origins else { return }
        response.headers[.vary] = response.headers[.vary].map { "\($0), Origin" } ?? "Origin"
    }
}

/// What a page may send besides what the Fetch standard always lets it.
private let sentHeaders = """
    Authorization, Content-Type, Content-Disposition, Idempotency-Key, If-Match, If-None-Match, If-Range, Last-Event-ID, \
    Prefer, Range, Tus-Resumable, Upload-Checksum, Upload-Length, Upload-Metadata, Upload-Offset, \
    X-API-Key, X-File-Name, X-HTTP-Method-Override, X-Request-Id, X-Token
    """

/// What a page may read besides what the Fetch standard always lets it.
private let readHeaders = """
    Accept-Ranges, Content-Disposition, Content-Range, ETag, Idempotent-Replayed, Location, Preference-Applied, RateLimit, \
    RateLimit-Limit, RateLimit-Policy, RateLimit-Remaining, RateLimit-Reset, Retry-After, Tus-Checksum-Algorithm, \
    Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Expires, Upload-Length, Upload-Metadata, \
    Upload-Offset, WWW-Authenticate, X-Request-Id
    """
