// Signs what is sent, after Standard Webhooks (symmetric scheme v1).

internal import Crypto
internal import Errors

/// Signs deliveries of one subscription.
package struct WebhookSigner: Sendable {
    private let key: SymmetricKey
    private static let prefix = "whsec_"

    /// - Parameter secret: `whsec_` and base64 of 24…64 bytes.
    /// - Throws: ``MasqueError`` `.badInput`.
    package init(secret: String) throws {
        guard secret.hasPrefix(Self.prefix), let bytes = base64Decoded(secret.dropFirst(Self.prefix.count)),
            (24...64).contains(bytes.count)
        else {
            throw MasqueError(.badInput, "A webhook secret is “whsec_” and base64 of 24 to 64 bytes.")
        }
        key = SymmetricKey(data: bytes)
    }

    /// A new secret of 32 random bytes.
    package static func makeSecret() -> String {
        var generator = SystemRandomNumberGenerator()
        return prefix + base64Encoded((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    /// The `webhook-signature` of a body: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`.
    /// - Parameter timestamp: seconds since 1970 of this attempt.
    package func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let content = Array("\(id).\(timestamp).".utf8) + body
        return "v1," + base64Encoded(HMAC<SHA256>.authenticationCode(for: content, using: key))
    }
}
