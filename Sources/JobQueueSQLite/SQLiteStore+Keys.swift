// API keys, of which only digests are kept.

internal import Errors
internal import GRDB
package import JobQueue

package import struct Foundation.Date

extension SQLiteStore: KeyStore {
    package func add(_ key: APIKey, digest: String, limit: Int?) async throws {
        try await write { db in
            if let limit {
                let count = try db.keysInForce(of: key.owner, now: key.createdAt)
                guard count < limit else { throw tooManyKeys(count) }
            }
            guard try db.first("SELECT 1 FROM api_key WHERE id = ? OR digest = ?", [key.id, digest]) == nil else {
                throw MasqueError(.conflict, "There is an API key \(key.id) already.")
            }
            try db.run(
                """
                INSERT INTO api_key (id, owner, name, scopes, digest, created_at, expires_at, revoked_at, last_used_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    key.id, key.owner.rawValue, key.name, try jsonText(key.scopes.sorted { $0.rawValue < $1.rawValue }),
                    digest, key.createdAt.microseconds, key.expiresAt?.microseconds, key.revokedAt?.microseconds,
                    key.lastUsedAt?.microseconds,
                ])
        }
    }

    package func key(digest: String, now: Date) async throws -> APIKey? {
        let found = try await read { db in
            try db.first("SELECT \(keyColumns) FROM api_key WHERE digest = ?", [digest]).map(apiKey)
        }
        guard let found else { return nil }
        if let last = found.lastUsedAt, abs(now.timeIntervalSince(last)) < 60 { return found }
        return try await write { db in
            try db.run("UPDATE api_key SET last_used_at = ? WHERE digest = ?", [now.microseconds, digest])
            return try db.first("SELECT \(keyColumns) FROM api_key WHERE digest = ?", [digest]).map(apiKey)
        }
    }

    package func keysInForce(of owner: OwnerID, now: Date) async throws -> Int {
        try await read { db in try db.keysInForce(of: owner, now: now) }
    }

    /// Newest first.
    package func keys(of owner: OwnerID?) async throws -> [APIKey] {
        try await read { db in
            try db.all(
                "SELECT \(keyColumns) FROM api_key WHERE ?1 IS NULL OR owner = ?1 ORDER BY number DESC",
                [owner?.rawValue]
            ).map(apiKey)
        }
    }

    package func revoke(_ id: String, owner: OwnerID?, now: Date) async throws -> Bool {
        try await write { db in
            try db.run(
                """
                UPDATE api_key SET revoked_at = ifnull(revoked_at, ?1) WHERE id = ?2 AND (?3 IS NULL OR owner = ?3)
                """, [now.microseconds, id, owner?.rawValue])
            return db.changesCount > 0
        }
    }
}

extension Database {
    /// How many keys of an owner are neither revoked nor expired. Each half is a stretch of one index.
    fileprivate func keysInForce(of owner: OwnerID, now: Date) throws -> Int {
        var row = try first(
            """
            SELECT (SELECT count(*) FROM api_key WHERE owner = ?1 AND revoked_at IS NULL AND expires_at IS NULL)
                + (SELECT count(*) FROM api_key WHERE owner = ?1 AND revoked_at IS NULL AND expires_at > ?2)
            """, [owner.rawValue, now.microseconds])
        return try row?.next() ?? 0
    }
}

private let keyColumns = "id, owner, name, scopes, created_at, expires_at, revoked_at, last_used_at"

private func apiKey(_ row: Columns) throws -> APIKey {
    var row = row
    return APIKey(
        id: try row.next(), owner: OwnerID(rawValue: try row.next()), name: try row.next(), scopes: try row.json(),
        createdAt: try row.date(), expiresAt: try row.optionalDate(), revokedAt: try row.optionalDate(),
        lastUsedAt: try row.optionalDate())
}
