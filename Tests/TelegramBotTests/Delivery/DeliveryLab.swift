// A job service over a real database and folder, beside the bot's lab: jobs move by the calls that workers make.
import BlobStore
import Errors
import Foundation
import JobQueue
import JobQueueSQLite
import Logging
import Services
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing
import Words

/// Files that are what they say as far as Telegram looks.
enum Sample {
    static func jpeg(_ width: Int, _ height: Int, _ words: String = "a picture") -> [UInt8] {
        func two(_ number: Int) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 255)] }
        return [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8] + two(height) + two(width)
            + [3, 1, 0, 0, 2, 0, 0, 3, 0, 0] + Array(words.utf8)
    }

    /// - Parameter colour: 2: without, 6: with transparency.
    static func png(_ width: Int, _ height: Int, colour: UInt8) -> [UInt8] {
        func four(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(number >> (24 - 8 * $0) & 255) } }
        return [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10] + four(13) + Array("IHDR".utf8) + four(width) + four(height)
            + [8, colour, 0, 0, 0] + four(0) + four(0) + Array("IDAT".utf8)
    }

    static func mp4(_ words: String = "a video") -> [UInt8] {
        [0, 0, 0, 24] + Array("ftypisom".utf8) + [0, 0, 2, 0] + Array("isommp41 \(words)".utf8)
    }
}

struct DeliveryLab {
    let bot: BotLab
    let jobs: JobService
    let inspector: FakeInspector
    let desk: BotDesk
    var telegram: Telegram { bot.telegram }
    let folder: String

    /// Runs a test with jobs that are told of as they change.
    static func run(
        rules: BotRules = DeliveryLab.quick, isPaced: Bool = true, _ body: (DeliveryLab) async throws -> Void
    ) async throws {
        try await BotLab.run(isPaced: isPaced) { (bot: BotLab) async throws in
            let folder = URL(fileURLWithPath: bot.database).deletingLastPathComponent().path
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let inspector = FakeInspector()
            let jobs = JobService(
                store: bot.store, blobs: try await LocalBlobStore(folder: "\(folder)/blobs"), inspector: inspector,
                feed: EventFeed(store: bot.store), rules: JobRules(), workers: [.image: 1, .video: 1],
                audit: try AuditLog(path: "\(folder)/audit.jsonl", logger: log), logger: log)
            let desk = BotDesk(
                api: bot.api, me: bot.bot, jobs: jobs, book: BotBook(store: bot.store), words: try Words.standard(),
                rules: rules, scratch: "\(folder)/scratch", log: log)
            let lab = DeliveryLab(bot: bot, jobs: jobs, inspector: inspector, desk: desk, folder: folder)
            let feed = Task { try await jobs.feed.run() }
            let result: Result<Void, any Error>
            do { result = .success(try await body(lab)) } catch { result = .failure(error) }
            feed.cancel()
            _ = await feed.result
            #expect(bot.telegram.violations == [])
            #expect(bot.telegram.openQueries == 0)
            try result.get()
        }
    }

    /// Statuses change as fast as Telegram lets them.
    static var quick: BotRules {
        var rules = BotRules()
        rules.statusInterval = .milliseconds(20)
        return rules
    }

    static var times: DeliveryTimes {
        var times = DeliveryTimes()
        times.groupInterval = .milliseconds(20)
        times.overallInterval = .milliseconds(1)
        times.queueInterval = .milliseconds(100)
        times.pauses = [.milliseconds(100)]
        return times
    }

    /// Follows deliveries while `body` runs; then the program is over. Each call is a program of its own.
    func following(
        _ times: DeliveryTimes = DeliveryLab.times, link: @escaping @Sendable (Job) -> String? = { _ in nil },
        _ body: (Deliveries) async throws -> Void
    ) async throws {
        let deliveries = Deliveries(desk: desk, times: times, link: link)
        let running = Task { try await deliveries.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body(deliveries)) } catch { result = .failure(error) }
        running.cancel()
        _ = await running.result
        try result.get()
    }

    // MARK: Jobs

    private func upload(_ bytes: [UInt8], _ name: String) async throws -> ReceivedFile {
        let path = try await jobs.blobs.newPart()
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try await ReceivedFile.onDisk(path, name: name)
    }

    /// A job in the queue.
    func job(_ user: Int64 = BotLab.ann, mode: String = "photo_photo") async throws -> Job {
        let isVideo = mode.hasPrefix("photo_video")
        return try await jobs.quick(
            mode: mode, source: try await upload(Sample.jpeg(64, 48), "me.jpg"),
            target: try await upload(
                isVideo ? Sample.mp4() : Sample.jpeg(64, 48), isVideo ? "beach.mp4" : "beach.jpg"),
            owner: desk.owner(user)
        ).job
    }

    /// Takes the next job of a lane, as a worker does.
    func claim(_ lane: Lane = .image) async throws -> Lease {
        let now = Date()
        let claimed = try await bot.store.claim(
            lane: lane, worker: "test", leaseUntil: now.addingTimeInterval(60), ownerLimit: 1_000, now: now)
        jobs.feed.poke()
        return try #require(claimed).lease
    }

    func report(_ lease: Lease, _ stage: String, _ percent: Double) async throws {
        let now = Date()
        _ = try await bot.store.progress(
            lease, JobProgress(stage: stage, percent: percent), leaseUntil: now.addingTimeInterval(60), now: now)
        jobs.feed.poke()
    }

    func complete(
        _ lease: Lease, _ bytes: [UInt8], type: String = "image/jpeg", width: Int = 64, height: Int = 48,
        duration: Double? = nil, size: Int? = nil, notes: [String] = []
    ) async throws {
        let part = try await jobs.blobs.newPart()
        try Data(bytes).write(to: URL(fileURLWithPath: part))
        if let size {
            // A hole: the file has a size and takes no room.
            let handle = try #require(FileHandle(forWritingAtPath: part))
            try handle.truncate(atOffset: UInt64(size))
            try handle.close()
        }
        let output = JobOutput(
            blob: try await jobs.blobs.adopt(fileAt: part), mediaType: type, byteCount: Int64(size ?? bytes.count),
            sha256: String(repeating: "a", count: 64), width: width, height: height, duration: duration, faceCount: 1,
            notes: notes, stageSeconds: ["swapping": 0.2])
        #expect(try await bot.store.complete(lease, output: output, expiresAt: nil, now: Date()))
        jobs.feed.poke()
    }

    /// A job that is done.
    func done(
        _ user: Int64 = BotLab.ann, _ bytes: [UInt8] = Sample.jpeg(64, 48, "the result")
    ) async throws -> Job {
        let job = try await job(user)
        try await complete(try await claim(), bytes)
        return job
    }

    func fail(_ lease: Lease, _ code: String, _ message: String, advice: String? = nil, retryAt: Date? = nil)
        async throws
    {
        _ = try await bot.store.fail(
            lease,
            failure: JobFailure(code: code, message: message, advice: advice, isRetryable: retryAt != nil),
            retryAt: retryAt, expiresAt: nil, now: Date())
        jobs.feed.poke()
    }

    // MARK: Deliveries

    func delivery(
        _ job: Job, user: Int64 = BotLab.ann, chat: Int64? = nil, status: Int? = nil, replyTo: Int? = nil,
        language: String? = "en"
    ) -> TelegramBot.Delivery {
        TelegramBot.Delivery(
            job: job.id, chat: chat ?? user, isGroup: (chat ?? user) < 0, thread: nil, user: user, replyTo: replyTo,
            status: status, language: language)
    }

    /// Writes a delivery down as a program did that ended.
    func keep(_ delivery: TelegramBot.Delivery) async throws {
        try await desk.book.store.change(
            [.put(delivery.key, text: String(decoding: try JSONEncoder().encode(delivery), as: UTF8.self))], now: Date()
        )
    }

    func kept(_ job: Job) async throws -> TelegramBot.Delivery? {
        let document = try await desk.book.store.document(DocumentKey("bot-delivery", job.id.rawValue), now: Date())
        return try document.map { try JSONDecoder().decode(TelegramBot.Delivery.self, from: Data($0.text.utf8)) }
    }

    func keptCount() async throws -> Int {
        try await desk.book.store.documentCount(in: "bot-delivery", now: Date())
    }

    /// A message of the bot's as somebody sees it.
    func post(_ number: Int, in chat: Int64 = BotLab.ann) throws -> Post {
        try #require(telegram.posts(in: chat).first { $0.id == number })
    }

    /// A status message of the bot's.
    func status(_ chat: Int64 = BotLab.ann, _ text: String = "Here we go.") async throws -> Int {
        try await desk.api.call(SendMessage(to: chat, text)).messageID
    }

    /// Waits until something holds.
    func until(
        _ what: String, _ limit: Duration = .seconds(30), location: SourceLocation = #_sourceLocation,
        _ holds: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("never: \(what)", sourceLocation: location)
        throw CancellationError()
    }

    /// Waits for a message of the bot's that holds some words.
    @discardableResult
    func sees(
        _ words: String, in chat: Int64 = BotLab.ann, location: SourceLocation = #_sourceLocation
    ) async throws -> Post {
        let post = try await telegram.nextPost(in: chat, holding: words, within: .seconds(30))
        if post == nil {
            Issue.record(
                "“\(words)” was not said, but \(telegram.posts(in: chat).map(\.text))", sourceLocation: location)
        }
        return try #require(post, sourceLocation: location)
    }

    /// Somebody presses a button; the deliveries hear of it.
    func press(_ words: String, on post: Post, by user: Int64 = BotLab.ann, _ deliveries: Deliveries) async throws {
        let button = try #require(post.button(words))
        try await press(button.data ?? "", message: post, by: user, deliveries)
    }

    func press(_ data: String, message post: Post, by user: Int64 = BotLab.ann, _ deliveries: Deliveries) async throws {
        telegram.press(user, post, Post.Button(text: "", data: data, url: nil))
        let event = try #require(try await bot.lastEvent())
        guard case .press(let data, let query) = event.deed else {
            Issue.record("no press")
            return
        }
        try await deliveries.press(
            data, query: query, place: event.place, voice: desk.voice(event.place.languageTag))
    }
}
