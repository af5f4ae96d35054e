// Somebody stops a swap that is being made.

import JobQueue
import Synchronization
import TelegramBot
import TelegramStandIn
import Testing

@Suite(.serialized) struct CancelTests {
    @Test func `a swap that runs is stopped by its button, is said to be, and gives no result`() async throws {
        // Before anything is sent: it takes a while to make. To work it off takes many times as long as to press.
        let film = try SampleFiles.file("film", as: nil)
        #expect(film.bytes.count < 20_000_000)
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /mode photo_video_fast
                bot: Send photo 1
                Ann sends: hopper
                bot: Now send the video
                Ann sends: film
                bot photo: At which moment | Skip
                Ann presses: Skip
                bot: Shall I begin? | Begin
                Ann presses: Begin
                """)
            // Its status message, once it is worked on: with a number of how far it is.
            let status = try #require(
                try await chat.telegram.wait(.seconds(120)) { telegram in
                    telegram.posts(in: 100).last { $0.text.contains(" %") && $0.button("Cancel") != nil }
                })
            #expect(try await chat.newestJob(of: "Ann").state == .running)
            chat.last.withLock { $0 = status }
            try await chat.play("Ann presses: Cancel")
            let end = try await chat.telegram.wait(.seconds(60)) { telegram in
                telegram.posts(in: 100).first { $0.id == status.id && $0.text == "Cancelled." }
            }
            #expect(end != nil && end?.buttons.isEmpty == true)
            #expect(chat.telegram.toasts.contains("It is being cancelled."))
            let job = try await chat.newestJob(of: "Ann")
            #expect(job.state == .canceled && job.output == nil)
            // What comes after it is answered, so nothing was on its way any more.
            try await chat.play(
                """
                Ann: /status
                bot: Nothing of yours waits or runs
                """)
            #expect(chat.telegram.posts(in: 100).allSatisfy { !$0.isFromBot || $0.kind != "video" })
        }
    }
}
