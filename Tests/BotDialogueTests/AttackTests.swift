// What somebody does who means ill, and Telegram refusing things in the middle.

import BlobStore
import Foundation
import JobQueue
import JobQueueSQLite
import Synchronization
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

@Suite(.serialized) struct AttackTests {
    /// Data that no button of the bot's has; all of it can be sent by a program that poses as a phone.
    static let forgeries = [
        "", " ", ":", "::", "f:99", "f:-1", "f:s-1", "f:s99", "f:", "f:all", "f:done", "f:٣", "mode:", "mode:nothing",
        "mode:photo_photo:x", "job:", "job:get:", "job:get:..", "job:cancel:%00", "job:send:x:file", "job:again:",
        "job:nothing:x", "my:", "my:history:%", "my:history:0", "my:history:-1", "my:lang:", "my:lang:xx",
        "my:delete:", "my:delete:maybe", "adm:cancel:x", "adm:send:x", "adm:", "go", "flip", "modes", "moment",
        "people",
        "skip", "use", "same", "drop", "agree:yes", "\u{0}\u{1}\u{202E}", String(repeating: "я", count: 32),
    ]

    @Test func `every press is answered, whatever its data says`() async throws {
        // Pressing “Other mode” where the modes are shown shows the same again.
        try await ChatLab.run(agreed: ["Ann"], harmless: "message is not modified") { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /start
                bot: What shall I make?
                """)
            let menu = try #require(chat.last.withLock { $0 })
            for data in Self.forgeries {
                chat.telegram.press(100, menu, Post.Button(text: "?", data: data, url: nil))
                let isAnswered = try await chat.telegram.wait(.seconds(8)) { $0.openQueries == 0 ? true : nil }
                #expect(isAnswered == true, "“\(data)” was not answered.")
                if isAnswered != true { return }
            }
            try await chat.play(
                """
                Ann: /reset
                bot: I have forgotten
                """)
        }
    }

    @Test func `words of any length and kind get an answer that Telegram takes`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            let marks = "a" + String(repeating: "\u{0301}\u{0323}", count: 1900)
            chat.telegram.say(100, "/mode \(marks)")
            try await chat.play("bot: There is no mode")
            chat.telegram.say(100, "/mode " + String(repeating: "👩‍👩‍👧‍👦", count: 300))
            try await chat.play("bot: There is no mode")
            chat.telegram.say(100, "/mode \u{202E}\u{0}<b>&amp;")
            try await chat.play("bot: There is no mode")
        }
    }

    @Test func `who blocks the bot right after yes is deleted all the same`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /mode photo_photo
                bot: Send photo 1
                Ann sends: hopper
                bot: Now send photo 2
                Ann: /delete_my_data
                bot: This deletes at once | Delete everything
                """)
            chat.telegram.fail(
                "editMessageText", .refuse(403, "Forbidden: bot was blocked by the user"), times: 2)
            try await chat.play("Ann presses: Delete everything")
            var left = 1
            for _ in 1...200 where left > 0 {
                left = try await chat.jobs(of: "Ann").count
                try await Task.sleep(for: .milliseconds(25))
            }
            #expect(left == 0)
            #expect(try await BotBook(store: chat.store).person(100).agreedAt == nil)
            // The answer itself comes to its end, too.
            try await chat.waitForInbox()
            #expect(try await chat.blobs.keys(olderThan: Date() + 60, limit: 10).isEmpty)
        }
    }

    @Test func `the buttons of a new menu hold although the old one's could not be taken away`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /mode photo_photo
                bot: Send photo 1
                """)
            chat.telegram.fail("editMessageReplyMarkup", .refuse(403, "Forbidden: not enough rights"))
            try await chat.play(
                """
                Ann sends: hopper
                bot: Now send photo 2 | Cancel
                """)
            _ = try await chat.telegram.wait { $0.hasFault("editMessageReplyMarkup") ? nil : true }
            try await chat.play(
                """
                Ann presses: Cancel
                bot: What shall I make?
                """)
            #expect(chat.telegram.posts(in: 100).count { $0.text.contains("Now send photo 2") } == 0)
            #expect(chat.telegram.posts(in: 100).count { $0.text.contains("What shall I make") } == 1)
        }
    }

    @Test func `a press that Telegram lets nobody answer does what it is for`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /start
                bot: What shall I make?
                """)
            chat.telegram.fail("answerCallbackQuery", .refuse(400, "Bad Request: something new"))
            try await chat.play(
                """
                Ann presses: photo → photo (gpen)
                bot: Send photo 1
                """)
            // So that the stand-in counts no press as left open: it was refused on command.
            chat.telegram.forgiveQueries()
        }
    }

    @Test func `a file that Telegram does not give is said to be missing, once`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /mode photo_video
                bot: Send photo 1
                Ann sends: hopper
                bot: Now send the video
                """)
            chat.telegram.fail("getFile", .gateway(502), times: 5)
            try await chat.play(
                """
                Ann sends: clip
                bot: Receiving the video…
                bot: Telegram does not give me
                """)
            #expect(chat.telegram.posts(in: 100).count { $0.text.contains("Receiving") } == 0)
            try await chat.play(
                """
                Ann sends: clip
                bot photo: At which moment
                """)
        }
    }

    @Test func `in a group talk is left alone, and so are files after Cancel`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                [group] bot: Choose a mode
                [group] Ann presses: photo → photo (gpen)
                [group] bot: Send photo 1
                [group] Ann: where was that?
                [group] bot shows nothing
                [group] Ann sends: hopper
                [group] bot: Now send photo 2 | Cancel
                [group] Ann presses: Cancel
                [group] bot: What shall I make?
                [group] Ann sends: hopper
                [group] bot shows nothing
                [group] Ann: @masque_test_bot
                [group] bot: What shall I make?
                [group] Ann sends: hopper
                [group] bot: What shall the face go into?
                """)
        }
    }

    @Test func `nobody gets at the job of another, wherever its number is pressed`() async throws {
        try await ChatLab.run(agreed: ["Ann", "Ben"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                [group] bot: Choose a mode
                Ann sends: hopper + astronaut
                bot: Shall I begin? | Begin
                Ann presses: Begin
                bot photo: Done
                Ben: /start
                bot: Что
                """)
            let job = try await chat.newestJob(of: "Ann")
            let menu = try #require(chat.last.withLock { $0 })
            let group = try #require(chat.telegram.posts(in: ChatLab.group).last { $0.isFromBot })
            let before = chat.telegram.posts(in: 200).count
            for post in [menu, group] {
                for verb in ["get", "file", "cancel", "again", "send", "here"] {
                    chat.telegram.press(200, post, .init(text: "?", data: "job:\(verb):\(job.id)", url: nil))
                }
                chat.telegram.press(200, post, .init(text: "?", data: "adm:cancel:\(job.id)", url: nil))
            }
            _ = try await chat.telegram.wait { $0.openQueries == 0 ? true : nil }
            try await Task.sleep(for: .milliseconds(500))
            #expect(chat.telegram.posts(in: 200).count == before)
            #expect(chat.telegram.posts(in: ChatLab.group).allSatisfy { $0.kind == "text" })
            #expect(try await chat.newestJob(of: "Ann").state == .completed)
        }
    }

    @Test func `what is deleted leaves nothing behind, also of a session in a group and a job at work`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                [group] bot: Choose a mode
                [group] Ann presses: photo → photo (gpen)
                [group] bot: Send photo 1
                [group] Ann sends: hopper
                [group] bot: Now send photo 2
                Ann sends: hopper + astronaut
                bot: Shall I begin? | Begin
                Ann presses: Begin
                Ann: /delete_my_data
                bot: This deletes at once | Delete everything
                Ann presses: Delete everything
                bot: Everything of yours is deleted
                """)
            #expect(try await chat.jobs(of: "Ann").isEmpty)
            #expect(try await chat.blobs.keys(olderThan: Date() + 60, limit: 10).isEmpty)
            // What was written is kept until its answer has come to its end.
            try await chat.waitForInbox()
            for collection in ["bot-session", "bot-delivery", "bot-person", "bot-update"] {
                let left = try await chat.store.documents(
                    in: collection, prefix: "", after: nil, limit: 9, now: Date())
                for document in left {
                    // That a swap was begun counts for an hour; what was answered is not answered again.
                    #expect(!document.text.contains("file-"), "\(collection) \(document.text)")
                    #expect(!document.text.contains("Ann"), "\(collection) \(document.text)")
                }
            }
            try await chat.play(
                """
                Ann: /start
                bot: use only faces that you may use
                """)
        }
    }
}
