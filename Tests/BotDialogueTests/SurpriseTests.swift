// What people do besides: odd files, old buttons, double presses, changes of mind.

import JobQueue
import Synchronization
import TelegramBot
import TelegramStandIn
import Testing

@Suite(.serialized) struct SurpriseTests {
    @Test func `files that cannot be used get a sentence each`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /mode photo_video_fast
                bot: Send photo 1
                Ann sends: heic
                bot: HEIC picture, which I can't read
                Ann sends: voice
                bot: I can't use a recording
                Ann sends: text
                bot: neither a photo nor a video
                Ann sends: tgs
                bot: animated sticker
                Ann sends: wall
                bot: I find no face in photo 1
                Ann sends: broken document
                bot: cut short
                Ann sends: long
                bot: The video lasts 600 seconds
                Ann sends: huge
                bot: Telegram gives bots at most 20 MB
                Ann sends: hopper document
                bot: Now send the video
                """)
        }
    }

    @Test func `stickers, animations, round and forwarded videos are taken`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /mode photo_video_fast
                bot: Send photo 1
                Ann sends: sticker
                bot: Now send the video
                Ann sends: clip video_note
                bot photo: At which moment
                Ann presses: Cancel
                bot: What shall I make?
                Ann forwards: hopper
                bot: What shall the face go into?
                Ann: /reset
                bot: I have forgotten
                bot: What shall I make?
                Ann sends: clip animation
                bot: What shall I make? | photo → video (quality)
                """)
        }
    }

    @Test func `a video where a photo is wanted leads to the modes that take it`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /mode photo_photo_gpen
                bot: Send photo 1
                Ann sends: hopper
                bot: Now send photo 2
                Ann sends: clip
                bot: That is a video | photo → video (fast) | photo → video (quality)
                Ann presses: photo → video (quality)
                bot photo: At which moment
                Ann presses: Skip
                bot: photo → video (quality) | Other mode
                Ann presses: Other mode
                bot: What shall I make? | photo → video (fast)
                Ann presses: photo → video (fast)
                bot: photo → video (fast) | Begin
                """)
        }
    }

    @Test func `buttons that are old or pressed twice do nothing twice`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann sends: hopper + astronaut
                bot: Shall I begin? | Begin
                """)
            let confirm = try #require(chat.last.withLock { $0 })
            try await chat.play(
                """
                Ann presses: Begin
                Ann presses: Begin
                bot photo: Done
                """)
            chat.last.withLock { $0 = confirm }
            try await chat.play("Ann presses: Cancel")
            _ = try await chat.telegram.wait { $0.openQueries == 0 ? true : nil }
            #expect(try await chat.jobs(of: "Ann").count == 1)
            #expect(chat.telegram.posts(in: 100).count { $0.kind == "photo" && $0.isFromBot } == 1)
            #expect(chat.telegram.toasts.contains { $0.contains("This button is old") })
        }
    }

    @Test func `a chosen mode, words that mean nothing, and commands that are none`() async throws {
        try await ChatLab.run(agreed: ["Ann", "Ben"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /mode photo_video_slow
                bot: There is no mode “photo_video_slow”
                Ann: /dance
                bot: There is no command /dance
                Ann: good morning
                bot: What shall I make?
                Ann: photo_photo_gpen
                bot: Send photo 1
                Ben: /mode photo_video_slow
                bot: Режима «photo_video_slow» нет
                """)
        }
    }

    @Test func `a bot that was away goes on where it was`() async throws {
        try await ChatLab.run(agreed: ["Ann"], isWorking: false) { (chat: ChatLab) async throws in
            try await chat.working {
                try await chat.play(
                    """
                    Ann: /mode photo_photo
                    bot: Send photo 1
                    Ann sends: hopper
                    bot: Now send photo 2
                    """)
            }
            try await chat.play("Ann sends: astronaut")
            try await chat.working {
                try await chat.play(
                    """
                    bot: Shall I begin?
                    Ann presses: Begin
                    """)
                // It ends while the job waits or works, or, on a fast machine, right after.
                while try await chat.newestJob(of: "Ann").state == .draft {
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            try await chat.working { try await chat.play("bot photo: Done") }
            #expect(chat.telegram.posts(in: 100).count { $0.kind == "photo" && $0.isFromBot } == 1)
        }
    }
}
