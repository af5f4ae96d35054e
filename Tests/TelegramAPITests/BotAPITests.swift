// Calls of the Bot API against a strict stand-in: what is sent, and what is made of refusals and lost answers.
import Foundation
import NIOCore
import TelegramAPI
import TelegramStandIn
import Testing

@Suite struct BotAPITests {
    @Test func `a text with buttons arrives as it was written`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            let message = try await lab.bot.call(
                SendMessage(
                    to: Lab.person, "Choose <b>a mode</b> &amp; go", parseMode: .html,
                    buttons: InlineKeyboard([
                        [.init("🎬 fast", data: "mode:fast"), .init("Studio", url: "https://masque.test/")]
                    ])))
            #expect(message.messageID == 1)
            #expect(message.chat.id == Lab.person)
            let post = try #require(lab.telegram.posts(in: Lab.person).first)
            #expect(post.text == "Choose a mode & go")
            #expect(
                post.buttons == [
                    [
                        .init(text: "🎬 fast", data: "mode:fast", url: nil),
                        .init(text: "Studio", data: nil, url: "https://masque.test/"),
                    ]
                ])
            #expect(lab.telegram.violations.isEmpty)
        }
    }

    @Test func `a message is changed, its buttons are taken away, and an edit that changes nothing is told apart`()
        async throws
    {
        try await Lab.run { (lab: inout Lab) async throws in
            let id = try await lab.bot.call(
                SendMessage(to: Lab.person, "0 %", buttons: InlineKeyboard([[.init("Cancel", data: "cancel")]]))
            ).messageID
            try await lab.bot.call(EditMessageText(in: Lab.person, id, "50 %", buttons: nil))
            #expect(lab.telegram.posts(in: Lab.person).map(\.text) == ["50 %"])
            #expect(lab.telegram.posts(in: Lab.person).first?.buttons.isEmpty == true)
            let bot = lab.bot
            #expect(
                try await lab.reason { try await bot.call(EditMessageText(in: Lab.person, id, "50 %")) } == .notModified
            )
            try await lab.bot.call(DeleteMessage(in: Lab.person, id))
            #expect(lab.telegram.posts(in: Lab.person).isEmpty)
            #expect(
                try await lab.reason { try await bot.call(EditMessageText(in: Lab.person, id, "60 %")) } == .noMessage)
        }
    }

    @Test func `files are streamed from the disk with their facts, thumbnail and caption`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            let file = lab.folder.appendingPathComponent("a \"quoted\" name.mp4")
            let bytes = Lab.video + [UInt8](repeating: 9, count: 3 << 20)
            try Data(bytes).write(to: file)
            let video = Upload(
                part: "video", fileName: file.lastPathComponent, type: "video/mp4", content: .file(file))
            let message = try await lab.bot.call(
                SendVideo(
                    to: Lab.person, .upload(video), width: 640, height: 360, duration: 12,
                    thumbnail: lab.upload(Lab.picture(width: 320, height: 180), part: "thumbnail", name: "t.jpg"),
                    MediaOptions(
                        caption: "Done — «готово» 완료", buttons: InlineKeyboard([[.init("Again", data: "again")]]))))
            let post = try #require(lab.telegram.posts(in: Lab.person).first)
            #expect(post.file == bytes)
            #expect(post.hasThumbnail)
            #expect((post.width, post.height, post.duration) == (640, 360, 12))
            #expect(post.text == "Done — «готово» 완료")
            #expect(post.fileName == "a %22quoted%22 name.mp4")
            // What was sent once needs not be sent again.
            let id = try #require(message.video?.fileID)
            try await lab.bot.call(
                SendVideo(to: Lab.person, .id(id), width: 640, height: 360, duration: 12, thumbnail: nil))
            #expect(lab.telegram.posts(in: Lab.person).last?.file == bytes)
            #expect(lab.telegram.violations.isEmpty)
        }
    }

    @Test func `an album of two to ten pictures goes as one call`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            let items = (0..<3).map { i in
                SendPhotoAlbum.Item(
                    .upload(lab.upload(Lab.picture(width: 300 + i), part: "p\(i)", name: "\(i).jpg")),
                    caption: i == 0 ? "Who becomes whom?" : nil)
            }
            let messages = try await lab.bot.call(SendPhotoAlbum(to: Lab.person, items))
            #expect(messages.count == 3)
            #expect(Set(messages.map(\.mediaGroupID)).count == 1)
            #expect(lab.telegram.posts(in: Lab.person).map(\.text) == ["Who becomes whom?", "", ""])
            let bot = lab.bot
            #expect(
                try await lab.reason { try await bot.call(SendPhotoAlbum(to: Lab.person, Array(items.prefix(1)))) }
                    == .badRequest)
        }
    }

    @Test func `updates of every kind are read, and one that cannot be read holds up no other`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            let telegram = lab.telegram
            telegram.addGroup(-5, "Friends", people: [Lab.person])
            telegram.say(Lab.person, "/start hello")
            telegram.say(Lab.person, "@\(Telegram.botName) 🎭 look", in: -5)
            var video = SentFile("video", Lab.video, name: "film.mov", type: "video/quicktime")
            video.duration = 42
            telegram.send(Lab.person, video, caption: "this one", album: "a1", isForwarded: true)
            telegram.send(Lab.person, SentFile("photo", Lab.picture()))
            telegram.send(Lab.person, SentFile("video_note", Lab.video))
            telegram.send(Lab.person, SentFile("animation", Lab.video, name: "x.mp4"))
            telegram.send(Lab.person, SentFile("sticker", [1, 2, 3]))
            telegram.send(Lab.person, SentFile("document", [1, 2, 3], name: "IMG_1.HEIC", type: "image/heic"))
            let menu = try await lab.bot.call(
                SendMessage(to: Lab.person, "Menu", buttons: InlineKeyboard([[.init("Go", data: "go")]])))
            let post = try #require(telegram.posts(in: Lab.person).first { $0.id == menu.messageID })
            telegram.press(Lab.person, post, try #require(post.button("go")))
            let updates = try await lab.bot.call(GetUpdates(offset: nil, timeout: 0))
            #expect(updates.unreadable.isEmpty)
            let messages = updates.updates.compactMap(\.message)
            #expect(updates.updates.first?.myChatMember?.newChatMember.status == "member")
            #expect(messages[0].entities?.first?.part(of: messages[0].text ?? "") == "/start")
            let mention = messages[1].entities?.first
            #expect(messages[1].chat.isGroup && mention?.type == "mention")
            #expect(messages[2].video?.duration == 42 && messages[2].mediaGroupID == "a1")
            #expect(messages[2].caption == "this one" && messages[2].video?.mimeType == "video/quicktime")
            #expect(messages[3].photo?.map(\.width) == [90, 640])
            #expect(messages[4].videoNote?.length == 640)
            #expect(messages[5].animation != nil && messages[5].document != nil)
            #expect(messages[6].sticker?.isAnimated == false)
            #expect(messages[7].document?.fileName == "IMG_1.HEIC")
            let query = try #require(updates.updates.last?.callbackQuery)
            #expect(query.data == "go" && query.message?.messageID == menu.messageID)
            try await lab.bot.call(AnswerCallbackQuery(query.id))
            #expect(telegram.openQueries == 0)
            // Asking for what comes after drops what was read.
            let next = try #require(updates.lastID) + 1
            #expect(try await lab.bot.call(GetUpdates(offset: next, timeout: 0)).updates.isEmpty)
            #expect(telegram.violations.isEmpty)
        }
        let strange =
            #"[{"update_id":7,"message":{"message_id":"x"}},{"update_id":8,"poll":{}},{"update_id":9,"callback_query":{"id":"1","from":{"id":1,"is_bot":false,"first_name":"A"},"message":{"chat":{"id":1,"type":"future"},"message_id":3,"date":0}}}]"#
        let updates = try BotJSON.decoder().decode(Updates.self, from: Data(strange.utf8))
        #expect(updates.unreadable == [7])
        #expect(updates.updates.map(\.updateID) == [8, 9])
        #expect(updates.updates.last?.callbackQuery?.message?.chat.type == .other)
        #expect(updates.lastID == 9)
    }

    @Test func `a poll waits for what comes`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            let bot = lab.bot
            async let updates = bot.call(GetUpdates(offset: nil, timeout: 20))
            try await Task.sleep(for: .milliseconds(60))
            lab.telegram.say(Lab.person, "hello")
            #expect(try await updates.updates.first?.message?.text == "hello")
        }
    }

    @Test func `commands, descriptions and the webhook are set in each language`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            #expect(try await lab.bot.call(GetMe()).username == Telegram.botName)
            try await lab.bot.call(SetMyCommands([BotCommand("start", "Begin")], scope: .groups, languageCode: "ru"))
            #expect(lab.telegram.commands["all_group_chats/ru"] == ["start"])
            try await lab.bot.call(SetMyDescription("What it does", languageCode: "ko"))
            try await lab.bot.call(SetMyShortDescription("Faces"))
            try await lab.bot.call(SetWebhook("https://bot.masque.test:8443/webhook", secretToken: "a_b-C9"))
            #expect(try await lab.bot.call(GetWebhookInfo()).url == "https://bot.masque.test:8443/webhook")
            let bot = lab.bot
            #expect(try await lab.reason { _ = try await bot.call(GetUpdates(offset: nil, timeout: 0)) } == .conflict)
            try await lab.bot.call(DeleteWebhook())
            _ = try await lab.bot.call(GetUpdates(offset: nil, timeout: 0))
        }
    }
}
