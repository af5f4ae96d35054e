// A recording shows how people used the bot, not who they are; it can be played again.
import Errors
import Foundation
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

@Suite struct RecordTests {
    private let ann = BotLab.ann, ben = BotLab.ben

    /// Has people do things that are told of below, and gives the file that was recorded.
    private func record(_ lab: BotRunLab, to path: String) async throws {
        let telegram = lab.telegram
        telegram.addGroup(BotLab.group, "Wedding of Zoe", people: [ann, ben], type: "supergroup")
        telegram.say(ann, "/mode photo_photo")
        telegram.say(ann, "/ban 123456")
        telegram.say(ann, "/secretword")
        telegram.say(ann, "my name is Zoe")
        telegram.say(ann, "1:05")
        telegram.say(ann, "79161234567")
        telegram.say(ben, "hey @\(Telegram.botName) call @zoe", in: BotLab.group)
        let photo = telegram.send(ann, SentFile("photo", [1, 2, 3]), caption: "Zoe", album: "album-of-zoe")
        telegram.send(
            ann, SentFile("document", [1], name: "Zoe at home.HEIC", type: "image/heic"), album: "album-of-zoe")
        telegram.say(ben, "that one", replyTo: photo)
        try await lab.running({ $0.record = path }) { _ in
            try await lab.wait { _ in
                let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
                return text.split(separator: "\n").count >= 11
            }
        }
    }

    private func updates(_ path: String) throws -> [Update] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try BotJSON.decoder().decode(Update.self, from: Data($0.utf8))
        }
    }

    @Test func `nothing in a recording says who somebody is or what they said`() async throws {
        try await BotRunLab.run { (lab: BotRunLab) async throws in
            let path = "\(lab.lab.folder)/updates.jsonl"
            try await record(lab, to: path)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            for secret in [
                "Ann", "Ben", "Zoe", "zoe", "Wedding", "123456", "secretword", "7916", "file-0", "u-file", "album-of",
                ":\(ann),", ":\(ben),", ":\(BotLab.group),", lab.telegram.token,
            ] {
                #expect(!text.contains(secret), "\(secret)")
            }
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func `what the bot goes by stays as it was`() async throws {
        try await BotRunLab.run { (lab: BotRunLab) async throws in
            let path = "\(lab.lab.folder)/updates.jsonl"
            try await record(lab, to: path)
            let updates = try updates(path)
            let texts = updates.compactMap(\.message?.text)
            #expect(texts.contains("/mode photo_photo") && texts.contains("1:05"))
            #expect(texts.contains("/ban xxxxxx") && texts.contains("/xxxxxxxxxx") && texts.contains("xx xxxx xx xxx"))
            #expect(texts.contains("xxx @\(Telegram.botName) xxxx xxxx"))
            let events = updates.map { Event($0, bot: lab.lab.bot.bot) }
            #expect(events.count { $0?.deed == .command("mode", arguments: "photo_photo") } == 1)
            let called = try #require(events.compactMap(\.self).first { $0.place.isGroup && $0.deed != .joined })
            #expect(called.isAddressed)
            // The same person is the same number, in the private chat, too.
            let album = events.compactMap(\.self).filter {
                if case .file(_, _, .some) = $0.deed { true } else { false }
            }
            #expect(album.count == 2 && Set(album.map(\.place)).count == 2)
            #expect(Set(album.map(\.place.user)).count == 1 && album[0].place.user == album[0].place.chat)
            guard case .file(let heic, _, _) = album[1].deed else { throw CancellationError() }
            #expect(heic.name == "file.HEIC" && heic.isPicture)
            #expect(album[0].place.user != called.place.user)
        }
    }

    @Test func `a recording can be played again, and more is added to it under other numbers`() async throws {
        try await BotRunLab.run { (lab: BotRunLab) async throws in
            let path = "\(lab.lab.folder)/updates.jsonl"
            try await record(lab, to: path)
            let first = try updates(path)
            lab.telegram.say(ann, "/info")
            try await lab.running({ $0.record = path }) { _ in
                try await lab.wait { _ in (try? updates(path).count) == first.count + 1 }
            }
            let second = try updates(path)
            let people = Set(first.compactMap(\.message?.from?.id))
            #expect(second.last?.message?.from.map { !people.contains($0.id) } == true)
            // Played in a fresh database, everything is handed over once, and an album as one.
            try await BotLab.run { (bot: BotLab) async throws in
                try await DispatchLab.run(bot, isPaused: true) { again in
                    await again.dispatcher.enqueue(try await again.inbox.take(second, lastID: nil))
                    await again.dispatcher.resume()
                    try await again.answers.wait(second.count - 1)
                    #expect(again.answers.words.count { $0.hasPrefix("album ") } == 1)
                    #expect(again.answers.words.contains("/info"))
                    try await again.waitForInbox()
                }
            }
        }
    }

    /// Whoever adds a field must say in `Anonymiser` what becomes of it.
    @Test func `every field of an update is known to the anonymiser`() throws {
        let json = """
            {"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"},
            "from":{"id":1,"is_bot":false,"first_name":"A"}}}
            """
        let update = try BotJSON.decoder().decode(Update.self, from: Data(json.utf8))
        let message = try #require(update.message)
        #expect(Mirror(reflecting: update).children.count == 5)
        #expect(Mirror(reflecting: message).children.count == 27)
        #expect(Mirror(reflecting: message.chat).children.count == 4)
        #expect(try Mirror(reflecting: #require(message.from)).children.count == 7)
    }
}
