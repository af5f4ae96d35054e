// The whole bot for a test: Telegram's stand-in, jobs, media processes, and people who talk with it.

import AsyncHTTPClient
import BlobStore
import Foundation
import JobQueue
import JobQueueSQLite
import Logging
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
    /// What of each message was read: its text and how often it was changed.
    let seen = Mutex<[String: String]>([:])
    /// The message that was read last.
    let last = Mutex<Post?>(nil)
    /// Who spoke last.
    let speaker = Mutex<Int64>(100)
    /// The latest message with a file, by chat and file.
    let sent = Mutex<[String: Int]>([:])
    /// What was read.
    let transcript = Mutex<[Post]>([])
    private let server: StandInServer
    private let http: HTTPClient
    let desk: Mutex<BotDesk?> = Mutex(nil)

    private init(
        _ telegram: Telegram, _ server: StandInServer, _ http: HTTPClient, folder: String, store: SQLiteStore,
        rules: BotRules, jobRules: JobRules
    ) async throws {
        (self.telegram, self.server, self.http, self.folder, self.store) = (telegram, server, http, folder, store)
        (self.rules, self.jobRules) = (rules, jobRules)
        blobs = try await LocalBlobStore(folder: "\(folder)/blobs")
    }

    /// Runs a test with the bot at work.
    static func run(
        rules: BotRules = quick, jobRules: JobRules = JobRules(), agreed: [String] = [],
        isWorking: Bool = true,
        _ body: (ChatLab) async throws -> Void
    ) async throws {
        let folder = NSTemporaryDirectory() + "masque-chat-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let telegram = Telegram()
        for (name, language) in [("Ann", "en"), ("Ben", "ru"), ("Kim", "ko")] {
            telegram.addPerson(people[name] ?? 0, name, language: language)
        }
        telegram.addGroup(group, "Friends", people: Array(people.values))
        let store = try await SQLiteStore(path: "\(folder)/masque.db")
        let http = BotAPI.client()
        let result: Result<Void, any Error>
        do {
            try await StandInServer.run(telegram) { server in
                let lab = try await ChatLab(
                    telegram, server, http, folder: folder, store: store, rules: rules, jobRules: jobRules)
                for name in agreed {
                    try await BotBook(store: store).change(people[name] ?? 0) { $0.agreedAt = Date() }
                }
                if isWorking { try await lab.working { try await body(lab) } } else { try await body(lab) }
            }
            result = .success(())
        } catch { result = .failure(error) }
        try await http.shutdown()
        try await store.close()
        try result.get()
        #expect(telegram.violations == [])
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

    /// Has the bot work while `body` runs. Called again, it is the bot after a restart.
    func working(_ body: () async throws -> Void) async throws {
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (store, blobs) = (store, blobs)
        let feed = EventFeed(store: store, interval: .milliseconds(50))
        var process = ProcessSettings(workFolder: "\(folder)/work")
        process.executable = try Program.path
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
        let api = BotAPI(
            token: try BotToken(telegram.token), server: try BotServer(server.url, isLocal: false), http: http,
            log: log)
        let desk = BotDesk(
            api: api, me: try await api.call(GetMe()), jobs: jobs, book: BotBook(store: store),
            words: try Words.standard(), rules: rules, scratch: settings.facesFolder, log: log)
        self.desk.withLock { $0 = desk }
        let result = await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await feed.run() }
            group.addTask { try await workers.run() }
            group.addTask { [self] in try await bot(desk) }
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

    /// Reads updates and answers them.
    private func bot(_ desk: BotDesk) async throws {
        let deliveries = Deliveries(desk: desk)
        let dialogue = Dialogue(
            desk: desk, deliveries: deliveries, account: AccountCommands(desk: desk, deliveries: deliveries),
            admin: AdminCommands(desk: desk))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await deliveries.run() }
            group.addTask {
                var offset: Int64?
                while true {
                    let batch = try await desk.api.call(GetUpdates(offset: offset, timeout: 1))
                    for update in batch.updates {
                        guard let event = Event(update, bot: desk.me) else { continue }
                        try await dialogue.handle(event, update: update.updateID)
                    }
                    offset = batch.lastID.map { $0 + 1 } ?? offset
                }
            }
            try await group.waitForAll()
        }
    }
}

/// The built program, whose media processes work.
enum Program {
    static var path: String {
        get throws {
            var place = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            while place.path != "/" {
                place.deleteLastPathComponent()
                let file = place.appending(path: "masque")
                if (try? file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true { return file.path }
            }
            throw CocoaError(.fileNoSuchFile)
        }
    }
}
