// All people that the bot knows, page by page, and what is kept when one of them is forgotten.

internal import Foundation
internal import JobQueue

extension BotBook {
    /// People in the order of their names, which are their ids as text.
    /// - Parameter after: the last name of the page before; nil: from the first.
    package func people(after: String? = nil, limit: Int = 500) async throws -> [(name: String, person: Person)] {
        try await store.documents(in: Self.peopleFolder, prefix: "", after: after, limit: limit, now: now())
            .map { ($0.key.name, Self.person($0)) }
    }

    /// Calls `body` with everybody.
    package func forEachPerson(_ body: (Int64, Person) throws -> Void) async throws {
        try await store.forEachDocument(in: Self.peopleFolder, now: now()) { document in
            if let id = Int64(document.key.name) { try body(id, Self.person(document)) }
        }
    }

    /// One that cannot be read is somebody about whom nothing is known.
    private static func person(_ document: Document) -> Person { document.read() ?? Person() }

    /// What stays of a person who is forgotten, so that a limit or a ban is not lifted by it: that he is banned, and when
    /// he began swaps within the last hour.
    func remains(of user: Int64) async throws -> DocumentChange {
        let before = try await person(user)
        var after = Person()
        after.isBanned = before.isBanned
        after.starts = before.recentStarts(now())
        let key = Self.key(user)
        if after == Person() { return .delete(key) }
        // A ban stays until it is lifted.
        let end = after.isBanned ? nil : now() + 3600
        return .put(key, text: try text(after), expiresAt: end)
    }
}
