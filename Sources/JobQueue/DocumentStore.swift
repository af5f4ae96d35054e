// Small documents that a front keeps beside the jobs, such as conversations and messages that are still to be sent.

package import struct Foundation.Date

/// Which document.
package struct DocumentKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// What kind of thing it is, such as `chat`.
    package let collection: String
    package let name: String

    /// Makes a key.
    package init(_ collection: String, _ name: String) {
        self.collection = collection
        self.name = name
    }

    package var description: String { "\(collection)/\(name)" }
    package static func < (a: DocumentKey, b: DocumentKey) -> Bool {
        (a.collection, a.name) < (b.collection, b.name)
    }
}

/// A document as it is kept.
package struct Document: Sendable, Hashable {
    package let key: DocumentKey
    /// 1 for the first; one more with every change. A document that was deleted and made again begins anew.
    package let version: Int64
    /// JSON.
    package let text: String
    package let changedAt: Date
    package let expiresAt: Date?

    package init(key: DocumentKey, version: Int64, text: String, changedAt: Date, expiresAt: Date?) {
        self.key = key
        self.version = version
        self.text = text
        self.changedAt = changedAt
        self.expiresAt = expiresAt
    }
}

/// A change of one document.
package enum DocumentChange: Sendable, Hashable {
    /// Makes or replaces a document.
    /// - Parameter version: what is there must have this version (0: nothing may be there); nil: whatever it has.
    case put(DocumentKey, text: String, expiresAt: Date? = nil, version: Int64? = nil)
    /// Removes a document; nothing happens when there is none.
    case delete(DocumentKey)
}

/// Where documents are kept. One whose time is over is as if it were not there.
package protocol DocumentStore: Sendable {
    /// The document; nil when there is none.
    func document(_ key: DocumentKey, now: Date) async throws -> Document?
    /// Makes all changes or none, durably.
    /// - Throws: ``Errors/MasqueError`` `.conflict` when a document has another version than a change expects.
    func change(_ changes: [DocumentChange], now: Date) async throws
    /// Documents of a collection whose names begin with `prefix`, by name (in the order of Unicode scalars).
    /// - Parameters:
    ///   - after: only those behind this name, for the next page; nil: from the first.
    ///   - limit: at most so many.
    func documents(
        in collection: String, prefix: String, after: String?, limit: Int, now: Date
    ) async throws -> [Document]
    /// How many documents a collection has.
    func documentCount(in collection: String, now: Date) async throws -> Int
    /// Removes documents whose time is over; how many there were.
    func deleteExpiredDocuments(limit: Int, now: Date) async throws -> Int
}

extension DocumentStore {
    /// Calls `body` with every document of a collection whose name begins with `prefix`, by name.
    ///
    /// They are read a page at a time, so `body` may change and delete documents, the one that it is given included: each
    /// that is there all the while comes once. One that is deleted after its page was read still comes; one that is made
    /// meanwhile comes only when its name lies behind that page.
    /// - Parameters:
    ///   - pageSize: how many are read at once, at least 1.
    ///   - now: what is over at this time does not come.
    /// - Throws: what the store and `body` throw; the walk ends there.
    package func forEachDocument(
        in collection: String, prefix: String = "", pageSize: Int = 500, now: Date,
        _ body: (Document) async throws -> Void
    ) async throws {
        var last: String?
        while true {
            let page = try await documents(in: collection, prefix: prefix, after: last, limit: pageSize, now: now)
            for document in page { try await body(document) }
            guard page.count == pageSize, let end = page.last else { return }
            last = end.key.name
        }
    }
}
