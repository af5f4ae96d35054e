// Keys, tokens and folders for the tests of authentication.

import Errors
import Foundation
import JWTKit
import JobQueue
import JobQueueSQLite
import Services
import Testing

/// A moment in 2027.
let noon = Date(timeIntervalSince1970: 1_800_000_000)
let strongSecret = Array("q9Zr2xWv7LkT0bYhN5sDfGjKmPcVaEuIoXt4R8wQ1lBn6HyJzUeMiO3SgAdFpCkT".utf8)

/// A folder that is gone after `body`.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "masque-services-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// A store in a folder of its own.
func withStore<Value>(_ body: (SQLiteStore) async throws -> Value) async throws -> Value {
    try await withFolder { folder in try await body(SQLiteStore(path: folder + "/masque.db")) }
}

/// The error that `body` throws.
func refusal<Value>(_ body: () async throws -> Value) async -> MasqueError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? MasqueError
    }
}

func base64URL(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
        .replacingOccurrences(of: "=", with: "")
}

/// A token with any header and claims, signed by jwt-kit alone: not by the code under test.
func token(
    _ claims: String, header: String = #"{"alg":"HS256","typ":"JWT"}"#, secret: [UInt8] = strongSecret,
    digest: DigestAlgorithm = .sha256
) async throws -> String {
    let signer = try await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: digest).getKey()
    let signed = base64URL(header.utf8) + "." + base64URL(claims.utf8)
    return signed + "." + base64URL(try signer.sign(Array(signed.utf8)))
}

/// Claims of an owner with an `exp` that is `seconds` from noon.
func claims(exp seconds: Int = 600, _ more: String = #""sub":"demo""#) -> String {
    "{\"exp\":\(Int(noon.timeIntervalSince1970) + seconds),\(more)}"
}

func verifier(
    _ algorithm: TokenAlgorithm = .hs256, requiresExpiry: Bool = true
) async throws -> TokenVerifier {
    TokenVerifier(key: try await TokenKey(secret: strongSecret, algorithm: algorithm), requiresExpiry: requiresExpiry)
}
