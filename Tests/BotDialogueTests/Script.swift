// Conversations as they are read: who says, sends or presses what, and what the bot answers.

import Foundation
import Synchronization
import TelegramStandIn
import Testing

extension ChatLab {
    /// Plays a conversation, a line for each thing that happens:
    ///
    ///     Ann: /start
    ///     Ann sends: hopper                     (a photo; `a document`, `a video_note`, … after the name)
    ///     Ann sends: hopper + clip              (an album)
    ///     Ann sends: hopper | words below it
    ///     Ann forwards: clip
    ///     Ann presses: Begin
    ///     Ann edits: 0:01                       (her latest message)
    ///     Ann answers hopper: words             (a reply to the latest message with that file)
    ///     bot: words that are in it | a button | another
    ///     bot photo: words in the caption       (or video, document)
    ///     bot shows nothing
    ///
    /// In front of a line `[group]` moves it to the group. The bot's lines wait for a message, or a change of one, that
    /// was not read before.
    func play(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for raw in script.split(separator: "\n") {
            var line = raw.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("//") { continue }
            let isGroup = line.hasPrefix("[group] ")
            if isGroup { line.removeFirst("[group] ".count) }
            do { try await step(line, isGroup: isGroup) } catch let failure as ScriptFailure {
                Issue.record("\(raw)\n\(failure.words)", sourceLocation: sourceLocation)
                throw failure
            }
        }
    }

    struct ScriptFailure: Error {
        let words: String
    }

    private func step(_ line: String, isGroup: Bool) async throws {
        if line == "bot shows nothing" {
            let person = Self.people["Ann"] ?? 0
            try await Task.sleep(for: .milliseconds(400))
            let chat = isGroup ? Self.group : person
            let fresh = unread(chat)
            if let post = fresh.first { throw ScriptFailure(words: "It says: \(post.text)") }
            return
        }
        guard let colon = line.firstIndex(of: ":") else { throw ScriptFailure(words: "No colon.") }
        let head = line[..<colon].split(separator: " ").map(String.init)
        let rest = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        if head[0] == "bot" { return try await read(rest, kind: head.dropFirst().first, isGroup: isGroup) }
        guard let person = Self.people[head[0]] else { throw ScriptFailure(words: "Nobody is called \(head[0]).") }
        let chat = isGroup ? Self.group : person
        speaker.withLock { $0 = person }
        switch head.dropFirst().first {
        case nil: tell(telegram.say(person, rest, in: chat), in: chat)
        case "sends": try await send(person, rest, in: chat)
        case "forwards": try await send(person, rest, in: chat, isForwarded: true)
        case "presses":
            guard let post = last.withLock({ $0 }), let button = post.button(rest) else {
                let there = last.withLock { $0?.buttons.joined().map(\.text) ?? [] }
                throw ScriptFailure(words: "There is no such button, but \(there).")
            }
            story.withLock { $0.append(.press(by: person, button.text)) }
            telegram.press(person, post, button)
        case "edits":
            guard let post = telegram.posts(in: chat).last(where: { $0.author == person }) else {
                throw ScriptFailure(words: "There is nothing to edit.")
            }
            telegram.edit(person, post.id, rest, in: chat)
        case "answers":
            let name = head[2]
            guard let message = sent.withLock({ $0["\(chat)/\(name)"] }) else {
                throw ScriptFailure(words: "Nobody sent \(name).")
            }
            if rest.hasPrefix("sends ") {
                try await send(person, String(rest.dropFirst("sends ".count)), in: chat, replyTo: message)
            } else {
                tell(telegram.say(person, rest, in: chat, replyTo: message), in: chat)
            }
        default: throw ScriptFailure(words: "What is that?")
        }
    }

    private func send(_ person: Int64, _ words: String, in chat: Int64, replyTo: Int? = nil, isForwarded: Bool = false)
        async throws
    {
        let halves = words.split(separator: "|", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        let names = halves[0].split(separator: "+").map { $0.trimmingCharacters(in: .whitespaces) }
        let album = names.count > 1 ? "album-\(UUID().uuidString)" : nil
        for (index, name) in names.enumerated() {
            let parts = name.split(separator: " ").map(String.init)
            let file = try SampleFiles.file(parts[0], as: parts.count > 1 ? parts.last : nil)
            let id = telegram.send(
                person, file, caption: index == 0 && halves.count > 1 ? halves[1] : "", in: chat, album: album,
                replyTo: replyTo, isForwarded: isForwarded)
            sent.withLock { $0["\(chat)/\(parts[0])"] = id }
            tell(id, in: chat)
        }
    }

    /// Puts a person's message into the story.
    private func tell(_ id: Int, in chat: Int64) {
        guard let post = telegram.posts(in: chat).first(where: { $0.id == id }) else { return }
        story.withLock { $0.append(.post(post)) }
    }

    /// Messages of the bot that were not read as they are now.
    func unread(_ chat: Int64) -> [Post] {
        let posts = telegram.posts(in: chat).filter(\.isFromBot)
        return seen.withLock { seen in
            posts.filter { post in
                guard let (text, buttons) = seen["\(chat)/\(post.id)"] else { return true }
                // Buttons that only went are no news.
                return post.text != text || (!post.buttons.isEmpty && post.buttons != buttons)
            }
        }
    }

    /// Waits for a message that holds the words and has the buttons.
    private func read(_ rest: String, kind: String?, isGroup: Bool) async throws {
        let parts = rest.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        let chat = isGroup ? Self.group : speaker.withLock { $0 }
        let found = try await telegram.wait(.seconds(30)) { [self] _ in
            unread(chat).first { post in
                (kind == nil || post.kind == kind)
                    && (parts.first.map { post.text.localizedCaseInsensitiveContains($0) } ?? true)
                    && parts.dropFirst().allSatisfy { post.button($0) != nil }
            }
        }
        guard let found else {
            let there = unread(chat).map { "\($0.kind) “\($0.text)” \($0.buttons.joined().map(\.text))" }
            throw ScriptFailure(words: "Unread is: \(there.joined(separator: "\n"))")
        }
        last.withLock { $0 = found }
        seen.withLock { $0["\(chat)/\(found.id)"] = (found.text, found.buttons) }
        story.withLock { $0.append(.post(found)) }
    }
}
