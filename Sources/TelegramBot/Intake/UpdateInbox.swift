// Updates on their way: written down before Telegram may forget them, answered one after the other for each person.

internal import Errors
package import Foundation
package import JobQueue
package import TelegramAPI

/// Takes updates from a poll or a webhook and has each answered once, also when the program ends in between.
///
/// An update is kept as a document before it is acknowledged and removed when it was answered. What was kept when the
/// program ended is answered at the next start. An id that was seen before is dropped.
package actor UpdateInbox {
    /// What was taken, as it is kept.
    private struct Taken: Codable {
        /// The greatest id.
        var last: Int64?
        /// The latest ids: a webhook may bring them again and out of order.
        var recent: [Int64] = []
    }

    private let store: any DocumentStore
    private let now: @Sendable () -> Date
    private var taken = Taken()
    private static let collection = "bot-update"
    private static let takenKey = DocumentKey("bot", "updates")
    private static let remembered = 500

    package init(store: any DocumentStore, now: @escaping @Sendable () -> Date = { Date() }) {
        self.store = store
        self.now = now
    }

    /// What was taken and not answered when the program ended, oldest first.
    package func leftOver() async throws -> [Update] {
        var updates: [Update] = []
        try await store.forEachDocument(in: Self.collection, now: now()) { document in
            if let update = try? BotJSON.decoder().decode(Update.self, from: Data(document.text.utf8)) {
                updates.append(update)
            } else {
                try await store.change([.delete(document.key)], now: now())
            }
        }
        let text = try await store.document(Self.takenKey, now: now())?.text
        taken = text.flatMap { try? JSONDecoder().decode(Taken.self, from: Data($0.utf8)) } ?? Taken()
        return updates.sorted { $0.updateID < $1.updateID }
    }

    /// From where to poll.
    package var offset: Int64? { taken.last.map { $0 + 1 } }

    /// Keeps updates, durably, and gives back those that are new.
    /// - Parameter lastID: the greatest id of the batch, unreadable ones included.
    package func take(_ updates: [Update], lastID: Int64?) async throws -> [Update] {
        var next = taken
        let fresh = updates.filter { !next.recent.contains($0.updateID) && !isOld($0.updateID) }
        let newest = max(lastID ?? .min, updates.map(\.updateID).max() ?? .min)
        let isAhead = newest > .min && (newest > next.last ?? .min || isFarBack(newest))
        guard !fresh.isEmpty || isAhead else { return [] }
        if isAhead { next.last = newest }
        next.recent = (next.recent + fresh.map(\.updateID)).suffix(Self.remembered)
        let changes = try fresh.map { update in
            // A day: Telegram keeps updates no longer either.
            DocumentChange.put(
                DocumentKey(Self.collection, Self.name(update.updateID)),
                text: String(decoding: try BotJSON.encoder().encode(update), as: UTF8.self),
                expiresAt: now() + 24 * 3600)
        }
        let kept = String(decoding: try JSONEncoder().encode(next), as: UTF8.self)
        let before = taken
        // At once, so that the same update is not taken again while it is written.
        taken = next
        do { try await store.change(changes + [.put(Self.takenKey, text: kept)], now: now()) } catch {
            taken = before
            throw error
        }
        return fresh
    }

    /// An update was answered, or never can be.
    package func done(_ id: Int64) async throws { try await done([id]) }

    /// Updates were answered, or never can be.
    package func done(_ ids: [Int64]) async throws {
        try await store.change(ids.map { .delete(DocumentKey(Self.collection, Self.name($0))) }, now: now())
    }

    /// Too old to be among those that are remembered, but not so old that Telegram's count began anew, as it does after
    /// a week without updates.
    private func isOld(_ id: Int64) -> Bool {
        guard let last = taken.last, let oldest = taken.recent.first, id < last else { return false }
        return taken.recent.count == Self.remembered && id < oldest && !isFarBack(id)
    }

    private func isFarBack(_ id: Int64) -> Bool { taken.last.map { id < $0 - 100_000 } ?? false }

    /// Names sort as the numbers do.
    private static func name(_ id: Int64) -> String {
        let digits = String(max(0, id))
        return String(repeating: "0", count: max(0, 19 - digits.count)) + digits
    }
}
