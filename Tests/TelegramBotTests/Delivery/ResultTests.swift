// Results come in the form that Telegram shows best, byte for byte, or smaller, or as a link.
import BlobStore
import Foundation
import JobQueue
import Services
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing
import WorkerProtocol

@Suite struct ResultSerialTests {
    @Test func `a picture comes as a photo with notes and buttons, and as a file when that is wanted`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            try await lab.following { deliveries in
                let job = try await lab.job()
                let bytes = Sample.jpeg(64, 48, "exactly this")
                try await deliveries.begin(lab.delivery(job))
                // What the mode lacks here was said before.
                let lacks = [
                    MissingModelNote.swappedByMesh(without: "models “a” and “b” are"),
                    MissingModelNote.unrestored(without: "model “a” is"), MissingModelNote.foundByBuiltIn(without: "a"),
                ]
                try await lab.complete(
                    try await lab.claim(), bytes,
                    notes: ["A note to know."] + lacks + [String(repeating: "long ", count: 300)])
                let photo = try await lab.sees("Made with Masque: the face is not real.")
                #expect(
                    photo.text.starts(with: #/Done in \d+ s\. /#) && photo.text.hasSuffix("\nA note to know."))
                #expect(photo.kind == "photo" && photo.file == bytes)
                #expect(photo.button("Same face again")?.data == "same")
                try await lab.until("done") { try await lab.keptCount() == 0 }
                try await lab.press("As a file", on: photo, by: BotLab.ben, deliveries)
                try await lab.press("As a file", on: photo, deliveries)
                try await lab.until("file") { lab.telegram.posts(in: BotLab.ann).contains { $0.kind == "document" } }
                try await lab.until("done") { try await lab.keptCount() == 0 }
                let file = try #require(lab.telegram.posts(in: BotLab.ann).first { $0.kind == "document" })
                #expect(file.file == bytes && file.fileName == "beach-masque.jpg")
                #expect(file.text.contains("the face is not real"))
            }
        }
    }

    @Test func `a finished job's result is sent again to its owner, and to nobody else`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            try await lab.following { deliveries in
                let job = try await lab.done()
                let list = try lab.post(try await lab.status())
                let other = try lab.post(try await lab.status(BotLab.ben), in: BotLab.ben)
                try await lab.press("job:get:\(job.id)", message: other, by: BotLab.ben, deliveries)
                try await lab.press("job:get:\(job.id)", message: list, deliveries)
                try await lab.sees("Made with Masque")
                try await lab.until("done") { try await lab.keptCount() == 0 }
                #expect(lab.telegram.posts(in: BotLab.ann).map(\.kind) == ["text", "photo"])
                #expect(lab.telegram.posts(in: BotLab.ben).map(\.kind) == ["text"])
                // One that has no result, and one that is gone.
                let waiting = try await lab.job()
                try await lab.press("job:get:\(waiting.id)", message: list, deliveries)
                try await lab.jobs.delete(job.id, owner: job.owner)
                try await lab.press("job:get:\(job.id)", message: list, deliveries)
                #expect(try await lab.keptCount() == 0)
            }
        }
    }

    @Test(arguments: [
        (Sample.png(64, 48, colour: 6), "image/png", 64, 48, "document"),
        (Sample.png(64, 48, colour: 2), "image/png", 64, 48, "photo"),
        (Sample.jpeg(2_000, 90), "image/jpeg", 2_000, 90, "document"),
        (Sample.jpeg(6_000, 4_001), "image/jpeg", 6_000, 4_001, "document"),
        (Sample.jpeg(6_000, 4_000), "image/jpeg", 6_000, 4_000, "photo"),
    ])
    func `what a photo would spoil or cannot be comes as a file`(
        bytes: [UInt8], type: String, width: Int, height: Int, kind: String
    ) async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            try await lab.following { deliveries in
                let job = try await lab.job()
                try await lab.complete(try await lab.claim(), bytes, type: type, width: width, height: height)
                try await deliveries.begin(lab.delivery(job))
                let post = try await lab.sees("Made with Masque")
                #expect(post.kind == kind && post.file == bytes)
                #expect((post.button("As a file") != nil) == (kind == "photo"))
            }
        }
    }

    @Test func `a photo that Telegram cannot use comes as a file`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            lab.telegram.fail("sendPhoto", .refuse(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
            try await lab.following { deliveries in
                let job = try await lab.done()
                try await deliveries.begin(lab.delivery(job))
                let post = try await lab.sees("Made with Masque")
                #expect(post.kind == "document" && post.file == Sample.jpeg(64, 48, "the result"))
            }
        }
    }

    @Test func `a video comes with its size, length and a picture, while the bot is seen at work`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            try await lab.following { deliveries in
                let job = try await lab.job(mode: "photo_video")
                try await deliveries.begin(lab.delivery(job))
                let lease = try await lab.claim(.video)
                try await lab.report(lease, "swapping", 95)
                try await lab.until("recording") { lab.telegram.actions[BotLab.ann]?.contains("record_video") == true }
                let bytes = Sample.mp4() + [UInt8](repeating: 7, count: 3 << 20)
                try await lab.complete(lease, bytes, type: "video/mp4", width: 1_280, height: 720, duration: 8.6)
                let post = try await lab.sees("Made with Masque")
                #expect(post.kind == "video" && post.file == bytes)
                #expect(post.width == 1_280 && post.height == 720 && post.duration == 9)
                #expect(post.hasThumbnail)
                #expect(post.fileName == "beach-masque.mp4")
                #expect(post.button("As a file") == nil)
            }
            #expect(lab.telegram.actions[BotLab.ann]?.contains("upload_video") == true)
        }
    }

    @Test func `a result that is too large is made smaller, and says so`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            lab.inspector.answer(Sample.mp4("smaller"))
            try await lab.following(link: { "https://masque.example/shared/\($0.id)" }) { deliveries in
                let job = try await lab.job(mode: "photo_video")
                try await deliveries.begin(lab.delivery(job))
                try await lab.complete(
                    try await lab.claim(.video), Sample.mp4(), type: "video/mp4", width: 1_280, height: 720,
                    duration: 9, size: 60 << 20)
                let post = try await lab.sees("It was made smaller, so that Telegram takes it.")
                #expect(post.kind == "video" && post.file == Sample.mp4("smaller"))
                #expect(post.width == 320 && post.height == 240)
                #expect(post.button("Full size")?.url == "https://masque.example/shared/\(job.id)")
                let fit = try #require(lab.inspector.fits.first)
                #expect(lab.inspector.fits.count == 1)
                #expect(fit.maxBytes <= 50 << 20 && fit.maxBytes > 49 << 20)
                try await lab.until("done") { try await lab.keptCount() == 0 }
                #expect(lab.telegram.posts(in: BotLab.ann).count == 1)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(lab.folder)/scratch").isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `a result that does not fit comes as a link, or as a sentence`(hasLink: Bool) async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            let links = ShareLinks(secret: Array(repeating: 9, count: 32))
            let link = Deliveries.links(links, at: hasLink ? "https://masque.example/" : nil)
            try await lab.following(link: link) { deliveries in
                let job = try await lab.job(mode: "photo_video")
                try await deliveries.begin(lab.delivery(job, status: try await lab.status()))
                try await lab.complete(
                    try await lab.claim(.video), Sample.mp4(), type: "video/mp4", width: 1_280, height: 720,
                    duration: 9, size: 60 << 20)
                let post = try await lab.sees("the result has 63 MB")
                #expect(post.text.contains("so here is a link to it.") == hasLink)
                let url = try #require(post.buttons.joined().first { $0.url != nil || !hasLink }).url ?? ""
                #expect(url.hasPrefix("https://masque.example/shared/") == hasLink)
                if hasLink {
                    let token = String(url.dropFirst("https://masque.example/shared/".count))
                    #expect(try links.open(token, now: Date()) == job.id)
                }
                try await lab.until("done") { try await lab.keptCount() == 0 }
                #expect(lab.telegram.posts(in: BotLab.ann).count == 1)
            }
        }
    }

    @Test func `a result whose file is gone is said to be gone`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            let job = try await lab.done()
            let blob = try #require(try await lab.jobs.job(job.id, owner: nil).output).blob
            try await lab.jobs.blobs.delete(blob)
            try await lab.following { deliveries in
                try await deliveries.begin(lab.delivery(job))
                try await lab.sees("The file is not kept any more.\nFiles are deleted after a time; make it again.")
                try await lab.until("done") { try await lab.keptCount() == 0 }
            }
        }
    }
}
