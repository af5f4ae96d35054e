// The key by which tokens are signed or checked, with its algorithm pinned by the setting JWT_ALG.

internal import Errors
internal import JWTKit

/// The algorithms a server may be set to (RFC 7518); a token with any other, `none` included, is refused.
package enum TokenAlgorithm: String, Sendable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case es256 = "ES256"

    /// Reads the setting JWT_ALG.
    /// - Throws: ``MasqueError`` `.badInput` for an algorithm that is not supported.
    package init(setting: String) throws {
        guard let algorithm = TokenAlgorithm(rawValue: setting.uppercased()) else {
            let all = TokenAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw MasqueError(
                .badInput, "JWT_ALG is “\(setting.prefix(40))”, which is not supported.",
                advice: "Set it to one of \(all).")
        }
        self = algorithm
    }

    /// Whether tokens are signed and checked by the same secret.
    package var isSymmetric: Bool { minimumSecretBytes != nil }

    /// The shortest secret in bytes: the length of the digest (RFC 7518, 3.2); nil for public keys.
    package var minimumSecretBytes: Int? {
        switch self {
        case .hs256: 32
        case .hs384: 48
        case .hs512: 64
        case .rs256, .es256: nil
        }
    }
}

/// A checked key with its algorithm.
package struct TokenKey: Sendable {
    package let algorithm: TokenAlgorithm
    /// jwt-kit's signer: constant-time comparison for HMAC.
    let signer: any JWTAlgorithm

    /// A key from a shared secret.
    /// - Throws: ``MasqueError`` `.badInput` when the secret is too short or easy to guess.
    package init(secret: [UInt8], algorithm: TokenAlgorithm) async throws {
        guard let minimum = algorithm.minimumSecretBytes else {
            throw MasqueError(
                .badInput, "JWT_ALG is \(algorithm.rawValue), which needs a public key and not JWT_SECRET.",
                advice: "Set JWT_PUBLIC_KEY to the PEM file of the public key, or JWT_ALG=HS256.")
        }
        try checkStrength(of: secret, minimum: minimum, algorithm: algorithm.rawValue)
        let digest: DigestAlgorithm =
            switch algorithm {
            case .hs384: .sha384
            case .hs512: .sha512
            default: .sha256
            }
        self.algorithm = algorithm
        signer = try await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: digest).getKey()
    }

    /// A key that only checks: the PEM text of an RSA (2048 bits and more) or P-256 public key.
    /// - Throws: ``MasqueError`` `.badInput` when the text is no such key.
    package init(publicKeyPEM pem: String, algorithm: TokenAlgorithm) async throws {
        self.algorithm = algorithm
        do {
            switch algorithm {
            case .rs256:
                let key = try Insecure.RSA.PublicKey(pem: pem)
                signer = try await JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256).getKey()
            case .es256:
                signer = try await JWTKeyCollection().add(ecdsa: ES256PublicKey(pem: pem)).getKey()
            case .hs256, .hs384, .hs512:
                throw MasqueError(
                    .badInput, "JWT_ALG is \(algorithm.rawValue), which needs JWT_SECRET and not a public key.",
                    advice: "Set JWT_ALG to RS256 or ES256 to use a public key.")
            }
        } catch let error as MasqueError {
            throw error
        } catch {
            let kind = algorithm == .rs256 ? "an RSA key of at least 2048 bits" : "an elliptic-curve key on P-256"
            throw MasqueError(
                .badInput, "The public key for \(algorithm.rawValue) tokens is not \(kind) in PEM form.",
                advice: "The text begins with “-----BEGIN PUBLIC KEY-----”.", cause: error)
        }
    }
}
