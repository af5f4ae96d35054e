// What the bot takes updates for: commands, files, presses, and what is not meant for it.
import Foundation
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

@Suite struct EventTests {
    private let name = Telegram.botName

    @Test func `in a private chat everything is said to the bot`() async throws {
        try await BotLab.run { (lab: BotLab) async throws in
            lab.telegram.say(BotLab.ann, "/mode  photo_video_fast ")
            let command = try #require(try await lab.lastEvent())
            #expect(command.deed == .command("mode", arguments: "photo_video_fast"))
            #expect(command.isAddressed && !command.place.isGroup)
            #expect(command.place.firstName == "Ann" && command.place.languageTag == "en")
            lab.telegram.say(BotLab.ann, "0:42")
            #expect(try await lab.lastEvent()?.deed == .text("0:42"))
        }
    }

    @Test func `in a group only what names the bot, answers it or is a command is said to it`() async throws {
        try await BotLab.run { (lab: BotLab) async throws in
            let telegram = lab.telegram
            telegram.addGroup(BotLab.group, "Friends", people: [BotLab.ann, BotLab.ben])
            #expect(try await lab.lastEvent()?.deed == .joined)
            telegram.say(BotLab.ann, "nice weather", in: BotLab.group)
            #expect(try await lab.lastEvent()?.isAddressed == false)
            telegram.say(BotLab.ann, "hey @\(name.uppercased()) do it", in: BotLab.group)
            let named = try #require(try await lab.lastEvent())
            #expect(named.isAddressed && named.deed == .text("hey  do it"))
            telegram.say(BotLab.ann, "/start@\(name)", in: BotLab.group)
            #expect(try await lab.lastEvent()?.deed == .command("start", arguments: ""))
            telegram.say(BotLab.ann, "/start@another_bot", in: BotLab.group)
            #expect(try await lab.lastEvent() == nil)
            let post = try await lab.api.call(SendMessage(to: BotLab.group, "Send photo 1."))
            telegram.send(BotLab.ben, SentFile("photo", [1, 2, 3]), in: BotLab.group, replyTo: post.messageID)
            let answer = try #require(try await lab.lastEvent())
            #expect(answer.isAddressed && answer.answersBot && answer.place.user == BotLab.ben)
            telegram.moveGroup(BotLab.group, to: -1_005)
        }
    }

    @Test func `every kind of file is told apart, and the largest size of a photo is taken`() async throws {
        try await BotLab.run { (lab: BotLab) async throws in
            func file(_ sent: SentFile, caption: String = "", album: String? = nil) async throws -> HeldFile {
                lab.telegram.send(BotLab.ann, sent, caption: caption, album: album, isForwarded: true)
                guard case .file(let held, let words, let group) = try await lab.lastEvent()?.deed else {
                    throw CancellationError()
                }
                #expect(words == caption && group == album)
                return held
            }
            let photo = try await file(SentFile("photo", [1]), caption: "me", album: "a7")
            #expect(photo.kind == .photo && photo.width == 640 && photo.isPicture && !photo.isVideo)
            let heic = try await file(SentFile("document", [1], name: "IMG_1.HEIC"))
            #expect(heic.kind == .document && heic.isPicture)
            let film = try await file(SentFile("document", [1], name: "film.mov", type: "video/quicktime"))
            #expect(film.isVideo && !film.isPicture)
            let paper = try await file(SentFile("document", [1], name: "a.pdf", type: "application/pdf"))
            #expect(!paper.isVideo && !paper.isPicture)
            #expect(try await file(SentFile("video_note", [1])).width == 640)
            #expect(try await file(SentFile("animation", [1])).kind == .animation)
            #expect(try await file(SentFile("sticker", [1])).isPicture)
            #expect(try await file(SentFile("voice", [1])).kind == .voice)
        }
    }

    @Test func `a reply to an earlier picture brings that picture along`() async throws {
        try await BotLab.run { (lab: BotLab) async throws in
            let target = lab.telegram.send(BotLab.ann, SentFile("photo", [1, 2, 3, 4]))
            lab.telegram.send(BotLab.ann, SentFile("photo", [9]), replyTo: target)
            let event = try #require(try await lab.lastEvent())
            #expect(event.answered?.kind == .photo && event.answered?.bytes == 4)
            guard case .file(let file, _, _) = event.deed else { throw CancellationError() }
            #expect(file.bytes == 1)
        }
    }

    @Test func `a press, an edit, a block and a way out are understood`() async throws {
        try await BotLab.run { (lab: BotLab) async throws in
            let menu = try await lab.api.call(
                SendMessage(to: BotLab.ann, "Menu", buttons: InlineKeyboard([[.init("Go", data: "mode:fast")]])))
            let post = try #require(lab.telegram.posts(in: BotLab.ann).last)
            lab.telegram.press(BotLab.ann, post, try #require(post.button("go")))
            let press = try #require(try await lab.lastEvent())
            guard case .press("mode:fast", let query) = press.deed else { throw CancellationError() }
            #expect(press.place.message == menu.messageID)
            try await lab.api.call(AnswerCallbackQuery(query))
            let message = lab.telegram.say(BotLab.ann, "1:0")
            lab.telegram.edit(BotLab.ann, message, "1:00")
            #expect(try await lab.lastEvent()?.deed == .edited("1:00"))
            #expect(lab.telegram.openQueries == 0)
        }
    }
}
