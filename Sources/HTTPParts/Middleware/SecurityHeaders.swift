// Headers that keep browsers from doing more with an answer than it is for.

internal import HTTPTypes
package import Hummingbird

/// Sets what a route has not set itself: a page brings its own Content-Security-Policy.
package struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    package init() {}

    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for field in Self.fields where response.headers[field.name] == nil { response.headers.append(field) }
        return response
    }

    private static var fields: [HTTPField] { securityFields }
}

private let securityFields: [HTTPField] = [
    HTTPField(name: .xContentTypeOptions, value: "nosniff"),
    HTTPField(name: .contentSecurityPolicy, value: "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    HTTPField(name: .known("Referrer-Policy"), value: "no-referrer"),
    HTTPField(
        name: .known("Permissions-Policy"), value: "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"),
    HTTPField(name: .known("X-Frame-Options"), value: "DENY"),
    HTTPField(name: .known("Cross-Origin-Opener-Policy"), value: "same-origin"),
]
