// Conversations in private chats.

import Foundation
import JobQueue
import JobQueueSQLite
import Synchronization
import TelegramBot
import TelegramStandIn
import Testing

@Suite(.serialized) struct PrivateChatTests {
    @Test func `a photo into a photo, as the contract has it, and the same face again`() async throws {
        try await ChatLab.run { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /start
                bot: use only faces that you may use | I may use the faces
                Ann presses: I may use the faces
                bot: What shall I make? | photo → video (fast) | photo → video (quality) | photo → photo (gpen) | photo → photo (codeformer)
                Ann presses: photo → photo (gpen)
                bot: Send photo 1 | Cancel
                Ann sends: hopper
                bot: Now send photo 2
                Ann sends: astronaut
                bot: Shall I begin? | Begin | The other way round | Other mode | Cancel
                Ann presses: Begin
                bot photo: Done | Same face again
                """)
            try chat.draw("photo", title: "Masque", subtitle: "bot", me: 100)
            try await chat.play(
                """
                Ann presses: Same face again
                bot: Now send photo 2
                Ann sends: hopper
                bot: Shall I begin? | Begin
                Ann presses: Begin
                bot photo: Done
                """)
        }
    }

    @Test func `a step that changes nothing about the draft does not write it`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /mode photo_photo_gpen
                bot: Send photo 1
                Ann sends: hopper
                bot: Now send photo 2
                """)
            let draft = try await chat.newestJob(of: "Ann"), then = Date()
            // Drafts that were not written since.
            func untouched() async throws -> [JobID] {
                try await chat.store.expired(now: then, draftsBefore: then, limit: 9)
            }
            try await chat.play(
                """
                Ann: what now?
                bot: Now send photo 2
                """)
            #expect(try await untouched() == [draft.id])
            try await chat.play(
                """
                Ann: /mode photo_photo_codeformer
                bot: Now send photo 2
                """)
            #expect(try await untouched() == [])
            #expect(try await chat.newestJob(of: "Ann").description.mode == "photo_photo_codeformer")
        }
    }

    @Test func `a photo into a video, with the question for the frame`() async throws {
        try await ChatLab.run { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /mode photo_video_fast
                bot: use only faces that you may use
                Ann presses: I may use
                bot: Send photo 1
                Ann sends: hopper
                bot: Now send the video
                Ann sends: clip
                bot: Receiving the video…
                bot photo: At which moment | Skip | This moment
                Ann: 0:99
                bot: I don't understand
                Ann: 0:45
                bot: The video ends at 0:01
                Ann: 12
                bot photo: frame 12
                Ann: 0,5 s
                bot photo: frame 13
                Ann presses: This moment
                bot: Moment: 0:00.5 | Begin
                Ann presses: Begin
                bot video: Done | Same face again
                """)
            try chat.draw("video", title: "Masque", subtitle: "bot", me: 100)
        }
    }

    @Test func `the frame may be passed over, and an answer put right by an edit`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /mode photo_video_fast
                bot: Send photo 1
                Ann sends: hopper
                bot: Now send the video
                Ann sends: clip
                bot photo: At which moment
                Ann: 0:00,2
                bot photo: frame 5
                Ann edits: 0:00,4
                bot photo: frame 10
                Ann presses: Skip
                bot: Shall I begin? | Choose a moment
                Ann presses: Choose a moment
                bot photo: At which moment
                Ann presses: Skip
                bot: Shall I begin?
                Ann presses: Cancel
                bot: What shall I make?
                """)
        }
    }

    @Test func `an album goes straight to the confirmation, in whichever order it comes`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann sends: clip + hopper
                bot: The face of the photo goes into the video | Begin
                Ann sends: hopper + astronaut
                bot: The face of the first photo goes into the second | The other way round
                Ann presses: The other way round
                bot: The face of the second photo goes into the first | Begin
                Ann presses: Begin
                bot photo: Done
                Ann sends: clip + clip
                bot: An album needs a photo with a face
                Ann sends: hopper + astronaut + pair
                bot: I took two files of your album
                bot: Shall I begin?
                """)
            // It was turned round: the result has the size of the first picture.
            let result = try #require(chat.telegram.posts(in: 100).first { $0.kind == "photo" && $0.isFromBot })
            #expect(result.file?.isEmpty == false)
        }
    }

    @Test func `files that come before the terms are kept until somebody agreed`() async throws {
        try await ChatLab.run { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann sends: hopper + astronaut | photo_photo_codeformer
                bot: use only faces
                Ann presses: I may use
                bot: codeformer | Begin
                Kim: /start
                bot: 얼굴
                """)
        }
    }

    @Test func `of several people the one is chosen who gets the face`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann: /mode photo_photo
                bot: Send photo 1
                Ann sends: hopper
                bot: Now send photo 2
                Ann sends: pair
                bot photo: Who gets the face? | ✅ 1 | ▫️ 2 | All of them | Go on
                Ann presses: ✅ 1
                bot photo: Who gets the face? | ▫️ 1 | ▫️ 2
                Ann presses: ▫️ 2
                bot photo: Who gets the face? | ▫️ 1 | ✅ 2
                Ann presses: Go on
                bot: Who gets a face: 2. | Who becomes whom
                Ann presses: Begin
                bot photo: Done
                """)
            try chat.draw("faces", title: "Masque", subtitle: "bot", me: 100)
            let job = try await chat.newestJob(of: "Ann")
            #expect(job.description.options.map == [1: 0])
            try await chat.play(
                """
                Ann presses: Same face again
                bot: Now send photo 2
                Ann sends: pair
                bot photo: Who gets the face? | ✅ 1
                Ann presses: ✅ 1
                bot photo: Who gets the face? | ▫️ 1 | ▫️ 2
                Ann presses: Go on
                """)
            let toast = try await chat.telegram.wait { $0.toasts.first { $0.contains("Choose at least one") } }
            #expect(toast != nil)
        }
    }

    @Test func `with several faces on both sides each one gets whom the person chooses`() async throws {
        try await ChatLab.run(agreed: ["Ann"]) { (chat: ChatLab) async throws in
            try await chat.play(
                """
                Ann sends: pair + pair
                bot: Shall I begin? | Who becomes whom
                Ann presses: Who becomes whom
                bot photo: The faces of photo 1
                bot photo: Who becomes whom? | 1 ← 1 | 2 ← –
                Ann presses: 1 ←
                bot photo: Who becomes whom? | 1 ← 2
                Ann presses: 2 ←
                bot photo: Who becomes whom? | 2 ← 1
                Ann presses: Go on
                bot: 1 ← 2, 2 ← 1 | Begin
                Ann: /reset
                bot: I have forgotten what you sent
                bot: What shall I make?
                Ann: /mode photo_photo
                bot: Send photo 1
                Ann sends: pair
                bot: Now send photo 2
                Ann sends: astronaut
                bot photo: Photo 1 shows 2 faces | 1 | 2
                Ann presses: 2
                bot: Face 2 of photo 1 is put in
                """)
        }
    }
}
