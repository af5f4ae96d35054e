// Reads and writes sessions and people.

internal import Errors
package import Foundation
package import JobQueue

/// What the bot remembers, in the server's database. A session is used by one task at a time.
package struct BotBook: Sendable {
    package let store: any DocumentStore
    package let now: @Sendable () -> Date
    /// How long an untouched session lasts.
    package var sessionLife: TimeInterval = 24 * 3600

    package init(store: any DocumentStore, now: @escaping @Sendable () -> Date = { Date() }) {
        self.store = store
        self.now = now
    }

    /// The session as it was left; a new one when there is none, it is over, or cannot be read.
    package func session(_ key: SessionKey) async throws -> Session { try await read(key.document) ?? Session() }

    package func save(_ session: Session, _ key: SessionKey) async throws {
        try await store.change([try put(session, key)], now: now())
    }

    package func person(_ user: Int64) async throws -> Person { try await read(Self.key(user)) ?? Person() }

    /// Changes what is known of a person, also while others do.
    ///
    /// - Parameter change: may be called again on what another has written meanwhile.
    /// - Returns: the person after it.
    @discardableResult
    package func change(
        _ user: Int64, _ change: @Sendable (inout Person) -> Void
    ) async throws -> Person {
        while true {
            let document = try await store.document(Self.key(user), now: now())
            let before = document.flatMap { try? JSONDecoder().decode(Person.self, from: Data($0.text.utf8)) }
            var person = before ?? Person()
            change(&person)
            guard person != before else { return person }
            do {
                try await store.change(
                    [.put(Self.key(user), text: try text(person), version: document?.version ?? 0)], now: now())
                return person
            } catch let error as MasqueError where error.code == .conflict {
                try Task.checkCancellation()
            }
        }
    }

    /// A session's change, to be made together with others.
    package func put(_ session: Session, _ key: SessionKey) throws -> DocumentChange {
        .put(key.document, text: try text(session), expiresAt: now() + sessionLife)
    }

    /// Removes everything that is known of a person, sessions of all chats included, but for what must outlast it
    /// (``remains(of:)``).
    package func forget(_ user: Int64) async throws {
        var changes = [try await remains(of: user)]
        var last: String?
        while true {
            let page = try await store.documents(
                in: "bot-session", prefix: "", after: last, limit: 500, now: now())
            changes += page.filter { $0.key.name.hasSuffix(":\(user)") }.map { .delete($0.key) }
            guard page.count == 500, let end = page.last else { break }
            last = end.key.name
        }
        try await store.change(changes, now: now())
    }

    func read<Value: Decodable>(_ key: DocumentKey) async throws -> Value? {
        guard let document = try await store.document(key, now: now()) else { return nil }
        // What an older or newer Masque wrote in another form is begun anew.
        return try? JSONDecoder().decode(Value.self, from: Data(document.text.utf8))
    }

    func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func key(_ user: Int64) -> DocumentKey { DocumentKey("bot-person", "\(user)") }
}
