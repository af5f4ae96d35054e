// All people that the bot knows, page by page, and what is kept when one of them is forgotten.

internal import Errors
internal import Foundation
internal import JobQueue

extension BotBook {
    /// People in the order of their names, which are their ids as text.
    /// - Parameter after: the last name of the page before; nil: from the first.
    package func people(after: String? = nil, limit: Int = 500) async throws -> [(name: String, person: Person)] {
        try await store.documents(in: Self.peopleFolder, prefix: "", after: after, limit: limit, now: now())
            .map { document in
                // One that cannot be read is somebody about whom nothing is known.
                let person = try? JSONDecoder().decode(Person.self, from: Data(document.text.utf8))
                return (document.key.name, person ?? Person())
            }
    }

    /// Calls `body` with everybody.
    package func forEachPerson(_ body: (Int64, Person) throws -> Void) async throws {
        var last: String?
        while true {
            let page = try await people(after: last)
            for (name, person) in page { if let id = Int64(name) { try body(id, person) } }
            guard let end = page.last else { return }
            last = end.name
        }
    }

    /// Changes a document as it is at this moment.
    /// - Parameter initial: what is changed where there is none yet.
    func changeDocument<Value: Codable>(
        _ key: DocumentKey, from initial: Value, expiresAt: Date? = nil, _ body: (inout Value) -> Void
    ) async throws -> Value {
        for attempt in 1... {
            let document = try await store.document(key, now: now())
            var value =
                document.flatMap { try? JSONDecoder().decode(Value.self, from: Data($0.text.utf8)) } ?? initial
            body(&value)
            do {
                try await store.change(
                    [.put(key, text: try text(value), expiresAt: expiresAt, version: document?.version ?? 0)],
                    now: now())
                return value
            } catch let error as MasqueError where error.code == .conflict && attempt < 20 {}
        }
        return initial
    }

    /// What stays of a person who is forgotten, so that a limit or a ban is not lifted by it: that he is banned, and when
    /// he began swaps within the last hour.
    func remains(of user: Int64) async throws -> DocumentChange {
        let before = try await person(user)
        var after = Person()
        after.isBanned = before.isBanned
        after.starts = before.recentStarts(now())
        let key = DocumentKey(Self.peopleFolder, "\(user)")
        if after == Person() { return .delete(key) }
        // A ban stays until it is lifted.
        let end = after.isBanned ? nil : now() + 3600
        return .put(key, text: try text(after), expiresAt: end)
    }

    private static var peopleFolder: String { "bot-person" }
}
