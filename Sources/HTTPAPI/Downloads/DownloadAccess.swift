// Who may call for downloads of models: by address, then by X-Token or a token of an administrator.

internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import Logging
internal import Services

/// Judges calls below `/civitai` and `/fleet`; what is refused is logged.
struct DownloadAccess: RouterMiddleware {
    let downloads: ModelDownloads?
    let authenticator: Authenticator
    /// `JWT_REQUIRED`.
    let isTokenRequired: Bool
    let pages: PageCalls
    let client: ClientAddress
    let failures: (limiter: RateLimiter, policy: RatePolicy)
    /// Lets everybody in whose address is allowed; for the question whether the server is there.
    var isOpen = false

    typealias Context = APIContext

    @concurrent func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard request.method != .options else { return try await next(request, context) }
        let address = client.address(of: request, peer: context.peer)
        if let downloads, !downloads.admits(address) {
            await note(.wrongAddress, request, address)
            throw MasqueError(
                .forbidden, "Calls from your address are not allowed here.",
                advice: "Ask the administrator to add it to MASQUE_DOWNLOAD_CLIENTS.")
        }
        if isOpen { return try await next(request, context) }
        var context = context
        let principal = try await principal(of: request, address)
        context.principal = principal
        context.logger[metadataKey: "owner"] = "\(principal.owner)"
        return try await next(request, context)
    }

    private func principal(of request: Request, _ address: String) async throws -> Principal {
        if let token = request.headers[.apiToken], downloads?.isToken(token) == true { return .downloader }
        if isWithoutCredentials(request) {
            if !isTokenRequired, downloads?.token == nil {
                try pages.check(request)
                return .anonymous
            }
            try await refuse(
                .noToken, request, address, "This call needs a token.", challenge: "Bearer realm=\"masque\"")
        }
        do {
            let principal = try await authenticator.principal(
                authorization: request.headers[.authorization],
                apiKey: request.headers[.apiKey] ?? request.headers[.apiToken])
            try principal.require(.admin)
            return principal
        } catch let error as MasqueError where error.code == .unauthorized {
            try await refuse(
                .wrongToken, request, address, "The token is wrong.", challenge: "Bearer error=\"invalid_token\"")
        }
    }

    private func refuse(
        _ event: SecurityLog.Event, _ request: Request, _ address: String, _ sentence: String, challenge: String
    ) async throws -> Never {
        let decision = failures.limiter.take("failed:\(address)", policy: failures.policy)
        guard decision.isAllowed else {
            throw AnsweredError(
                MasqueError(
                    .tooManyRequests, "Too many calls of this address came without a token or key that is right.",
                    advice: "Wait \(decision.retryAfterSeconds) seconds."),
                headers: [.retryAfter: "\(decision.retryAfterSeconds)"])
        }
        // What comes after is not logged line by line: nobody is to fill the disk by asking.
        await note(decision.remaining == 0 ? .tooManyFailures : event, request, address)
        throw AnsweredError(
            MasqueError(
                .unauthorized, sentence,
                advice: "Send MASQUE_DOWNLOAD_TOKEN as X-Token, or a token with the scope admin."),
            headers: [.wwwAuthenticate: challenge])
    }

    private func note(_ event: SecurityLog.Event, _ request: Request, _ address: String) async {
        await downloads?.suspicions.record(
            event, address: address, method: request.method.rawValue, path: request.uri.path,
            agent: request.headers[.userAgent])
    }
}
