// Makes tokens: `masque token mint --user-id demo`. No endpoint does.

internal import Errors
package import Foundation
internal import JWTKit
package import JobQueue

/// Signs tokens with the secret that the server checks them by.
package struct TokenMinter: Sendable {
    private let key: TokenKey
    private let now: @Sendable () -> Date

    /// - Throws: ``MasqueError`` `.badInput` for a key that can only check.
    package init(key: TokenKey, now: @escaping @Sendable () -> Date = { Date() }) throws {
        guard key.algorithm.isSymmetric else {
            throw MasqueError(
                .badInput,
                "Tokens cannot be made here: JWT_ALG is \(key.algorithm.rawValue), and the server has only the public key.",
                advice: "Make them where the private key is.")
        }
        self.key = key
        self.now = now
    }

    /// A token.
    /// - Parameters:
    ///   - scopes: never empty.
    ///   - expiresIn: seconds, above 0 and at most ten years.
    /// - Throws: ``MasqueError`` `.badInput`.
    package func mint(owner: OwnerID, scopes: Set<Scope> = [.read, .write], expiresIn: Double) throws -> String {
        _ = try ownerID(owner.rawValue)
        guard !scopes.isEmpty else { throw MasqueError(.badInput, "A token needs at least one scope.") }
        guard expiresIn > 0, expiresIn <= maximumLifetime else {
            throw MasqueError(.badInput, "A token lives for more than 0 seconds and at most ten years.")
        }
        let start = now().timeIntervalSince1970.rounded(.down)
        let claims = Claims(
            sub: owner.rawValue, iat: Int64(start), exp: Int64((start + expiresIn).rounded(.up)),
            scope: scopes.map(\.rawValue).sorted().joined(separator: " "))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let header = ["alg": key.algorithm.rawValue, "typ": "JWT"]
        let signed =
            base64URLEncoded(try encoder.encode(header)) + "." + base64URLEncoded(try encoder.encode(claims))
        return signed + "." + base64URLEncoded(try key.signer.sign(Array(signed.utf8)))
    }

    private struct Claims: Encodable {
        let sub: String
        let iat: Int64
        let exp: Int64
        let scope: String
    }
}
