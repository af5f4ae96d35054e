// How many swaps a person and a group may begin, and when it goes on.
import Foundation
import JobQueue
import Services
import Synchronization
import TelegramBot
import TelegramStandIn
import Testing
import Words

@Suite struct LimitTests {
    private func place(_ lab: DeliveryLab, _ user: Int64, in chat: Int64? = nil) async throws -> Place {
        if let chat { lab.telegram.addGroup(chat, "Friends", people: [user]) }
        lab.telegram.say(user, "hello", in: chat)
        return try #require(try await lab.bot.lastEvent()).place
    }

    /// A lab whose time stands still.
    private func run(_ rules: BotRules, _ body: (DeliveryLab, StartLimits, Clock) async throws -> Void) async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            let clock = Clock()
            let now: @Sendable () -> Date = { clock.now }
            let desk = BotDesk(
                api: lab.desk.api, me: lab.desk.me, jobs: lab.jobs, book: BotBook(store: lab.bot.store, now: now),
                words: lab.desk.words, rules: rules, scratch: lab.desk.scratch, log: lab.desk.log, now: now)
            try await body(lab, StartLimits(desk: desk), clock)
        }
    }

    private func words(_ answer: StartLimits.Answer) -> String? {
        if case .refused(let words) = answer { words } else { nil }
    }

    private final class Clock: Sendable {
        private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
        var now: Date { time.withLock { $0 } }
        func pass(_ seconds: Double) { time.withLock { $0 += seconds } }
    }

    @Test func `as many swaps at once as the rules say, then a sentence, but not for administrators`() async throws {
        var rules = BotRules()
        (rules.activeJobs, rules.administrators) = (2, [BotLab.ben])
        try await run(rules) { (lab: DeliveryLab, limits: StartLimits, _: Clock) async throws in
            let ann = try await place(lab, BotLab.ann), words = lab.desk.words
            func refusal(_ place: Place, _ voice: Voice = .english) async throws -> String? {
                try await self.words(limits.take(UUID().uuidString, place: place, voice: voice))
            }
            _ = try await lab.job()
            #expect(try await refusal(ann) == nil)
            _ = try await lab.job()
            #expect(try await refusal(ann)?.hasPrefix("You have 2 swaps waiting or running") == true)
            #expect(try await refusal(ann, Voice(words, .russian))?.hasPrefix("У вас уже 2 замены") == true)
            for _ in 0..<3 { _ = try await lab.job(BotLab.ben) }
            #expect(try await refusal(place(lab, BotLab.ben)) == nil)
            try await lab.complete(try await lab.claim(), Sample.jpeg(8, 8))
            #expect(try await refusal(ann) == nil)
        }
    }

    @Test func `a swap that is counted stays so, also when it is itself among those that run`() async throws {
        var rules = BotRules()
        rules.activeJobs = 1
        try await run(rules) { (lab: DeliveryLab, limits: StartLimits, _: Clock) async throws in
            let ann = try await place(lab, BotLab.ann)
            #expect(try await limits.take("one", place: ann, voice: .english) == .counted)
            _ = try await lab.job()
            #expect(try await limits.take("one", place: ann, voice: .english) == .known)
            #expect(words(try await limits.take("two", place: ann, voice: .english)) != nil)
        }
    }

    @Test func `as many in an hour, and the sentence says when the oldest no longer counts`() async throws {
        var rules = BotRules()
        rules.jobsPerHour = 3
        try await run(rules) { (lab: DeliveryLab, limits: StartLimits, clock: Clock) async throws in
            let ann = try await place(lab, BotLab.ann)
            func take(_ name: String) async throws -> StartLimits.Answer {
                try await limits.take(name, place: ann, voice: .english)
            }
            for number in 0..<3 {
                #expect(try await take("\(number)") == .counted)
                clock.pass(600)
            }
            // Begun 30, 20 and 10 minutes ago.
            #expect(
                try await take("3")
                    == .refused(
                        "You have begun 3 swaps within an hour, which is as many as you may. You can go on in 30 min."))
            clock.pass(1_799)
            #expect(words(try await take("3"))?.hasSuffix("in 1 min.") == true)
            clock.pass(1)
            #expect(try await take("3") == .counted)
            // A time in the future, after a clock was put back, is no lock for ever.
            try await lab.desk.book.change(BotLab.ann) {
                $0.starts = Array(repeating: Date(timeIntervalSince1970: 2e9), count: 3)
            }
            #expect(try await take("4") == .counted)
        }
    }

    @Test func `of two that begin at once in different chats no more than the limit are let through`() async throws {
        var rules = BotRules()
        (rules.jobsPerHour, rules.groupJobsPerHour, rules.activeJobs) = (5, 9, 0)
        try await run(rules) { (lab: DeliveryLab, limits: StartLimits, clock: Clock) async throws in
            let alone = try await place(lab, BotLab.ann)
            let ann = try await place(lab, BotLab.ann, in: BotLab.group)
            let ben = try await place(lab, BotLab.ben, in: BotLab.group)
            func flood(_ places: [Place], _ name: String) async throws -> Int {
                try await withThrowingTaskGroup(of: StartLimits.Answer.self) { group in
                    for number in 0..<20 {
                        let place = places[number % places.count]
                        group.addTask {
                            try await limits.take("\(name) \(number)", place: place, voice: .english)
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 == .counted ? 1 : 0) }
                }
            }
            #expect(try await flood([alone, ann], "a") == 5)
            #expect(try await lab.desk.book.person(BotLab.ann).starts.count == 5)
            // The group's own limit, of which Ann has used a part.
            clock.pass(3_600)
            #expect(try await flood([ann, ben], "b") == 9)
            for person in [BotLab.ann, BotLab.ben] {
                #expect(try await lab.desk.book.person(person).starts.count <= 5)
            }
        }
    }

    @Test func `a start that failed is given back, and one that is begun again counts once`() async throws {
        var rules = BotRules()
        (rules.jobsPerHour, rules.groupJobsPerHour) = (2, 2)
        try await run(rules) { (lab: DeliveryLab, limits: StartLimits, clock: Clock) async throws in
            let ann = try await place(lab, BotLab.ann, in: BotLab.group)
            let ben = try await place(lab, BotLab.ben, in: BotLab.group)
            #expect(try await limits.take("one", place: ann, voice: .english) == .counted)
            #expect(try await limits.take("one", place: ann, voice: .english) == .known)
            #expect(try await limits.take("two", place: ann, voice: .english) == .counted)
            #expect(words(try await limits.take("three", place: ann, voice: .english)) != nil)
            #expect(words(try await limits.take("three", place: ben, voice: .english)) != nil)
            // What was refused or given back already takes nothing away.
            try await limits.giveBack("three", place: ann)
            for _ in 1...2 { try await limits.giveBack("two", place: ann) }
            #expect(try await lab.desk.book.person(BotLab.ann).starts.count == 1)
            #expect(try await limits.take("three", place: ben, voice: .english) == .counted)
            #expect(
                words(try await limits.take("four", place: ann, voice: .english))?.hasPrefix("In this group") == true)
        }
    }

    @Test func `a group has a count of its own over all of its people`() async throws {
        var rules = BotRules()
        (rules.groupJobsPerHour, rules.jobsPerHour) = (4, 0)
        try await run(rules) { (lab: DeliveryLab, limits: StartLimits, clock: Clock) async throws in
            let ann = try await place(lab, BotLab.ann, in: BotLab.group)
            let ben = try await place(lab, BotLab.ben, in: BotLab.group)
            for (number, place) in [ann, ben, ann, ben].enumerated() {
                #expect(try await limits.take("\(number)", place: place, voice: .english) == .counted)
            }
            for place in [ann, ben] {
                let refusal = words(try await limits.take("5", place: place, voice: .english))
                #expect(refusal?.hasPrefix("In this group 4 swaps were begun") == true)
            }
            #expect(try await limits.take("6", place: place(lab, BotLab.ann), voice: .english) == .counted)
            #expect(try await limits.take("7", place: place(lab, BotLab.ann, in: -6), voice: .english) == .counted)
            clock.pass(3_600)
            #expect(try await limits.take("8", place: ann, voice: .english) == .counted)
        }
    }
}
