// What happens to chats: groups get new ids, people block the bot and come back.

internal import Foundation
internal import JobQueue

extension BotBook {
    /// Notes that the bot runs.
    /// - Returns: whether it did before, with this database.
    package func noteRun() async throws -> Bool {
        let key = DocumentKey("bot", "run")
        if try await store.document(key, now: now()) != nil { return true }
        try await store.change([.put(key, text: "{}")], now: now())
        return false
    }

    /// Keeps whether there is a private chat with somebody to write to.
    package func setReachable(_ user: Int64, _ isReachable: Bool) async throws {
        // Of those who were never here nothing is kept.
        let isKnown = try await store.document(Self.key(user), now: now()) != nil
        guard isKnown || isReachable else { return }
        try await change(user) { $0.isReachable = isReachable }
    }

    /// A group became a supergroup with another id: its sessions and limits go along. Messages have other numbers there,
    /// so none of the old ones is referred to any more. What was begun in the new group already counts.
    package func moveGroup(_ old: Int64, to new: Int64) async throws {
        guard old != new else { return }
        try await store.forEachDocument(in: SessionKey.folder, prefix: "\(old):", now: now()) { document in
            guard let user = document.key.name.split(separator: ":").last.flatMap({ Int64($0) }) else { return }
            let key = SessionKey(chat: new, user: user)
            if try await store.document(key.document, now: now()) == nil {
                try await moveSession(SessionKey(chat: old, user: user), to: key, keepsMessages: false)
            } else {
                try await store.change([.delete(document.key)], now: now())
            }
        }
        let (from, to) = (StartLimits.key(old), StartLimits.key(new))
        guard let limits = try await store.document(from, now: now()) else { return }
        var changes: [DocumentChange] = [.delete(from)]
        if try await store.document(to, now: now()) == nil {
            changes.append(.put(to, text: limits.text, expiresAt: limits.expiresAt))
        }
        try await store.change(changes, now: now())
    }

    /// Moves one session over what is there.
    func moveSession(_ old: SessionKey, to new: SessionKey, keepsMessages: Bool) async throws {
        guard var session: Session = try await read(old.document) else { return }
        if !keepsMessages { (session.menu, session.isMenuText, session.anchor) = (nil, false, nil) }
        try await store.change([.delete(old.document), try put(session, new)], now: now())
    }
}
