// Gives every request an id: the client's own where it is sane, else a new one; in the logs and in the answer.

internal import Files
internal import HTTPTypes
package import Hummingbird
internal import Logging

/// The outermost middleware. Afterwards `context.id` and the log field `hb.request.id` are the id.
package struct RequestIDs<Context: RequestContext>: RouterMiddleware {
    package init() {}

    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let id = request.headers[.requestID].flatMap { isSaneRequestID($0) ? $0 : nil } ?? newRequestID()
        var context = context
        context.logger[metadataKey: "hb.request.id"] = .string(id)
        var response = try await next(request, context)
        response.headers[.requestID] = id
        return response
    }
}

/// Eight to 128 letters, digits and "-_.:": what goes to logs must not be able to forge them.
func isSaneRequestID(_ id: String) -> Bool {
    (8...128).contains(id.utf8.count)
        && id.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
                || byte == 46
                || byte == 95 || byte == 58
        }
}

/// 128 random bits in hexadecimal.
func newRequestID() -> String { randomName() }

extension HTTPField.Name {
    package static let requestID = known("X-Request-Id")
}
