// Turns whatever a route throws into one shape of answer, without telling internals.

internal import Errors
internal import FoundationEssentials
internal import HTTPTypes
package import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Answers errors as `{"error", "message", "advice", "request_id"}`, or with what RFC 9457 adds when the client accepts
/// `application/problem+json`. Unknown routes (404, 405 with Allow, OPTIONS) have the same shape.
package struct ErrorAnswers<Context: RequestContext>: RouterMiddleware {
    private let routes: RouteTable

    /// - Parameter routes: is filled when all routes are added.
    package init(routes: RouteTable) { self.routes = routes }

    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            if let response = unknownRoute(request, context, error) { return response }
            return answer(to: error, request, context)
        }
    }

    private func unknownRoute(_ request: Request, _ context: Context, _ error: any Error) -> Response? {
        guard context.endpointPath == "NotFound", (error as? HTTPError)?.status == .notFound else { return nil }
        let path = request.uri.path
        let methods = routes.methods(at: path)
        guard !methods.isEmpty else {
            let error = MasqueError(
                .notFound, "There is nothing at \(path.prefix(200)).", advice: "GET /docs lists what there is.")
            return answer(to: error, request, context)
        }
        let allow = (methods + [.options]).map(\.rawValue).joined(separator: ", ")
        if request.method == .options { return Response(status: .noContent, headers: [.allow: allow]) }
        let error = MasqueError(
            .badInput, "\(request.method) is not possible at \(path.prefix(200)).", advice: "Possible are \(allow).")
        return answer(
            to: AnsweredError(error, status: .methodNotAllowed, headers: [.allow: allow]), request, context)
    }

    private func answer(to error: any Error, _ request: Request, _ context: Context) -> Response {
        let fault = Fault(error)
        if fault.status.code >= 500 {
            let cause = (fault.error.cause ?? (fault.isUnknown ? error : nil)).map { "\($0)" } ?? ""
            context.logger.error(
                "\(fault.error.message)", metadata: ["error.code": "\(fault.code)", "error.cause": "\(cause)"])
        }
        let accepted = request.headers[.accept] ?? ""
        let asProblem = accepted.lowercased().contains("application/problem+json")
        var body = ErrorBody(
            error: fault.code, message: fault.error.message, advice: fault.error.advice,
            // Not `context.id`: a log handler that keeps no metadata would end the process there.
            request_id: context.logger[metadataKey: "hb.request.id"]?.description ?? "")
        if asProblem {
            body.type = "about:blank"
            body.title = fault.status.reasonPhrase
            body.status = fault.status.code
            body.detail = fault.error.description
            body.instance = request.uri.path
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        let data = (try? encoder.encode(body)) ?? Data(#"{"error":"failed","message":"The server failed."}"#.utf8)
        var headers = fault.headers
        headers[.contentType] = asProblem ? "application/problem+json" : "application/json; charset=utf-8"
        headers[.cacheControl] = "no-store"
        if fault.status == .serviceUnavailable, headers[.retryAfter] == nil { headers[.retryAfter] = "5" }
        headers[.contentLength] = "\(data.count)"
        let isHead = request.method == .head
        return Response(
            status: fault.status, headers: headers, body: isHead ? .init() : .init(byteBuffer: ByteBuffer(bytes: data)))
    }
}

/// The JSON of an error.
private struct ErrorBody: Encodable {
    let error: String
    let message: String
    let advice: String?
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let request_id: String
    var type: String?
    var title: String?
    var status: Int?
    var detail: String?
    var instance: String?
}
