// The bot from its start to its end: who it is, polling and webhook, restarts, and a Telegram that does not answer.
import Errors
import Foundation
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

@Suite struct RunTests {
    @Test func `menus and descriptions are set in three languages, and again only when they change`() async throws {
        try await BotRunLab.run { (lab: BotRunLab) async throws in
            let texts = 3
            func start(_ administrators: Set<Int64>, until isSo: (Telegram) -> Bool) async throws {
                try await lab.running({ $0.rules.administrators = administrators }) { _ in try await lab.wait(for: isSo)
                }
            }
            // The second administrator has never written to the bot.
            try await start([BotLab.ann, 999]) { $0.calls["setMyCommands"] == 13 }
            let commands = lab.telegram.commands
            for language in ["", "ru", "ko"] {
                #expect(commands["all_private_chats/\(language)"]?.contains("delete_my_data") == true)
                #expect(commands["default/\(language)"] == commands["all_private_chats/\(language)"])
                #expect(commands["all_group_chats/\(language)"] == ["start", "mode", "reset", "status", "info"])
                #expect(commands["chat/\(language)"]?.contains("broadcast") == true)
            }
            #expect(
                lab.telegram.calls["setMyDescription"] == texts && lab.telegram.calls["setMyShortDescription"] == texts)
            // Nothing is new but that Ann is no administrator any more; 999 is asked again.
            try await start([999]) { $0.calls["setMyCommands"] == 17 }
            #expect(lab.telegram.calls["setMyDescription"] == texts)
            #expect(lab.telegram.commands["chat/ru"]?.contains("broadcast") == false)
        }
    }

    @Test func `who wrote the same five times while the bot was down is greeted once`() async throws {
        try await BotRunLab.run { (lab: BotRunLab) async throws in
            for _ in 1...5 { lab.telegram.say(BotLab.ann, "/start") }
            try await lab.running { _ in
                try await lab.wait { _ in lab.greetings > 0 }
                // What comes now is answered after all that waited.
                lab.telegram.say(BotLab.ben, "/start")
                try await lab.wait { $0.posts(in: BotLab.ben).contains(where: \.isFromBot) }
            }
            #expect(lab.greetings == 1)
            #expect(try await lab.left().isEmpty)
        }
    }

    @Test func `a wrong token ends the bot alone, and in a server nothing`() async throws {
        try await BotRunLab.run { (lab: BotRunLab) async throws in
            lab.telegram.fail("getMe", .refuse(401, "Unauthorized"))
            let error = await #expect(throws: MasqueError.self) { try await lab.runningToTheEnd() }
            #expect(error?.code == .unauthorized && error?.description.contains("@BotFather") == true)
            #expect(error.map { "\($0)".contains(lab.telegram.token) } == false)
            lab.telegram.fail("getMe", .refuse(401, "Unauthorized"))
            let before = lab.telegram.calls["getMe"] ?? 0
            try await lab.running({ $0.endsWithoutTelegram = false }) { bot in
                try await lab.wait { $0.calls["getMe"] ?? 0 > before }
                await #expect(throws: MasqueError.self) { try await bot.reception.receive(lab.update(1, "/start")) }
            }
        }
    }

    @Test func `a Telegram that cannot be reached, and another program that polls, are waited for`() async throws {
        try await BotRunLab.run { (lab: BotRunLab) async throws in
            lab.telegram.fail("getMe", .gateway(502), times: 3)
            lab.telegram.fail("getUpdates", .refuse(409, "Conflict: terminated by other getUpdates request"), times: 3)
            lab.telegram.say(BotLab.ann, "/start")
            try await lab.running { _ in try await lab.wait { _ in lab.greetings == 1 } }
        }
    }

    @Test func `a shutdown in the middle of an answer lets it end, and leaves the rest for the next start`()
        async throws
    {
        try await BotRunLab.run { (lab: BotRunLab) async throws in
            lab.telegram.fail("sendMessage", .delay(.milliseconds(500)))
            lab.telegram.say(BotLab.ann, "/start")
            lab.telegram.say(BotLab.ann, "/info")
            try await lab.running { _ in try await lab.wait { !$0.hasFault("sendMessage") } }
            #expect(lab.greetings == 1)
            #expect(try await lab.left().compactMap(\.message?.text) == ["/info"])
            try await lab.running { _ in try await lab.wait { _ in lab.greetings == 2 } }
            #expect(try await lab.left().isEmpty)
        }
    }

    @Test func `with a webhook each update is answered once, whatever comes twice`() async throws {
        try await BotRunLab.run { (lab: BotRunLab) async throws in
            let url = "https://faces.example.com/webhook", secret = "abc_DEF-123"
            func webhook(_ settings: inout BotSettings) { settings.webhook = .init(url: url, secret: secret) }
            try await lab.running(webhook) { bot in
                await #expect(throws: MasqueError.self) { try await bot.reception.receive(Array("no".utf8)) }
                try await lab.takesUpdates(bot)
                for _ in 1...3 { try await bot.reception.receive(lab.update(500, "/start")) }
                // Of an unknown form, but with a number: it must not come again and again.
                try await bot.reception.receive(Array(#"{"update_id":501,"message":7}"#.utf8))
                try await lab.wait { _ in lab.greetings == 1 }
                try await bot.reception.receive(lab.update(502, "/info"))
                try await lab.wait { _ in lab.greetings == 2 }
            }
            #expect(lab.telegram.calls["getUpdates"] == nil)
            // After a restart what was answered is not again.
            try await lab.running(webhook) { bot in
                try await lab.takesUpdates(bot)
                try await bot.reception.receive(lab.update(502, "/info"))
                try await bot.reception.receive(lab.update(503, "/status"))
                try await lab.wait { _ in lab.greetings == 3 }
            }
            #expect(lab.greetings == 3)
            // From a webhook back to polling.
            try await lab.running { _ in
                lab.telegram.say(BotLab.ann, "/info")
                try await lab.wait { _ in lab.greetings == 4 }
            }
        }
    }

    @Test func `what cannot be kept is refused, and taken when it comes again`() async throws {
        try await BotRunLab.run { (lab: BotRunLab) async throws in
            let store = BrokenStore(lab.lab.bot.store)
            try await lab.running(
                { $0.webhook = .init(url: "https://faces.example.com/webhook", secret: "s") }, store: store
            ) { bot in
                try await lab.takesUpdates(bot)
                await store.fail(true)
                let error = await #expect(throws: MasqueError.self) {
                    try await bot.reception.receive(lab.update(500, "/start"))
                }
                #expect(error?.code == .unavailable)
                await store.fail(false)
                try await bot.reception.receive(lab.update(500, "/start"))
                try await lab.wait { _ in lab.greetings == 1 }
            }
        }
    }
}

extension BotRunLab {
    /// Waits until the webhook is open.
    func takesUpdates(_ bot: Bot) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            do { return try await bot.reception.receive(Array(#"{"update_id":1}"#.utf8)) } catch {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        Issue.record("The webhook did not open.")
    }
}
