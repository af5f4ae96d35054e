// A Telegram, a client and a database for a test of the bot.
import AsyncHTTPClient
import Foundation
import JobQueueSQLite
import Logging
import TelegramAPI
import TelegramBot
import TelegramStandIn

struct BotLab {
    let telegram: Telegram
    let api: BotAPI
    let bot: User
    let store: SQLiteStore
    let database: String

    static let ann: Int64 = 100, ben: Int64 = 200, group: Int64 = -5

    /// Runs a test with Ann, Ben and a group of both.
    /// - Parameter isPaced: whether Telegram's limits hold, and the bot keeps them.
    static func run(isPaced: Bool = true, _ body: (BotLab) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("masque-bot-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var rules = Telegram.Rules()
        rules.limitsMessages = isPaced
        let telegram = Telegram(rules: rules)
        var limits = Pacer.Limits()
        if !isPaced {
            let none = Pacer.Limit(interval: .zero, burst: 1)
            (limits.overall, limits.chat, limits.group) = (none, none, none)
        }
        let pacer = Pacer(limits)
        telegram.addPerson(ann, "Ann", language: "en")
        telegram.addPerson(ben, "Ben", language: "ru")
        let path = folder.appendingPathComponent("masque.db").path
        let store = try await SQLiteStore(path: path)
        let http = BotAPI.client()
        let result: Result<Void, any Error>
        do {
            try await StandInServer.run(telegram) { server in
                let api = BotAPI(
                    token: try BotToken(telegram.token), server: try BotServer(server.url, isLocal: false), http: http,
                    pacer: pacer, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                let bot = try await api.call(GetMe())
                try await body(BotLab(telegram: telegram, api: api, bot: bot, store: store, database: path))
            }
            result = .success(())
        } catch { result = .failure(error) }
        try await http.shutdown()
        try await store.close()
        try result.get()
    }

    /// What the bot makes of the updates that wait.
    func events() async throws -> [Event?] {
        try await api.call(GetUpdates(offset: nil, timeout: 0)).updates.map { Event($0, bot: bot) }
    }

    /// Of the last one.
    func lastEvent() async throws -> Event? { try await events().last ?? nil }
}
