// What administrators order, and that nobody else can.
import Foundation
import JobQueue
import JobQueueSQLite
import Services
import Synchronization
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

@Suite struct AdminTests {
    private static let ann = CommandLab.ann, ben = CommandLab.ben, group = CommandLab.group
    private static let commands = ["/stats", "/queue", "/ban 7", "/unban 7", "/broadcast hi", "/download x"]

    /// The lab with a clock that goes three seconds on with each command.
    private func run(_ body: (CommandLab, Ticks) async throws -> Void) async throws {
        try await CommandLab.run { (lab: CommandLab) async throws in
            let ticks = Ticks()
            let now: @Sendable () -> Date = { ticks.now }
            let old = lab.desk
            let desk = BotDesk(
                api: old.api, me: old.me, jobs: old.jobs, book: old.book, words: old.words, rules: old.rules,
                scratch: old.scratch, log: old.log, now: now)
            try await body(
                CommandLab(lab: lab.lab, account: lab.account, admin: AdminCommands(desk: desk, version: "1.2.3")),
                ticks)
        }
    }

    private final class Ticks: Sendable {
        private let time = Mutex(Date())
        var now: Date { time.withLock { $0 } }
        func pass(_ seconds: Double) { time.withLock { $0 += seconds } }
    }

    @Test func `the commands are unknown to everybody else, and to administrators in groups`() async throws {
        try await run { (lab: CommandLab, ticks: Ticks) async throws in
            for command in Self.commands {
                lab.telegram.say(Self.ben, command)
                #expect(try await !lab.answer(), "\(command)")
                lab.telegram.say(Self.ann, command, in: Self.group)
                #expect(try await !lab.answer(), "\(command)")
                ticks.pass(3)
            }
            let job = try await lab.lab.job()
            let post = try await lab.say(Self.ben, "/status")
            lab.telegram.press(Self.ben, post, .init(text: "x", data: "adm:cancel:\(job.id)", url: nil))
            try await lab.answer()
            #expect(try await lab.desk.jobs.job(job.id, owner: nil).state == .queued)
            #expect(lab.telegram.posts(in: Self.ben).filter(\.isFromBot).count == 1)
        }
    }

    @Test func `more than one command in two seconds blocks for ten, and that is said once`() async throws {
        try await run { (lab: CommandLab, ticks: Ticks) async throws in
            #expect(try await lab.say(Self.ann, "/queue").text == "Nothing waits or runs.")
            ticks.pass(1.9)
            let refusal = try await lab.say(Self.ann, "/queue")
            #expect(refusal.text.hasPrefix("One command in 2 seconds"))
            for _ in 0..<3 {
                ticks.pass(3)
                #expect(try await lab.say(Self.ann, "/queue").id == refusal.id)
            }
            ticks.pass(1.1)
            #expect(try await lab.say(Self.ann, "/queue").text == "Nothing waits or runs.")
            ticks.pass(2)
            #expect(try await lab.say(Self.ann, "/queue").text == "Nothing waits or runs.")
        }
    }

    @Test func `stats count people and jobs`() async throws {
        try await run { (lab: CommandLab, ticks: Ticks) async throws in
            try await lab.desk.book.change(Self.ann) { ($0.isReachable, $0.lastSeen) = (true, Date()) }
            try await lab.desk.book.change(Self.ben) { ($0.isBanned, $0.lastSeen) = (true, Date() - 3 * 86_400) }
            _ = try await lab.lab.done()
            _ = try await lab.lab.job(mode: "photo_video")
            ticks.pass(7_200)
            let text = try await lab.say(Self.ann, "/stats").text
            #expect(text.contains("People: 2; reachable 1, banned 1, here today"))
            #expect(text.contains("• done: 1") && text.contains("• waiting: 1") && text.contains("• failed: 0"))
            #expect(text.contains("Photos: waiting 0, running 0, workers 1."))
            #expect(text.contains("Videos: waiting 1, running 0, workers 1."))
            #expect(text.contains("Broadcasts under way: 0.") && text.contains("Free on the disk: "))
            #expect(text.contains("Running for 120 min.") || text.contains("Running for 2 h."))
            #expect(text.contains("Masque 1.2.3"))
        }
    }

    @Test func `who is banned loses waiting jobs, is listed with the reason, and can be let in again`() async throws {
        try await run { (lab: CommandLab, ticks: Ticks) async throws in
            func order(_ text: String) async throws -> String {
                ticks.pass(3)
                return try await lab.say(Self.ann, text).text
            }
            let running = try await lab.lab.job(Self.ben)
            _ = try await lab.lab.claim()
            let waiting = try await lab.lab.job(Self.ben)
            let mine = try await lab.lab.job()
            #expect(try await order("/ban").hasPrefix("Nobody is banned."))
            #expect(try await order("/ban Ben").hasPrefix("Give the person's number"))
            #expect(
                try await order("/ban \(Self.ann)") == "\(Self.ann) is an administrator and cannot be banned.")
            #expect(
                try await order("/ban \(Self.ben) too  many")
                    == "\(Self.ben) is banned. Waiting jobs that were cancelled: 1.")
            #expect(try await lab.desk.book.person(Self.ben).isBanned)
            #expect(try await lab.desk.jobs.job(waiting.id, owner: nil).state == .canceled)
            #expect(try await lab.desk.jobs.job(running.id, owner: nil).state == .running)
            #expect(try await lab.desk.jobs.job(mine.id, owner: nil).state == .queued)
            // Somebody who was never here.
            #expect(try await order("/ban 777").hasPrefix("777 is banned."))
            #expect(try await order("/ban") == "Banned:\n\(Self.ben) — too  many\n777")
            #expect(try await order("/unban \(Self.ben)") == "\(Self.ben) may use the bot again.")
            #expect(try await order("/unban \(Self.ben)") == "\(Self.ben) was not banned.")
            #expect(try await order("/ban") == "Banned:\n777")
        }
    }

    @Test func `the queue shows everybody's jobs, the oldest first, and cancels by buttons`() async throws {
        try await run { (lab: CommandLab, ticks: Ticks) async throws in
            var ids: [JobID] = []
            for number in 0..<22 { ids.append(try await lab.lab.job(number % 2 == 0 ? Self.ann : Self.ben).id) }
            try await lab.lab.report(try await lab.lab.claim(), "swapping", 30)
            try await lab.desk.book.change(Self.ann) { $0.language = "ru" }
            let post = try await lab.say(Self.ann, "/queue")
            let lines = post.text.split(separator: "\n").map(String.init)
            #expect(lines.count == 21)
            #expect(lines[0] == "Заданий в очереди и в работе: 22.")
            #expect(lines[1] == "1. telegram:100: 🖼️ Фото → фото — в работе, 30 %")
            #expect(lines[2] == "2. telegram:200: 🖼️ Фото → фото — в очереди, 0 %")
            let buttons = post.buttons.joined().map(\.data)
            #expect(buttons == ids.prefix(20).map { "adm:cancel:\($0)" })
            let after = try await lab.press(Self.ann, post, "✖️ 2")
            #expect(after.text.hasPrefix("Заданий в очереди и в работе: 21."))
            #expect(try await lab.desk.jobs.job(ids[1], owner: nil).state == .canceled)
            lab.telegram.press(Self.ann, post, .init(text: "x", data: "adm:cancel:nothing", url: nil))
            #expect(try await lab.answer())
        }
    }
}
