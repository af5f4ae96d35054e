// What happens to chats: groups get new ids, people block the bot and come back.

internal import Errors
internal import Foundation
internal import JobQueue

extension BotBook {
    /// Keeps whether there is a private chat with somebody to write to.
    package func setReachable(_ user: Int64, _ isReachable: Bool) async throws {
        try await changing {
            let document = try await store.document(Self.key(user), now: now())
            var person = try await self.person(user)
            // Of those who were never here nothing is kept.
            guard document != nil || isReachable, person.isReachable != isReachable else { return }
            person.isReachable = isReachable
            try await store.change(
                [.put(Self.key(user), text: text(person), version: document?.version ?? 0)], now: now())
        }
    }

    /// A group became a supergroup with another id: sessions and deliveries go along. Messages have other numbers there,
    /// so none of the old ones is referred to any more.
    package func moveGroup(_ old: Int64, to new: Int64) async throws {
        guard old != new else { return }
        for document in try await all(in: "bot-session", prefix: "\(old):") {
            guard let user = document.key.name.split(separator: ":").last.flatMap({ Int64($0) }) else { continue }
            try await changing {
                let key = SessionKey(chat: new, user: user)
                guard var session: Session = try await read(document.key) else { return }
                session.menu = nil
                var changes: [DocumentChange] = [.delete(document.key)]
                // What was begun in the new group already counts.
                if try await store.document(key.document, now: now()) == nil { changes.append(try put(session, key)) }
                try await store.change(changes, now: now())
            }
        }
        for document in try await all(in: Delivery.collection, prefix: "") {
            try await changing {
                guard let kept = try await store.document(document.key, now: now()),
                    var delivery: Delivery = try await read(document.key), delivery.chat == old
                else { return }
                (delivery.chat, delivery.status, delivery.replyTo) = (new, nil, nil)
                try await store.change(
                    [.put(document.key, text: text(delivery), expiresAt: kept.expiresAt, version: kept.version)],
                    now: now())
            }
        }
    }

    private func all(in collection: String, prefix: String) async throws -> [Document] {
        var found: [Document] = []
        var last: String?
        while true {
            let page = try await store.documents(in: collection, prefix: prefix, after: last, limit: 500, now: now())
            found += page
            guard page.count == 500, let end = page.last else { return found }
            last = end.key.name
        }
    }

    /// Again when somebody else changed the same document in between.
    private func changing(_ body: () async throws -> Void) async throws {
        for _ in 0..<5 {
            do { return try await body() } catch let error as MasqueError where error.code == .conflict { continue }
        }
        try await body()
    }
}
