// Keeps somebody from giving commands faster than they can be meant.

internal import Foundation

/// One command in two seconds; a faster one blocks for ten seconds. Kept in memory.
actor CommandPace {
    /// What becomes of a command.
    enum Verdict: Sendable, Equatable {
        case go
        /// It came too fast: nothing is done for ten seconds from now on. Said once.
        case blocked
        /// The block holds; nothing is said.
        case silent
    }
    private struct Entry {
        var last: Date
        var blockedUntil: Date?
    }
    static let interval = 2.0, block = 10.0
    private var entries: [Int64: Entry] = [:]

    func take(_ user: Int64, now: Date) -> Verdict {
        let entry = entries[user]
        if let end = entry?.blockedUntil, now < end { return .silent }
        let age = entry.map { now.timeIntervalSince($0.last) } ?? .infinity
        // A clock that was put back makes nobody wait.
        let isTooFast = (0..<Self.interval).contains(age) && entry?.blockedUntil == nil
        entries[user] = Entry(last: now, blockedUntil: isTooFast ? now + Self.block : nil)
        return isTooFast ? .blocked : .go
    }
}
