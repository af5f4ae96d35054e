// What goes wrong between the bot and Telegram: nothing is sent twice, nothing shows the token.
import Errors
import Foundation
import Logging
import TelegramAPI
import TelegramStandIn
import Testing

@Suite struct FailureTests {
    @Test func `a message whose answer was lost is not sent again`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            let bot = lab.bot
            for fault in [Fault.cutAfter, .truncate] {
                lab.telegram.fail("sendMessage", fault)
                let before = lab.telegram.posts(in: Lab.person).count
                #expect(
                    try await lab.reason { try await bot.call(SendMessage(to: Lab.person, "once")) } == .uncertain)
                #expect(lab.telegram.posts(in: Lab.person).count == before + 1)
            }
            for fault in [Fault.gateway(502), .refuse(500, "Internal Server Error")] {
                lab.telegram.fail("sendMessage", fault)
                #expect(
                    try await lab.reason { try await bot.call(SendMessage(to: Lab.person, "once")) } == .uncertain)
            }
            #expect(lab.telegram.posts(in: Lab.person).count == 2)
        }
    }

    @Test func `what can be repeated is repeated until the answer is there`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            lab.telegram.fail("getMe", .cutBefore)
            lab.telegram.fail("getMe", .gateway(504))
            #expect(try await lab.bot.call(GetMe()).id == Telegram.botID)
            #expect(lab.telegram.calls["getMe"] == 3)
            let bot = lab.bot
            lab.telegram.fail("getMe", .refuse(500, "Internal Server Error"), times: 3)
            #expect(try await lab.reason { _ = try await bot.call(GetMe()) } == .uncertain)
        }
    }

    @Test func `a message is sent again while there is no connection at all`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            var nowhere = BotAPI(
                token: try BotToken(lab.telegram.token), server: try BotServer("http://127.0.0.1:9", isLocal: false),
                http: lab.bot.http, log: Logger(label: "test"))
            nowhere.patience.pauses = [.milliseconds(1), .milliseconds(1)]
            let bot = nowhere
            #expect(
                try await lab.reason { try await bot.call(SendMessage(to: Lab.person, "hello")) } == .unavailable)
        }
    }

    @Test func `429 is waited for as long as Telegram says, and the message arrives once`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            lab.telegram.fail("sendMessage", .tooMany(1))
            let start = ContinuousClock.now
            try await lab.bot.call(SendMessage(to: Lab.person, "patient"))
            #expect(ContinuousClock.now - start >= .milliseconds(990))
            #expect(lab.telegram.posts(in: Lab.person).count == 1)
            lab.telegram.fail("sendMessage", .tooMany(4_000))
            let bot = lab.bot
            #expect(
                try await lab.reason { try await bot.call(SendMessage(to: Lab.person, "x")) } == .tooManyRequests)
        }
    }

    @Test func `a group that became a supergroup is written to under its new id`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            lab.telegram.addGroup(-5, "Friends", people: [Lab.person])
            lab.telegram.moveGroup(-5, to: -1_005)
            let (moves, told) = AsyncStream<[Int64]>.makeStream()
            lab.bot.onMigration = { old, new in told.yield([old, new]) }
            #expect(try await lab.bot.call(SendMessage(to: -5, "still here")).chat.id == -1_005)
            told.finish()
            #expect(await moves.reduce(into: []) { $0.append($1) } == [[-5, -1_005]])
            #expect(lab.telegram.posts(in: -1_005).map(\.text) == ["still here"])
        }
    }

    @Test func `refusals are told apart`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            let bot = lab.bot
            lab.telegram.block(Lab.person)
            #expect(try await lab.reason { try await bot.call(SendMessage(to: Lab.person, "x")) } == .forbidden)
            #expect(try await lab.reason { try await bot.call(SendMessage(to: 99, "x")) } == .noChat)
            #expect(try await lab.reason { _ = try await bot.call(GetFile("nonsense")) } == .wrongFile)
            lab.telegram.block(Lab.person, false)
            #expect(
                try await lab.reason { try await bot.call(SendMessage(to: Lab.person, "<b>open", parseMode: .html)) }
                    == .badRequest)
            #expect(
                try await lab.reason {
                    try await bot.call(
                        SendPhoto(to: Lab.person, .upload(lab.upload(Lab.picture(width: 9_000, height: 500)))))
                } == nil)
            #expect(
                try await lab.reason {
                    try await bot.call(
                        SendPhoto(to: Lab.person, .upload(lab.upload(Lab.picture(width: 9_000, height: 1_400)))))
                } == .badMedia)
            #expect(try await lab.reason { try await bot.call(AnswerCallbackQuery("old")) } == .expiredQuery)
        }
    }

    @Test func `no error and no value shows the token`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            let secret = try #require(lab.telegram.token.split(separator: ":").last).description
            let token = try BotToken(lab.telegram.token)
            #expect(!"\(token) \(token.debugDescription)".contains(secret))
            var dumped = ""
            dump(lab.bot, to: &dumped)
            #expect(!dumped.contains(secret))
            for fault in [Fault.cutBefore, .gateway(502), .truncate, .refuse(401, "Unauthorized")] {
                lab.telegram.fail("sendMessage", fault)
                do {
                    try await lab.bot.call(SendMessage(to: Lab.person, "x"))
                    Issue.record("The call should have failed.")
                } catch {
                    let shown = "\(error) \(String(reflecting: error)) \((error as? BotAPIError)?.masqueError as Any)"
                    #expect(!shown.contains(secret))
                }
            }
        }
        for wrong in [
            "", "abc", "12:short", "12:\(String(repeating: "a", count: 30))/../x",
            "-5:\(String(repeating: "a", count: 35))",
        ] {
            #expect(throws: MasqueError.self) { try BotToken(wrong) }
        }
    }

    @Test func `an address that would send the token in the clear is refused`() {
        #expect(throws: MasqueError.self) { try BotServer("http://api.telegram.org", isLocal: false) }
        #expect(throws: MasqueError.self) { try BotServer("ftp://127.0.0.1", isLocal: false) }
        #expect(throws: MasqueError.self) { try BotServer("https://user:word@127.0.0.1", isLocal: false) }
        #expect(throws: Never.self) { try BotServer("http://127.0.0.1:8081/", isLocal: true) }
    }
}
