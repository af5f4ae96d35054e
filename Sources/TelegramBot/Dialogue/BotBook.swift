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
        try await changeDocument(Self.key(user), from: Person(), change)
    }

    /// Changes a document as it is at this moment, also while others do. Where `change` changes nothing, nothing is
    /// written.
    ///
    /// - Parameters:
    ///   - initial: what is changed where there is none yet, or none that can be read.
    ///   - expiresAt: when what is written is over; nil: never.
    ///   - change: may be called again on what another has written meanwhile.
    /// - Returns: the value after it.
    @discardableResult
    package func changeDocument<Value: Codable & Equatable>(
        _ key: DocumentKey, from initial: Value, expiresAt: Date? = nil, _ change: (inout Value) -> Void
    ) async throws -> Value {
        while true {
            let document = try await store.document(key, now: now())
            let before: Value? = document?.read()
            var value = before ?? initial
            change(&value)
            guard value != before ?? initial else { return value }
            do {
                try await store.change(
                    [.put(key, text: try text(value), expiresAt: expiresAt, version: document?.version ?? 0)],
                    now: now())
                return value
            } catch let error as MasqueError where error.code == .conflict {
                // Whoever came first got on, so it does not go on like this for ever.
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
        try await store.forEachDocument(in: SessionKey.folder, now: now()) { document in
            if document.key.name.hasSuffix(":\(user)") { changes.append(.delete(document.key)) }
        }
        try await store.change(changes, now: now())
    }

    func read<Value: Decodable>(_ key: DocumentKey) async throws -> Value? {
        try await store.document(key, now: now())?.read()
    }

    func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static let peopleFolder = "bot-person"
    static func key(_ user: Int64) -> DocumentKey { DocumentKey(peopleFolder, "\(user)") }
}

extension Document {
    /// The value that is kept in it; nil for what an older or newer Masque wrote in another form, which is begun anew.
    func read<Value: Decodable>(as type: Value.Type = Value.self) -> Value? {
        try? JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
