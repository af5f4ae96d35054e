// Has the commands answer what people write and press, as the dialogue does, over the lab of deliveries.
import Foundation
import JobQueue
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

struct CommandLab {
    let lab: DeliveryLab
    let account: AccountCommands
    let admin: AdminCommands
    static let ann = BotLab.ann, ben = BotLab.ben, group = BotLab.group
    var desk: BotDesk { lab.desk }
    var telegram: Telegram { lab.telegram }

    /// Runs a test with Ann, who is an administrator, Ben, who writes Russian, and a group of both.
    static func run(
        fleet: FleetDownloads? = nil, rules: BotRules = CommandLab.rules, _ body: (CommandLab) async throws -> Void
    ) async throws {
        try await DeliveryLab.run(rules: rules) { (lab: DeliveryLab) async throws in
            lab.telegram.addGroup(group, "Friends", people: [ann, ben])
            let deliveries = Deliveries(desk: lab.desk)
            try await body(
                CommandLab(
                    lab: lab, account: AccountCommands(desk: lab.desk, deliveries: deliveries),
                    admin: AdminCommands(desk: lab.desk, fleet: fleet, version: "1.2.3")))
        }
    }

    static var rules: BotRules {
        var rules = DeliveryLab.quick
        rules.administrators = [ann]
        return rules
    }

    /// Answers the newest update.
    /// - Returns: whether it was one of the commands.
    @discardableResult
    func answer() async throws -> Bool {
        let event = try #require(try await lab.bot.lastEvent())
        let place = event.place
        let voice = desk.voice(try await desk.book.person(place.user), place)
        switch event.deed {
        case .command(let name, let arguments):
            if try await admin.answer(name, arguments, place: place, voice: voice) { return true }
            return try await account.answer(name, arguments, place: place, voice: voice)
        case .press(let data, let query):
            if data.hasPrefix("adm:") {
                try await admin.press(data, query: query, place: place, voice: voice)
            } else {
                try await account.press(data, query: query, place: place, voice: voice)
            }
            return true
        default: return false
        }
    }

    /// Somebody writes; gives the bot's newest message in the chat.
    @discardableResult
    func say(_ person: Int64, _ text: String, in chat: Int64? = nil) async throws -> Post {
        telegram.say(person, text, in: chat)
        #expect(try await answer())
        return try newest(in: chat ?? person)
    }

    /// Somebody presses the button that holds these words; gives the message as it is then.
    @discardableResult
    func press(_ person: Int64, _ post: Post, _ words: String) async throws -> Post {
        telegram.press(person, post, try #require(post.button(words)))
        #expect(try await answer())
        return try #require(telegram.posts(in: post.chat).first { $0.id == post.id })
    }

    func newest(in chat: Int64) throws -> Post { try #require(telegram.posts(in: chat).last { $0.isFromBot }) }

    /// So many people who can be written to, numbered from 1001.
    func addPeople(_ count: Int) async throws {
        for id in Self.people(count) {
            telegram.addPerson(id, "P\(id)")
            try await desk.book.change(id) { $0.isReachable = true }
        }
    }

    static func people(_ count: Int) -> [Int64] { (0..<count).map { Int64(1_001 + $0) } }
}
