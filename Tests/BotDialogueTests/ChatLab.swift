// The whole bot for a test: Telegram's stand-in, jobs, media processes, and people who talk with it.

import BlobStore
import Foundation
import JobQueue
import JobQueueSQLite
import Logging
import MediaSamples
import Services
import Synchronization
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing
import Words
import Workers

/// One test's world. Ann (English), Ben (Russian) and Kim (Korean) are in the group “Friends”.
final class ChatLab: Sendable {
    static let people: [String: Int64] = ["Ann": 100, "Ben": 200, "Kim": 300]
    static let group: Int64 = -5

    let telegram: Telegram
    let folder: String
    let store: SQLiteStore
    let blobs: LocalBlobStore
    let rules: BotRules
    let jobRules: JobRules
    /// What of each message was read: its text and buttons.
    let seen = Mutex<[String: (text: String, buttons: [[Post.Button]])]>([:])
    /// The message that was read last.
    let last = Mutex<Post?>(nil)
    /// Who spoke last.
    let speaker = Mutex<Int64>(100)
    /// The latest message with a file, by chat and file.
    let sent = Mutex<[String: Int]>([:])
    /// What was said, pressed and read, in order; for drawings.
    let story = Mutex<[Moment]>([])

    enum Moment: Sendable {
        case post(Post)
        case press(by: Int64, String)
    }
    private let server: StandInServer

    private init(
        _ telegram: Telegram, _ server: StandInServer, folder: String, store: SQLiteStore,
        rules: BotRules, jobRules: JobRules
    ) async throws {
        (self.telegram, self.server, self.folder, self.store) = (telegram, server, folder, store)
        (self.rules, self.jobRules) = (rules, jobRules)
        blobs = try await LocalBlobStore(folder: "\(folder)/blobs")
    }

    /// Runs a test with the bot at work.
    ///
    /// - Parameter harmless: words of refusals that are no violations here, with `|` between them.
    static func run(
        rules: BotRules = quick, jobRules: JobRules = JobRules(), agreed: [String] = [],
        isWorking: Bool = true, harmless: String? = nil,
        _ body: (ChatLab) async throws -> Void
    ) async throws {
        let folder = NSTemporaryDirectory() + "masque-chat-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let telegram = Telegram()
        for (name, language) in [("Ann", "en"), ("Ben", "ru"), ("Kim", "ko")] {
            telegram.addPerson(people[name] ?? 0, name, language: language)
        }
        // Ann lets the bot in, so it says hello in English.
        telegram.addGroup(group, "Friends", people: people.values.sorted())
        let store = try await SQLiteStore(path: "\(folder)/masque.db")
        let result: Result<Void, any Error>
        do {
            try await StandInServer.run(telegram) { server in
                let lab = try await ChatLab(
                    telegram, server, folder: folder, store: store, rules: rules, jobRules: jobRules)
                for name in agreed {
                    try await BotBook(store: store).change(people[name] ?? 0) { $0.agreedAt = Date() }
                }
                if isWorking { try await lab.working { try await body(lab) } } else { try await body(lab) }
            }
            result = .success(())
        } catch { result = .failure(error) }
        try await store.close()
        try result.get()
        let excused = (harmless ?? "").split(separator: "|")
        #expect(telegram.violations.filter { violation in !excused.contains { violation.contains($0) } } == [])
        #expect(telegram.openQueries == 0)
    }

    /// Short times.
    static let quick: BotRules = {
        var rules = BotRules()
        rules.albumWait = .milliseconds(150)
        rules.statusInterval = .milliseconds(300)
        return rules
    }()

    /// The jobs of a person, newest first.
    func jobs(of name: String) async throws -> [Job] {
        try await store.jobs(JobQuery(owner: OwnerID(rawValue: "telegram:\(Self.people[name] ?? 0)"))).jobs
    }

    func newestJob(of name: String) async throws -> Job { try #require(try await jobs(of: name).first) }

    /// Waits until everything that was said and pressed is answered to the end, at most half a minute.
    func waitForInbox() async throws {
        let end = ContinuousClock.now + .seconds(30)
        while try await !store.documents(in: "bot-update", prefix: "", after: nil, limit: 1, now: Date()).isEmpty {
            guard ContinuousClock.now < end else {
                Issue.record("Something stays unanswered.")
                return
            }
            try await Task.sleep(for: .milliseconds(25))
        }
    }

    /// Has the bot work while `body` runs. Called again, it is the bot after a restart.
    func working(_ body: () async throws -> Void) async throws {
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (store, blobs) = (store, blobs)
        let feed = EventFeed(store: store, interval: .milliseconds(50))
        var process = ProcessSettings(workFolder: "\(folder)/work")
        process.executable = Program.path
        process.niceLevel = 0
        var settings = WorkerSettings(
            lanes: [LaneSettings(lane: .image, process: process), LaneSettings(lane: .video, process: process)],
            inspection: process)
        settings.pollInterval = .milliseconds(50)
        let workers = MediaWorkers(settings: settings, store: store, blobs: blobs, logger: log, listener: { _ in })
        let jobs = JobService(
            store: store, blobs: blobs, inspector: workers, feed: feed, rules: jobRules,
            workers: [.image: 1, .video: 1], audit: try AuditLog(path: "\(folder)/audit.jsonl", logger: log),
            logger: log, onChange: { for lane in Lane.allCases { workers.poke(lane) } })
        var botSettings = BotSettings(
            token: try BotToken(telegram.token), server: try BotServer(server.url, isLocal: false), rules: rules,
            scratch: settings.facesFolder, endsWithoutTelegram: true)
        botSettings.grace = .zero
        let bot = Bot(settings: botSettings, jobs: jobs, store: store, words: try Words.standard(), log: log)
        let result = await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await feed.run() }
            group.addTask { try await workers.run() }
            group.addTask { try await bot.run() }
            let result: Result<Void, any Error>
            do {
                try await body()
                result = .success(())
            } catch { result = .failure(error) }
            group.cancelAll()
            while let ended = await group.nextResult() {
                if case .failure(let error) = ended, !(error is CancellationError) { Issue.record(error) }
            }
            return result
        }
        try result.get()
    }
}
