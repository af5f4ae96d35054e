// API keys: only a digest is stored, so that whoever reads the database cannot use them.

package import struct Foundation.Date

/// What a token or key may be used for.
package enum Scope: String, Sendable, Codable, CaseIterable {
    /// Read jobs and results.
    case read
    /// Create, change and delete jobs.
    case write
    /// Keys, everybody's jobs, metrics.
    case admin
}

/// A key without its secret.
package struct APIKey: Sendable, Hashable {
    package let id: String
    package let owner: OwnerID
    /// What a person calls it.
    package let name: String
    package let scopes: Set<Scope>
    package let createdAt: Date
    package let expiresAt: Date?
    package let revokedAt: Date?
    package let lastUsedAt: Date?
    package init(
        id: String, owner: OwnerID, name: String, scopes: Set<Scope>, createdAt: Date, expiresAt: Date?,
        revokedAt: Date?, lastUsedAt: Date?
    ) {
        self.id = id
        self.owner = owner
        self.name = name
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.lastUsedAt = lastUsedAt
    }
}

/// Where keys are kept.
package protocol KeyStore: Sendable {
    /// - Parameters:
    ///   - digest: lower-case hexadecimal SHA-256 of the whole key.
    ///   - limit: refused when the owner has as many keys in force already, at the moment the key is made; nil: no limit.
    /// - Throws: `.conflict` by the limit, or when there is a key of the id or digest.
    func add(_ key: APIKey, digest: String, limit: Int?) async throws
    /// How many keys of an owner are neither revoked nor expired.
    func keysInForce(of owner: OwnerID, now: Date) async throws -> Int
    /// The key of this digest, expired and revoked ones included; notes the use (at most once a minute).
    func key(digest: String, now: Date) async throws -> APIKey?
    func keys(of owner: OwnerID?) async throws -> [APIKey]
    /// false: no such key of this owner (nil: of anybody).
    func revoke(_ id: String, owner: OwnerID?, now: Date) async throws -> Bool
}

extension KeyStore {
    /// Adds a key without a limit on the owner's keys.
    package func add(_ key: APIKey, digest: String) async throws { try await add(key, digest: digest, limit: nil) }
}
