// API keys as their owners handle them: make one, see them, revoke one.

internal import Errors
package import Foundation
package import JobQueue

/// Creates, lists and revokes API keys. Rights are the caller's business: whoever hands out a key gives at most the scopes
/// that he has himself.
package struct KeyService: Sendable {
    private let store: any KeyStore
    private let limit: Int?
    private let now: @Sendable () -> Date

    /// - Parameter limit: the most keys in force that one owner may have; nil: any number.
    package init(store: any KeyStore, limit: Int? = nil, now: @escaping @Sendable () -> Date = { Date() }) {
        self.store = store
        self.limit = limit
        self.now = now
    }

    /// Makes a key. Its text is given back this once; only a digest of it is stored.
    /// - Parameters:
    ///   - name: what a person calls the key, 1…100 characters.
    ///   - expiresIn: seconds, above 0 and at most ten years; nil: never.
    /// - Throws: ``MasqueError`` `.badInput`; `.conflict` when the owner has as many keys in force as he may; the
    ///   store's errors.
    package func create(
        owner: OwnerID, name: String, scopes: Set<Scope>, expiresIn: Double? = nil
    ) async throws -> (key: APIKey, text: String) {
        _ = try ownerID(owner.rawValue)
        let hasControl = name.unicodeScalars.contains { $0.properties.generalCategory == .control }
        let name = name.trimmingCharacters(in: .whitespaces)
        guard !hasControl, (1...100).contains(name.unicodeScalars.count)
        else {
            throw MasqueError(
                .badInput, "The name of an API key has 1 to 100 characters and no control characters.",
                advice: "Name it after where it will be used, such as “shop server”.")
        }
        guard !scopes.isEmpty else { throw MasqueError(.badInput, "An API key needs at least one scope.") }
        let now = now()
        if let expiresIn, !(expiresIn > 0 && expiresIn <= maximumLifetime) {
            throw MasqueError(.badInput, "An API key lives for more than 0 seconds and at most ten years.")
        }
        let text = KeyText.make()
        let digest = KeyText.digest(text)
        // The beginning of the digest names the key; it tells nothing about its text.
        let key = APIKey(
            id: "key_" + digest.prefix(16), owner: owner, name: name, scopes: scopes, createdAt: now,
            expiresAt: expiresIn.map(now.addingTimeInterval), revokedAt: nil, lastUsedAt: nil)
        try await store.add(key, digest: digest, limit: limit)
        return (key, text)
    }

    /// How many keys of an owner are neither revoked nor expired.
    package func countInForce(owner: OwnerID) async throws -> Int {
        try await store.keysInForce(of: owner, now: now())
    }

    /// The keys of an owner, or (nil) of everybody.
    package func list(owner: OwnerID?) async throws -> [APIKey] { try await store.keys(of: owner) }

    /// Ends a key at once.
    /// - Parameter owner: nil revokes anybody's.
    /// - Throws: ``MasqueError`` `.notFound` when there is no such key, or it is somebody else's.
    package func revoke(_ id: String, owner: OwnerID?) async throws {
        guard try await store.revoke(id, owner: owner, now: now()) else {
            throw MasqueError(.notFound, "There is no API key “\(id.prefix(60))”.")
        }
    }
}

/// Ten years in seconds.
let maximumLifetime = 315_360_000.0
