// Checks a JSON Web Token (RFC 7519): form, algorithm, signature, times, owner, scopes.

internal import Errors
package import Foundation
internal import JWTKit
package import JobQueue

/// What a right token says.
package struct VerifiedToken: Sendable, Hashable {
    package let owner: OwnerID
    package let scopes: Set<Scope>
    /// nil only where the setting lets tokens live for ever.
    package let expiresAt: Date?
}

/// Checks tokens against one key and one algorithm.
package struct TokenVerifier: Sendable {
    private let key: TokenKey
    private let requiresExpiry: Bool
    private let leeway: Double
    /// Longer texts are refused unread, in bytes.
    private static let maximumLength = 8_192

    /// - Parameters:
    ///   - requiresExpiry: whether a token without `exp` is refused.
    ///   - leeway: seconds by which the clocks of two machines may differ.
    package init(key: TokenKey, requiresExpiry: Bool = true, leeway: Double = 30) {
        self.key = key
        self.requiresExpiry = requiresExpiry
        self.leeway = leeway
    }

    /// Nothing of the token but its header is looked at before its signature is found right.
    /// - Throws: ``MasqueError`` `.unauthorized` with a sentence that says what is wrong, without the token's contents.
    package func verify(_ token: String, now: Date) throws -> VerifiedToken {
        let claims = try signedClaims(of: token)
        let expiresAt = try claims.time("exp")
        if let expiresAt, expiresAt.addingTimeInterval(leeway) <= now {
            throw wrong("The token expired \(ago(expiresAt, now)).", advice: "Get a new one.")
        }
        if expiresAt == nil, requiresExpiry {
            throw wrong("The token has no “exp” claim, so it would never expire.", advice: "Make one that has.")
        }
        if let start = try claims.time("nbf"), start.addingTimeInterval(-leeway) > now {
            throw wrong(
                "The token is not valid before \(lengthInWords(start.timeIntervalSince(now))) from now.",
                advice: "Wait, or check the clock of the machine that made it.")
        }
        return VerifiedToken(owner: try claims.owner(), scopes: try claims.scopes(), expiresAt: expiresAt)
    }

    private func signedClaims(of token: String) throws -> TokenClaims {
        guard token.utf8.count <= Self.maximumLength else {
            throw wrong("The token is longer than \(Self.maximumLength) bytes.")
        }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let headerBytes = base64URLDecoded(parts[0]),
            let header = try? JSONDecoder().decode(TokenHeader.self, from: Data(headerBytes))
        else {
            throw wrong("What came as token is no JSON Web Token.", advice: "Copy the whole token again.")
        }
        guard header.alg == key.algorithm.rawValue else {
            throw wrong(
                "The token is signed by another algorithm than the \(key.algorithm.rawValue) that this server takes.")
        }
        guard header.crit == nil else { throw wrong("The token needs extensions that this server does not have.") }
        guard let signature = base64URLDecoded(parts[2]), !signature.isEmpty,
            (try? key.signer.verify(signature, signs: Array("\(parts[0]).\(parts[1])".utf8))) == true
        else {
            throw wrong(
                "The signature of the token is wrong.",
                advice: "Make a token with the secret or key that this server was started with.")
        }
        guard let body = base64URLDecoded(parts[1]),
            let claims = try? JSONDecoder().decode([String: ClaimValue].self, from: Data(body))
        else { throw wrong("The token is signed, but its claims are no JSON object.") }
        return TokenClaims(values: claims)
    }
}

/// The part of a token's header that is looked at.
private struct TokenHeader: Decodable {
    let alg: String
    let crit: [String]?
}

/// An error about a token.
func wrong(_ message: String, advice: String? = nil) -> MasqueError {
    MasqueError(.unauthorized, message, advice: advice)
}
