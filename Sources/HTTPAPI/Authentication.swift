// Lets in who shows a good token or key, and only to what its scopes allow.

internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import Logging
internal import Services

extension HTTPField.Name {
    static let apiKey = known("X-API-Key")
    static let apiToken = known("X-Token")
    static let forwardedFor = known("X-Forwarded-For")
    static let forwardedProto = known("X-Forwarded-Proto")
    static let idempotencyKey = known("Idempotency-Key")
    static let fileName = known("X-File-Name")
    static let lastEventID = known("Last-Event-ID")
    static let fetchSite = known("Sec-Fetch-Site")
    static let prefer = known("Prefer")
    static let telegramSecret = known("X-Telegram-Bot-Api-Secret-Token")
    static let preferenceApplied = known("Preference-Applied")

    /// A name that is written here and known to be a token of RFC 9110.
    private static func known(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("“\(name)” is no header name") }
        return field
    }
}

/// Finds out who calls. Reading needs the scope `read`, everything else `write`; `OPTIONS` needs nothing.
struct Authentication: RouterMiddleware {
    let authenticator: Authenticator
    /// Lets calls without any credentials in as `anonymous` (`PROCESS_TOKEN_REQUIRED=0`).
    var admitsAnonymous = false
    let pages: PageCalls
    let client: ClientAddress
    /// Counts refused tokens and keys by the address that they came from; nil: nobody counts.
    let failures: (limiter: RateLimiter, policy: RatePolicy)?

    typealias Context = APIContext

    @concurrent func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard request.method != .options else { return try await next(request, context) }
        var context = context
        let principal = try await principal(of: request, context)
        if principal.kind == .anonymous { try pages.check(request) }
        try principal.require(request.method == .get || request.method == .head ? .read : .write)
        context.principal = principal
        context.logger[metadataKey: "owner"] = "\(principal.owner)"
        return try await next(request, context)
    }

    private func principal(of request: Request, _ context: APIContext) async throws -> Principal {
        let authorization = request.headers[.authorization]
        let key = request.headers[.apiKey] ?? request.headers[.apiToken]
        if admitsAnonymous, authorization == nil, key == nil { return .anonymous }
        do {
            return try await authenticator.principal(authorization: authorization, apiKey: key)
        } catch let error as MasqueError where error.code == .unauthorized {
            try countFailure(request, context)
            let challenge =
                authorization == nil && key == nil ? "Bearer realm=\"masque\"" : "Bearer error=\"invalid_token\""
            throw AnsweredError(error, headers: [.wwwAuthenticate: challenge])
        }
    }

    /// - Throws: `.tooManyRequests` when too many calls of this address were refused already.
    private func countFailure(_ request: Request, _ context: APIContext) throws {
        guard let failures else { return }
        let address = client.address(of: request, peer: context.peer)
        let decision = failures.limiter.take("failed:\(address)", policy: failures.policy)
        guard !decision.isAllowed else { return }
        throw AnsweredError(
            MasqueError(
                .tooManyRequests, "Too many calls of this address came without a token or key that is right.",
                advice: "Wait \(decision.retryAfterSeconds) seconds."),
            headers: [.retryAfter: "\(decision.retryAfterSeconds)"])
    }
}
