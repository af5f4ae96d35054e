// Links that show one result to whoever has them, until they expire; nothing is stored.

internal import Crypto
internal import Errors
package import Foundation
package import JobQueue

/// Makes and opens the tokens of `/shared/{token}`: version, time of expiry and job, signed by HMAC-SHA256.
package struct ShareLinks: Sendable {
    private let key: SymmetricKey
    private static let version: UInt8 = 1
    private static let macBytes = 32
    /// Keeps a signature made here from being one for anything else.
    private static let purpose = Array("masque share link 1\n".utf8)

    /// - Parameter secret: at least 32 random bytes, of this purpose alone (`Secrets.secret(named: "share-secret")`).
    package init(secret: [UInt8]) { key = SymmetricKey(data: secret) }

    /// A token of URL-safe characters, about 90 of them.
    package func make(job: JobID, expiresAt: Date) -> String {
        let seconds = UInt64(min(max(expiresAt.timeIntervalSince1970, 0), 253_402_300_799))
        var payload = [Self.version]
        payload += (0..<8).map { UInt8(truncatingIfNeeded: seconds >> (56 - 8 * $0)) }
        payload += Array(job.rawValue.utf8)
        let mac = HMAC<SHA256>.authenticationCode(for: Self.purpose + payload, using: key)
        return base64URLEncoded(payload + Array(mac))
    }

    /// The job that a token shows.
    /// - Throws: ``MasqueError`` `.notFound` for a token that was not made here, and for one that has expired.
    package func open(_ token: String, now: Date) throws -> JobID {
        let bytes = token.utf8.count <= 512 ? base64URLDecoded(token) ?? [] : []
        let payload = bytes.dropLast(Self.macBytes)
        guard payload.count > 9, payload[0] == Self.version,
            HMAC<SHA256>.isValidAuthenticationCode(
                Array(bytes.suffix(Self.macBytes)), authenticating: Self.purpose + payload, using: key)
        else {
            throw MasqueError(
                .notFound, "There is nothing under this link.",
                advice: "Check that it was copied whole, or ask for a new one.")
        }
        let seconds = payload[1..<9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let end = Date(timeIntervalSince1970: Double(seconds))
        guard now < end else {
            throw MasqueError(.notFound, "This link expired \(ago(end, now)).", advice: "Ask for a new one.")
        }
        return JobID(rawValue: String(decoding: payload[9...], as: UTF8.self))
    }
}
