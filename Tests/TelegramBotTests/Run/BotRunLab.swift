// The whole bot as a service, against a stand-in.
import Errors
import Foundation
import JobQueue
import Logging
import ServiceLifecycle
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing
import Words

struct BotRunLab {
    let lab: DeliveryLab
    var telegram: Telegram { lab.telegram }

    static func run(_ body: (BotRunLab) async throws -> Void) async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in try await body(BotRunLab(lab: lab)) }
    }

    func settings(_ change: (inout BotSettings) -> Void = { _ in }) throws -> BotSettings {
        var rules = DeliveryLab.quick
        rules.albumWait = .milliseconds(50)
        var settings = BotSettings(
            token: try BotToken(telegram.token), server: lab.bot.api.server, rules: rules,
            scratch: "\(lab.folder)/scratch", endsWithoutTelegram: true)
        settings.pauses = [.milliseconds(20)]
        settings.pollSeconds = 1
        change(&settings)
        return settings
    }

    /// Runs the bot while `body` does, then shuts it down in order; what it throws is thrown.
    func running(
        _ change: (inout BotSettings) -> Void = { _ in }, store: (any DocumentStore)? = nil,
        _ body: (Bot) async throws -> Void
    ) async throws {
        let (bot, group) = try service(change, store: store)
        let running = Task { try await group.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body(bot)) } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        try await running.value
        try result.get()
    }

    /// Runs the bot until it ends by itself, or for 20 seconds; what it throws is thrown.
    func runningToTheEnd() async throws {
        let (_, group) = try service()
        let limit = Task {
            try await Task.sleep(for: .seconds(20))
            await group.triggerGracefulShutdown()
        }
        defer { limit.cancel() }
        try await group.run()
    }

    private func service(
        _ change: (inout BotSettings) -> Void = { _ in }, store: (any DocumentStore)? = nil
    ) throws -> (Bot, ServiceGroup) {
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let bot = Bot(
            settings: try settings(change), jobs: lab.jobs, store: store ?? lab.bot.store, words: try Words.standard(),
            log: log)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: bot, successTerminationBehavior: .gracefullyShutdownGroup)], logger: log))
        return (bot, group)
    }

    /// Waits until `isSo`.
    func wait(for isSo: (Telegram) -> Bool) async throws {
        #expect(try await telegram.wait { isSo($0) ? true : nil } == true)
    }

    var greetings: Int { telegram.posts(in: BotLab.ann).count(where: \.isFromBot) }

    /// How many updates are kept without an answer.
    func left() async throws -> [Update] { try await UpdateInbox(store: lab.bot.store).leftOver() }

    func update(_ id: Int64, _ text: String) -> [UInt8] {
        Array(
            """
            {"update_id":\(id),"message":{"message_id":\(id),"date":1,"text":"\(text)",
            "entities":[{"type":"bot_command","offset":0,"length":\(text.count)}],
            "chat":{"id":\(BotLab.ann),"type":"private"},
            "from":{"id":\(BotLab.ann),"is_bot":false,"first_name":"Ann","language_code":"en"}}}
            """.utf8)
    }
}

/// Documents that cannot be written on command.
actor BrokenStore: PassingStore {
    let store: any DocumentStore
    private var isBroken = false

    init(_ store: any DocumentStore) { self.store = store }
    func fail(_ isBroken: Bool) { self.isBroken = isBroken }

    func change(_ changes: [DocumentChange], now: Date) async throws {
        if isBroken { throw MasqueError(.outOfSpace, "The disk is full.") }
        try await store.change(changes, now: now)
    }
}
