// Conversations in groups.

import JobQueue
import Synchronization
import TelegramBot
import TelegramStandIn
import Testing

@Suite(.serialized) struct GroupTests {
    @Test func `a group swaps by buttons without asking for the frame`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                [group] Ann: hello everybody
                [group] bot: Choose a mode | photo → video (fast)
                [group] Ann presses: photo → video (fast)
                [group] bot: Send photo 1
                [group] Ann sends: hopper
                [group] bot: Now send the video
                [group] Ann sends: clip
                [group] bot: Receiving the video…
                [group] bot: Shall I begin? | Begin
                [group] Ann presses: Begin
                [group] bot video: Done
                """)
            let result = try #require(
                chat.telegram.posts(in: ChatLab.group).last { $0.kind == "video" && $0.isFromBot })
            #expect(result.replyTo == chat.sent.withLock { $0["-5/clip"] })
        }
    }

    @Test func `what is not said to the bot is left alone`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                [group] bot: Choose a mode
                [group] Ann: did you see this?
                [group] Ann sends: hopper
                [group] bot shows nothing
                [group] Ann: @masque_test_bot
                [group] bot: What shall I make?
                [group] Ann sends: hopper
                [group] bot: What shall the face go into?
                """)
        }
    }

    @Test func `an album with the bot's name below it goes straight to the confirmation`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                [group] bot: Choose a mode
                [group] Ann sends: hopper + clip | @masque_test_bot
                [group] bot: goes into the video | Begin
                [group] Ann presses: Begin
                [group] bot video: Done
                """)
            try chat.draw("group", title: "Friends", subtitle: "4 members", me: 100)
        }
    }

    @Test func `a reply to somebody's picture makes it the target`() async throws {
        try await ChatLab.run(agreed: ["Ann", "Ben"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                [group] bot: Choose a mode
                [group] Ben sends: astronaut
                [group] Ann answers astronaut: sends hopper | @masque_test_bot
                [group] bot: The face of the first photo goes into the second | Begin
                [group] Ann presses: Cancel
                [group] bot: What shall I make?
                [group] Ann answers astronaut: @masque_test_bot
                [group] bot: What shall I make? | (gpen)
                [group] Ann presses: (gpen)
                [group] bot: Send photo 1
                [group] Ann sends: hopper
                [group] bot: The face of the first photo goes into the second
                """)
        }
    }

    @Test func `two people at once in one group have nothing to do with each other`() async throws {
        try await ChatLab.run(agreed: ["Ann", "Ben"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                [group] bot: Choose a mode | photo → photo (gpen)
                [group] Ann presses: photo → photo (gpen)
                [group] bot: Send photo 1
                [group] Ben: @masque_test_bot
                [group] bot: Что
                [group] Ben presses: (codeformer)
                [group] bot: codeformer
                [group] Ann sends: hopper
                [group] bot: Now send photo 2 | Cancel
                [group] Ben presses: Cancel
                [group] Ben sends: astronaut
                [group] bot: codeformer
                [group] Ann sends: astronaut
                [group] bot: (gpen) | Begin
                [group] Ben presses: Begin
                [group] Ben sends: hopper
                [group] bot: codeformer | Начать
                [group] Ben presses: Начать
                [group] bot photo: Готово
                """)
            #expect(try await chat.newestJob(of: "Ben").description.mode == "photo_photo_codeformer")
            #expect(try await chat.jobs(of: "Ann").allSatisfy { $0.state == .draft })
            #expect(chat.telegram.toasts.contains { $0.contains("somebody else") || $0.contains("чуж") })
        }
    }
}
