// Turns the Authorization and X-API-Key headers of a call into the one who makes it.

internal import Errors
package import Foundation
package import JobQueue

/// Checks tokens and keys. One per server; cheap to copy.
package struct Authenticator: Sendable {
    private let tokens: TokenVerifier
    private let keys: (any KeyStore)?
    /// Whether a call without credentials is refused (`JWT_REQUIRED`, by default yes).
    package let isRequired: Bool
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - keys: where API keys are kept; nil: there are none.
    ///   - isRequired: false lets calls without credentials pass as ``Principal/anonymous``. Wrong credentials are refused
    ///     all the same.
    package init(
        tokens: TokenVerifier, keys: (any KeyStore)?, isRequired: Bool = true,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.tokens = tokens
        self.keys = keys
        self.isRequired = isRequired
        self.now = now
    }

    /// The caller of a request.
    ///
    /// `Authorization: Bearer` takes a JSON Web Token or an API key. When both headers are there, both must be right and
    /// belong to the same owner; the call then has the scopes that both have.
    /// - Parameters:
    ///   - authorization: the value of `Authorization`, nil when the header is missing.
    ///   - apiKey: the value of `X-API-Key` (or `X-Token`), nil when the header is missing.
    /// - Throws: ``MasqueError`` `.unauthorized` with a sentence that says what is wrong; the store's errors.
    package func principal(authorization: String?, apiKey: String?) async throws -> Principal {
        let byToken: Principal? =
            if let authorization { try await principal(bearer: Self.bearer(authorization)) } else { nil }
        let byKey: Principal? = if let apiKey { try await principal(key: trimmed(apiKey)) } else { nil }
        switch (byToken, byKey) {
        case (let token?, let key?):
            guard token.owner == key.owner else {
                throw MasqueError(
                    .unauthorized, "The token and the API key of this call belong to two users.",
                    advice: "Send only one of the two.")
            }
            return Principal(
                owner: key.owner, scopes: token.scopes.intersection(key.scopes), kind: key.kind, id: key.id)
        case (let one?, nil), (nil, let one?): return one
        case (nil, nil):
            guard isRequired else { return .anonymous }
            throw MasqueError(
                .unauthorized, "This call needs a token or an API key, and came without.",
                advice: "Send “Authorization: Bearer <token>” or “X-API-Key: <key>”.")
        }
    }

    /// The credentials of `Bearer …` (RFC 6750; the word is matched without regard to case, RFC 9110).
    private static func bearer(_ header: String) throws -> String {
        let parts = trimmed(header).split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw MasqueError(
                .unauthorized, "The Authorization header is not of the form “Bearer <token>”.",
                advice: "Send “Authorization: Bearer <token>”.")
        }
        return trimmed(String(parts[1]))
    }

    private func principal(bearer: String) async throws -> Principal {
        if bearer.hasPrefix(KeyText.prefix) { return try await principal(key: bearer) }
        let token = try tokens.verify(bearer, now: now())
        return Principal(
            owner: token.owner, scopes: token.scopes, kind: .token, id: "token:\(token.owner.rawValue)")
    }

    private func principal(key text: String) async throws -> Principal {
        guard !text.isEmpty else { throw MasqueError(.unauthorized, "The API key of this call is empty.") }
        guard text.hasPrefix(KeyText.prefix) else {
            throw MasqueError(
                .unauthorized, "What came as API key is none: keys begin with “\(KeyText.prefix)”.",
                advice: "Send a JSON Web Token as “Authorization: Bearer <token>” instead.")
        }
        guard KeyText.isWellFormed(text) else {
            throw MasqueError(
                .unauthorized, "The API key is mistyped or cut off: its check characters do not fit.",
                advice: "Copy the whole key again.")
        }
        let now = now()
        guard let keys, let key = try await keys.key(digest: KeyText.digest(text), now: now) else {
            throw MasqueError(
                .unauthorized, "This server does not know the API key.", advice: "Ask for a new key.")
        }
        if let revoked = key.revokedAt, revoked <= now {
            throw MasqueError(
                .unauthorized, "The API key was revoked \(ago(revoked, now)).", advice: "Ask for a new key.")
        }
        if let end = key.expiresAt, end <= now {
            throw MasqueError(.unauthorized, "The API key expired \(ago(end, now)).", advice: "Ask for a new key.")
        }
        return Principal(owner: key.owner, scopes: key.scopes, kind: .key, id: "key:\(key.id)")
    }
}

/// Text without the spaces and tabs around it.
private func trimmed(_ text: String) -> String { text.trimmingCharacters(in: CharacterSet(charactersIn: " \t")) }
