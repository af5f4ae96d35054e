// What people do: they write, send files, press buttons, block the bot.

internal import Foundation
internal import Synchronization

/// A file that somebody sends.
package struct SentFile: Sendable {
    /// `photo`, `document`, `video`, `video_note`, `animation`, `sticker`, `voice`.
    package var kind: String
    package var bytes: [UInt8]
    package var name: String?
    package var type: String?
    /// Pixels and seconds.
    package var width = 640
    package var height = 640
    package var duration = 1
    /// Whether a sticker moves.
    package var isAnimated = false
    /// A size to claim instead of the bytes' own, for files that are too large to be had.
    package var claimedSize: Int?

    /// Makes a file.
    package init(_ kind: String, _ bytes: [UInt8], name: String? = nil, type: String? = nil) {
        (self.kind, self.bytes, self.name, self.type) = (kind, bytes, name, type)
    }
}

extension Telegram {
    /// Makes a person, with a private chat with the bot.
    package func addPerson(_ id: Int64, _ name: String, language: String = "en") {
        state.withLock { state in
            state.people[id] = State.Person(id: id, name: name, language: language)
            state.chats[id] = State.ChatState(id: id, type: "private", title: name, people: [id])
        }
    }

    /// Makes a group that the bot is in, and tells the bot.
    package func addGroup(_ id: Int64, _ title: String, people: [Int64], type: String = "group") {
        state.withLock { state in
            state.chats[id] = State.ChatState(id: id, type: type, title: title, people: Set(people))
            guard let first = people.first else { return }
            let bot: JSON = .made(["id": .integer(Self.botID), "is_bot": true, "first_name": "Masque"])
            state.push([
                "my_chat_member": .made([
                    "chat": state.json(chat: id), "from": state.people[first]?.json, "date": 1,
                    "old_chat_member": .made(["status": "left", "user": bot]),
                    "new_chat_member": .made(["status": "member", "user": bot]),
                ])
            ])
        }
    }

    /// Turns a group into a supergroup with another id.
    package func moveGroup(_ old: Int64, to new: Int64) {
        state.withLock { state in
            guard var chat = state.chats[old] else { return }
            state.chats[old]?.movedTo = new
            (chat.id, chat.type, chat.posts) = (new, "supergroup", [:])
            state.chats[new] = chat
        }
    }

    /// Somebody blocks the bot, or takes it back.
    package func block(_ person: Int64, _ isBlocked: Bool = true) {
        state.withLock { $0.people[person]?.hasBlocked = isBlocked }
    }

    /// Somebody writes. Commands and @names are marked as Telegram marks them.
    /// - Parameter chat: nil: the private chat.
    @discardableResult
    package func say(_ person: Int64, _ text: String, in chat: Int64? = nil, replyTo: Int? = nil, thread: Int? = nil)
        -> Int
    {
        state.withLock { state in
            var post = Post(id: 0, chat: chat ?? person, isFromBot: false)
            (post.text, post.replyTo, post.author, post.thread) = (text, replyTo, person, thread)
            post = state.add(post)
            state.push(["message": state.incoming(post, file: nil)])
            return post.id
        }
    }

    /// Somebody changes what was written.
    package func edit(_ person: Int64, _ message: Int, _ text: String, in chat: Int64? = nil) {
        state.withLock { state in
            guard var post = state.chats[chat ?? person]?.posts[message] else { return }
            post.text = text
            state.chats[chat ?? person]?.posts[message] = post
            state.push(["edited_message": state.incoming(post, file: nil)])
        }
    }

    /// Somebody sends a file.
    /// - Parameter isForwarded: whether it comes from elsewhere.
    @discardableResult
    package func send(
        _ person: Int64, _ file: SentFile, caption: String = "", in chat: Int64? = nil, album: String? = nil,
        replyTo: Int? = nil, isForwarded: Bool = false, thread: Int? = nil
    ) -> Int {
        let folder = rules.localFolder
        return state.withLock { state in
            var post = Post(id: 0, chat: chat ?? person, isFromBot: false)
            (post.kind, post.text, post.replyTo, post.author) = (file.kind, caption, replyTo, person)
            (post.width, post.height, post.duration) = (file.width, file.height, file.duration)
            (post.album, post.fileName, post.thread) = (album, file.name ?? "", thread)
            post.fileID = state.store(file.bytes, size: file.claimedSize, kind: file.kind, folder: folder)
            post = state.add(post)
            var message = state.incoming(post, file: file)
            if isForwarded, var fields = message.fields {
                fields["forward_origin"] = .made(["type": "hidden_user", "date": 1, "sender_user_name": "Somebody"])
                message = .object(fields)
            }
            state.push(["message": message])
            return post.id
        }
    }

    /// Somebody presses a button. Also buttons that are gone can be pressed: a phone may show them for a while.
    /// - Returns: the id by which the press is answered.
    @discardableResult
    package func press(_ person: Int64, _ post: Post, _ button: Post.Button) -> String {
        state.withLock { state in
            let id = "query-\(state.queries.count)"
            state.queries[id] = false
            let message = state.chats[post.chat]?.posts[post.id] ?? post
            state.push([
                "callback_query": .made([
                    "id": .text(id), "from": state.people[person]?.json, "message": state.json(message),
                    "chat_instance": "1", "data": button.data.map { .text($0) },
                ])
            ])
            return id
        }
    }

    /// Waits until `find` finds something, for as long as `limit`.
    package func wait<Value: Sendable>(
        _ limit: Duration = .seconds(20), for find: (Telegram) -> Value?
    ) async throws -> Value? {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if let value = find(self) { return value }
            try await Task.sleep(for: .milliseconds(10))
        }
        return find(self)
    }

    /// The next message of the bot in a chat after the one numbered `after` whose text holds `words`.
    package func nextPost(
        in chat: Int64, after: Int = 0, holding words: String = "", within limit: Duration = .seconds(20)
    ) async throws -> Post? {
        try await wait(limit) { telegram in
            telegram.posts(in: chat).first {
                $0.isFromBot && $0.id > after && (words.isEmpty || $0.text.localizedCaseInsensitiveContains(words))
            }
        }
    }
}

extension State {
    /// A person's message as an update shows it.
    func incoming(_ post: Post, file: SentFile?) -> JSON {
        var fields = json(post).fields ?? [:]
        if let file, let id = post.fileID {
            for key in ["photo", "video", "document"] { fields[key] = nil }
            let size = Int64(files[id]?.size ?? 0)
            var facts: [String: JSON] = [
                "file_id": .text(id), "file_unique_id": .text("u-\(id)"), "file_size": .integer(size),
            ]
            if file.kind != "document" {
                (facts["width"], facts["height"]) = (.integer(Int64(file.width)), .integer(Int64(file.height)))
            }
            if ["video", "video_note", "animation", "voice"].contains(file.kind) {
                facts["duration"] = .integer(Int64(file.duration))
            }
            if file.kind == "video_note" {
                (facts["width"], facts["height"]) = (nil, nil)
                facts["length"] = .integer(Int64(file.width))
            }
            if file.kind == "sticker" { (facts["is_animated"], facts["is_video"]) = (.bool(file.isAnimated), false) }
            if let name = file.name { facts["file_name"] = .text(name) }
            if let type = file.type { facts["mime_type"] = .text(type) }
            if file.kind == "photo" {
                // A small preview comes first.
                let small: JSON = .made([
                    "file_id": .text("\(id)-small"), "file_unique_id": .text("s-\(id)"), "file_size": 900, "width": 90,
                    "height": 90,
                ])
                fields["photo"] = .list([small, .object(facts)])
            } else {
                fields[file.kind] = .object(facts)
                if file.kind == "animation" { fields["document"] = .object(facts) }
            }
            fields["text"] = nil
            fields["caption"] = post.text.isEmpty ? nil : .text(post.text)
        }
        let marks = Self.entities(post.text)
        if !marks.isEmpty { fields[file == nil ? "entities" : "caption_entities"] = .list(marks) }
        if let reply = post.replyTo, let other = chats[post.chat]?.posts[reply] {
            fields["reply_to_message"] = json(other)
        }
        return .object(fields)
    }

    private static func entities(_ text: String) -> [JSON] {
        text.matches(of: /(?:^|\s)(\/[a-z0-9_]+(?:@\w+)?|@\w+)/).map { match in
            let part = match.1
            let offset = text.utf16.distance(from: text.startIndex, to: part.startIndex)
            return .made([
                "type": part.hasPrefix("/") ? "bot_command" : "mention", "offset": .integer(Int64(offset)),
                "length": .integer(Int64(part.utf16.count)),
            ])
        }
    }
}

extension Telegram {
    /// Puts a file under a path of the test's choice, as a server that means ill would.
    package func place(_ path: String, _ id: String) {
        state.withLock { $0.files[id] = State.Stored(bytes: [1], size: 1, path: path) }
    }
}
