// What the content gate refuses is gone at once: from the disk, from the session and from what is offered again.
import Errors
import Foundation
import JobQueue
import TelegramBot
import TelegramStandIn
import Testing

@Suite struct RefusedContentTests {
    @Test func `a refused photo 1 leaves nothing behind, and another one takes its place`() async throws {
        try await DialogueLab.run { (lab: DialogueLab) async throws in
            try await lab.say("/mode photo_photo")
            try await lab.send("photo", "lewd")
            #expect(lab.texts.last?.contains("looks like sexual imagery") == true)
            #expect(lab.texts.last?.contains("Send photo 1") == true)
            #expect(try await lab.fileCount() == 0)
            #expect(try await lab.drafts().isEmpty)
            let session = try await lab.session()
            #expect(session.source == nil && session.job == nil && session.step == .source)
            try await lab.send("photo", "me")
            #expect(lab.texts.last?.contains("Now send photo 2") == true)
            #expect(try await lab.fileCount() == 1)
        }
    }

    @Test func `a refused photo 2 goes, photo 1 stays in mind and is in the swap that follows`() async throws {
        try await DialogueLab.run { (lab: DialogueLab) async throws in
            try await lab.say("/mode photo_photo")
            try await lab.send("photo", "me")
            try await lab.send("photo", "lewd")
            #expect(lab.texts.last?.contains("looks like sexual imagery") == true)
            #expect(lab.texts.last?.contains("Now send photo 2") == true)
            #expect(try await lab.fileCount() == 0)
            let session = try await lab.session()
            #expect(session.source != nil && session.target == nil && session.step == .target)
            try await lab.send("photo", "beach")
            try await lab.press("Begin")
            let job = try #require(try await lab.drafts().first)
            #expect(job.state == .queued && job.inputs.count == 2)
            #expect(try await lab.book.person(DialogueLab.ann).lastSource == session.source)
        }
    }

    @Test func `a video that is refused at the first look goes, and another one takes its place`() async throws {
        try await DialogueLab.run { (lab: DialogueLab) async throws in
            try await lab.say("/mode photo_video")
            try await lab.send("photo", "me")
            try await lab.send("video", "lewd")
            #expect(lab.texts.last?.contains("looks like sexual imagery") == true)
            #expect(lab.texts.last?.contains("Now send the video") == true)
            #expect(try await lab.fileCount() == 0)
            let session = try await lab.session()
            #expect(session.target == nil && session.referenceTime == nil && session.step == .target)
            try await lab.send("video", "waves")
            #expect(lab.texts.last?.contains("At which moment") == true)
            #expect(try await lab.fileCount() == 2)
        }
    }

    @Test func `a moment that is refused is not shown, and the one before it holds on`() async throws {
        try await DialogueLab.run { (lab: DialogueLab) async throws in
            try await lab.say("/mode photo_video")
            try await lab.send("photo", "me")
            try await lab.send("video", "lewd later")
            #expect(lab.texts.last?.contains("At which moment") == true)
            let before = try await lab.session()
            let pictures = lab.telegram.posts(in: DialogueLab.ann).count { $0.isFromBot && $0.kind == "photo" }
            try await lab.say("0:02")
            #expect(lab.texts.last?.contains("looks like sexual imagery") == true)
            #expect(
                lab.telegram.posts(in: DialogueLab.ann).count { $0.isFromBot && $0.kind == "photo" } == pictures)
            let session = try await lab.session()
            #expect(session.target == before.target && session.step == .frame)
            #expect(session.referenceTime == before.referenceTime)
            #expect(try await lab.fileCount() == 2)
            try await lab.press("Skip")
            #expect(lab.texts.last?.contains("Shall I begin?") == true)
        }
    }

    @Test func `a face whose swap was refused is not offered again, but one of a later swap is`() async throws {
        try await DialogueLab.run { (lab: DialogueLab) async throws in
            func refuse() async throws {
                let words = DialogueLab.refusal.message
                try await lab.lab.fail(try await lab.lab.claim(), "refusedContent", words)
                try await lab.lab.sees(words)
            }
            try await lab.swap()
            #expect(try await lab.book.person(DialogueLab.ann).lastSource != nil)
            try await refuse()
            #expect(try await lab.book.person(DialogueLab.ann).lastSource == nil)
            try await lab.say("/same")
            #expect(lab.texts.last?.hasPrefix("I have no earlier face") == true)
            try await lab.swap()
            let first = try await lab.lab.claim()
            try await lab.swap()
            let kept = try #require(try await lab.book.person(DialogueLab.ann).lastSource)
            let before = lab.texts.count { $0.contains(DialogueLab.refusal.message) }
            try await lab.lab.fail(first, "refusedContent", DialogueLab.refusal.message)
            try await lab.lab.until("the refusal is told") {
                lab.texts.count { $0.contains(DialogueLab.refusal.message) } > before
            }
            #expect(try await lab.book.person(DialogueLab.ann).lastSource == kept)
        }
    }

    @Test func `a face whose second try is refused is not offered again`() async throws {
        try await DialogueLab.run { (lab: DialogueLab) async throws in
            try await lab.swap()
            try await lab.lab.fail(try await lab.lab.claim(), "failed", "The work failed.")
            try await lab.lab.sees("The work failed.")
            #expect(try await lab.book.person(DialogueLab.ann).lastSource != nil)
            try await lab.press("Try again")
            try await lab.lab.fail(try await lab.lab.claim(), "refusedContent", DialogueLab.refusal.message)
            try await lab.lab.sees(DialogueLab.refusal.message)
            #expect(try await lab.book.person(DialogueLab.ann).lastSource == nil)
        }
    }

    @Test func `a face that was taken before and is refused now is forgotten`() async throws {
        try await DialogueLab.run { (lab: DialogueLab) async throws in
            try await lab.say("/mode photo_photo")
            try await lab.send("photo", "lewd later")
            let source = try #require(try await lab.session().source)
            try await lab.book.change(DialogueLab.ann) { $0.lastSource = source }
            lab.lab.inspector.look { _, _ in throw DialogueLab.refusal }
            try await lab.say("/same")
            #expect(lab.texts.last?.contains("looks like sexual imagery") == true)
            #expect(try await lab.book.person(DialogueLab.ann).lastSource == nil)
            #expect(try await lab.session().source == nil)
            #expect(try await lab.fileCount() == 0)
        }
    }
}
