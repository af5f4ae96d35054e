// Turns whatever a route throws into one shape of answer, without telling internals.

internal import Errors
internal import FoundationEssentials
internal import HTTPTypes
package import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOHTTP1
package import Words

/// Answers errors as `{"error", "message", "advice", "request_id"}`, or with what RFC 9457 adds when the client accepts
/// `application/problem+json`, in the client's language. Unknown routes (404, 405 with Allow, OPTIONS) have the same shape.
package struct ErrorAnswers<Context: RequestContext>: RouterMiddleware {
    private let routes: RouteTable
    private let words: Words?
    private let tellsSuccess: @Sendable (String) -> Bool

    /// - Parameters:
    ///   - routes: is filled when all routes are added.
    ///   - words: says sentences in the language of Accept-Language; without it all are English.
    ///   - tellsSuccess: paths of a contract whose errors say `"success": false` and all that is to be said in `message`.
    package init(
        routes: RouteTable, words: Words? = nil, tellsSuccess: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        self.routes = routes
        self.words = words
        self.tellsSuccess = tellsSuccess
    }

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
        let voice = words.map { Voice($0, .best(acceptLanguage: request.headers[.acceptLanguage])) } ?? .english
        let (message, advice) = (voice.say(fault.error.message), fault.error.advice.map(voice.say))
        var body = ErrorBody(
            error: fault.code, message: message, advice: advice,
            // Not `context.id`: a log handler that keeps no metadata would end the process there.
            request_id: context.logger[metadataKey: "hb.request.id"]?.description ?? "")
        if tellsSuccess(request.uri.path) {
            body.success = false
            body.message = advice.map { "\(message) \($0)" } ?? message
        }
        if asProblem {
            body.type = "about:blank"
            body.title = fault.status.reasonPhrase
            body.status = fault.status.code
            body.detail = advice.map { "\(message) \($0)" } ?? message
            body.instance = request.uri.path
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        let data = (try? encoder.encode(body)) ?? Data(#"{"error":"failed","message":"The server failed."}"#.utf8)
        var headers = fault.headers
        headers[.contentType] = asProblem ? "application/problem+json" : "application/json; charset=utf-8"
        headers[.cacheControl] = "no-store"
        headers[.vary] = headers[.vary].map { "\($0), Accept" } ?? "Accept"
        headers.tell(voice.language)
        if fault.status == .serviceUnavailable, headers[.retryAfter] == nil { headers[.retryAfter] = "5" }
        headers[.contentLength] = "\(data.count)"
        let isHead = request.method == .head
        return Response(
            status: fault.status, headers: headers, body: isHead ? .init() : .init(byteBuffer: ByteBuffer(bytes: data)))
    }
}

/// The JSON of an error.
private struct ErrorBody: Encodable {
    var success: Bool?
    let error: String
    var message: String
    let advice: String?
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let request_id: String
    var type: String?
    var title: String?
    var status: Int?
    var detail: String?
    var instance: String?
}
