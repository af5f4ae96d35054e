// Limits how often a client may call, and tells it where it stands.

internal import Errors
internal import HTTPTypes
package import Hummingbird

/// Headers: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-09), and the three older ones.
/// Beyond the limit 429 with Retry-After. Stands inside ``ErrorAnswers``, after authentication.
package struct RateLimits<Context: RequestContext>: RouterMiddleware {
    private let limiter: RateLimiter
    private let policy: @Sendable (Request, Context) -> (key: String, policy: RatePolicy)?

    /// - Parameter policy: whose bucket a request takes from; nil for requests that are not limited.
    package init(
        _ limiter: RateLimiter, policy: @escaping @Sendable (Request, Context) -> (key: String, policy: RatePolicy)?
    ) {
        self.limiter = limiter
        self.policy = policy
    }

    @concurrent package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let (key, policy) = policy(request, context) else { return try await next(request, context) }
        let decision = limiter.take(key, policy: policy)
        var headers: HTTPFields = [
            .known("RateLimit-Policy"): "\"\(policy.name)\";q=\(policy.quota);w=\(policy.windowSeconds)",
            .known("RateLimit"): "\"\(policy.name)\";r=\(decision.remaining);t=\(decision.resetSeconds)",
            .known("RateLimit-Limit"): "\(policy.quota)", .known("RateLimit-Remaining"): "\(decision.remaining)",
            .known("RateLimit-Reset"): "\(decision.resetSeconds)",
        ]
        guard decision.isAllowed else {
            headers[.retryAfter] = "\(decision.retryAfterSeconds)"
            throw AnsweredError(
                MasqueError(
                    .tooManyRequests,
                    "There were more than \(policy.quota) requests in \(policy.windowSeconds) seconds.",
                    advice: "Wait \(decision.retryAfterSeconds) seconds."), headers: headers)
        }
        do {
            var response = try await next(request, context)
            response.headers.append(contentsOf: headers)
            return response
        } catch {
            throw HeaderedError(underlying: error, headers: headers)
        }
    }
}
