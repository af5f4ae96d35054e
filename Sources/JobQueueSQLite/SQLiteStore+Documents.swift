// Documents of fronts, one row each.

internal import Errors
internal import GRDB
package import JobQueue

package import struct Foundation.Date

extension SQLiteStore: DocumentStore {
    package func document(_ key: DocumentKey, now: Date) async throws -> Document? {
        try await read { db in
            try db.first(
                "SELECT \(columns) FROM document WHERE collection = ? AND name = ? AND \(isThere)",
                [key.collection, key.name, now.microseconds]
            ).map(storedDocument)
        }
    }

    package func change(_ changes: [DocumentChange], now: Date) async throws {
        try await write { db in
            for change in changes {
                switch change {
                case .delete(let key):
                    try db.run(
                        "DELETE FROM document WHERE collection = ? AND name = ?", [key.collection, key.name])
                case .put(let key, let text, let expiresAt, let expected):
                    let row = try db.first(
                        "SELECT version FROM document WHERE collection = ? AND name = ? AND \(isThere)",
                        [key.collection, key.name, now.microseconds])
                    var columns = row
                    let version: Int64 = try columns?.next() ?? 0
                    guard expected == nil || expected == version else { throw changedMeanwhile(key) }
                    try db.run(
                        """
                        INSERT INTO document (collection, name, version, text, changed_at, expires_at)
                        VALUES (?, ?, ?, ?, ?, ?)
                        ON CONFLICT (collection, name) DO UPDATE SET version = excluded.version, text = excluded.text,
                            changed_at = excluded.changed_at, expires_at = excluded.expires_at
                        """,
                        [
                            key.collection, key.name, version + 1, text, now.microseconds, expiresAt?.microseconds,
                        ])
                }
            }
        }
    }

    package func documents(
        in collection: String, prefix: String, after: String?, limit: Int, now: Date
    ) async throws -> [Document] {
        try await read { db in
            // The text behind a prefix: U+10FFFF is no character, so no name that begins with the prefix is beyond it.
            try db.all(
                """
                SELECT \(columns) FROM document
                WHERE collection = ?1 AND name >= ?2 AND name < ?2 || char(1114111) AND (?3 IS NULL OR name > ?3)
                    AND (expires_at IS NULL OR expires_at > ?5)
                ORDER BY name LIMIT ?4
                """, [collection, prefix, after, max(0, limit), now.microseconds]
            ).map(storedDocument)
        }
    }

    package func documentCount(in collection: String, now: Date) async throws -> Int {
        try await read { db in
            var row = try db.first(
                "SELECT count(*) FROM document WHERE collection = ? AND \(isThere)", [collection, now.microseconds])
            return try row?.next() ?? 0
        }
    }

    package func deleteExpiredDocuments(limit: Int, now: Date) async throws -> Int {
        try await write { db in
            try db.run(
                """
                DELETE FROM document WHERE (collection, name) IN (
                    SELECT collection, name FROM document WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
                """, [now.microseconds, max(0, limit)])
            return db.changesCount
        }
    }
}

private let columns = "collection, name, version, text, changed_at, expires_at"
private let isThere = "(expires_at IS NULL OR expires_at > ?)"

private func storedDocument(_ row: Columns) throws -> Document {
    var row = row
    return Document(
        key: DocumentKey(try row.next(), try row.next()), version: try row.next(), text: try row.next(),
        changedAt: try row.date(), expiresAt: try row.optionalDate())
}

private func changedMeanwhile(_ key: DocumentKey) -> MasqueError {
    MasqueError(.conflict, "Something else has changed meanwhile (\(key)).", advice: "Try again.")
}
