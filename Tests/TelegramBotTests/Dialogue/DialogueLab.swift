// Has the dialogue answer what people do, one update after the other, over the lab of deliveries.
import BlobStore
import Errors
import Foundation
import JobQueue
import Services
import Synchronization
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing
import WorkerProtocol

struct DialogueLab {
    let lab: DeliveryLab
    let deliveries: Deliveries
    let dialogue: Dialogue
    static let ann = BotLab.ann
    var telegram: Telegram { lab.telegram }
    var book: BotBook { lab.desk.book }

    /// Runs a test with Ann, who has agreed to the terms. Every picture shows a face; those that are called lewd are
    /// refused by the content gate, and of videos those that are lewd at a moment only there.
    static func run(_ body: (DialogueLab) async throws -> Void) async throws {
        try await DeliveryLab.run(isPaced: false) { (lab: DeliveryLab) async throws in
            lab.inspector.look { content, time in
                let words = String(decoding: content, as: UTF8.self)
                let isLewd = words.contains("lewd") && (!words.contains("lewd later") || time != nil)
                guard !isLewd else { throw refusal }
                return [FaceFacts(number: 0, x: 8, y: 8, width: 20, height: 20, score: 0.9)]
            }
            try await lab.desk.book.change(ann) { $0.agreedAt = Date() }
            try await lab.following { deliveries in
                let dialogue = Dialogue(
                    desk: lab.desk, deliveries: deliveries,
                    account: AccountCommands(desk: lab.desk, deliveries: deliveries),
                    admin: AdminCommands(desk: lab.desk))
                try await body(DialogueLab(lab: lab, deliveries: deliveries, dialogue: dialogue))
            }
        }
    }

    static let refusal = MasqueError(
        .refusedContent, "The target “x.jpg” looks like sexual imagery, which Masque does not work on.",
        advice: "Use another file.")

    /// Answers the newest update, as often as it is called.
    func answer() async throws {
        let update = try #require(
            try await lab.desk.api.call(GetUpdates(offset: nil, timeout: 0)).updates.last)
        let event = try #require(Event(update, bot: lab.desk.me))
        try await dialogue.handle(event, update: update.updateID)
    }

    func say(_ text: String) async throws {
        telegram.say(Self.ann, text)
        try await answer()
    }

    /// Ann sends a file that says something about itself.
    func send(_ kind: String, _ words: String) async throws {
        let bytes = kind == "video" ? Sample.mp4(words) : Sample.jpeg(64, 48, words)
        telegram.send(Self.ann, SentFile(kind, bytes))
        try await answer()
    }

    func press(_ words: String) async throws {
        let post = try #require(telegram.posts(in: Self.ann).last { $0.isFromBot && $0.button(words) != nil })
        telegram.press(Self.ann, post, try #require(post.button(words)))
        try await answer()
    }

    /// Ann has her face put into a photo of a beach, and begins it.
    func swap() async throws {
        try await say("/mode photo_photo")
        try await send("photo", "me")
        try await send("photo", "beach")
        try await press("Begin")
    }

    /// What the bot has written, oldest first.
    var texts: [String] { telegram.posts(in: Self.ann).filter(\.isFromBot).map(\.text) }

    func session() async throws -> Session { try await book.session(SessionKey(chat: Self.ann, user: Self.ann)) }

    func drafts() async throws -> [Job] {
        try await lab.jobs.jobs(JobQuery(owner: lab.desk.owner(Self.ann))).jobs
    }

    /// How many files are kept on the disk.
    func fileCount() async throws -> Int {
        try await lab.jobs.blobs.keys(olderThan: Date() + 60, limit: 100).count
    }
}
