// How many swaps a person and a group may begin, and when it goes on.
import Foundation
import JobQueue
import Synchronization
import TelegramBot
import Testing
import Words

@Suite struct LimitTests {
    private func place(_ user: Int64, in chat: Int64? = nil) -> Place {
        Place(
            chat: chat ?? user, isGroup: chat != nil, thread: nil, user: user, firstName: "A", languageTag: "en",
            message: 1)
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

    private final class Clock: Sendable {
        private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
        var now: Date { time.withLock { $0 } }
        func pass(_ seconds: Double) { time.withLock { $0 += seconds } }
    }

    @Test func `as many swaps at once as the rules say, then a sentence, but not for administrators`() async throws {
        var rules = BotRules()
        (rules.activeJobs, rules.administrators) = (2, [BotLab.ben])
        try await run(rules) { (lab: DeliveryLab, limits: StartLimits, _: Clock) async throws in
            let ann = place(BotLab.ann), words = lab.desk.words
            _ = try await lab.job()
            #expect(try await limits.refusal(place: ann, person: Person(), voice: .english) == nil)
            _ = try await lab.job()
            let refusal = try await limits.refusal(place: ann, person: Person(), voice: .english)
            #expect(refusal?.hasPrefix("You have 2 swaps waiting or running") == true)
            #expect(
                try await limits.refusal(place: ann, person: Person(), voice: Voice(words, .russian))?
                    .hasPrefix("У вас уже 2 замены") == true)
            for _ in 0..<3 { _ = try await lab.job(BotLab.ben) }
            #expect(try await limits.refusal(place: place(BotLab.ben), person: Person(), voice: .english) == nil)
            try await lab.complete(try await lab.claim(), Sample.jpeg(8, 8))
            #expect(try await limits.refusal(place: ann, person: Person(), voice: .english) == nil)
        }
    }

    @Test func `as many in an hour, and the sentence says when the oldest no longer counts`() async throws {
        var rules = BotRules()
        rules.jobsPerHour = 3
        try await run(rules) { (_: DeliveryLab, limits: StartLimits, clock: Clock) async throws in
            let ann = place(BotLab.ann)
            var person = Person()
            for _ in 0..<3 {
                #expect(try await limits.refusal(place: ann, person: person, voice: .english) == nil)
                person.starts.append(clock.now)
                clock.pass(600)
            }
            // Begun 30, 20 and 10 minutes ago.
            #expect(
                try await limits.refusal(place: ann, person: person, voice: .english)
                    == "You have begun 3 swaps within an hour, which is as many as you may. You can go on in 30 min.")
            clock.pass(1_799)
            #expect(
                try await limits.refusal(place: ann, person: person, voice: .english)?.hasSuffix("in 1 min.") == true)
            clock.pass(1)
            #expect(try await limits.refusal(place: ann, person: person, voice: .english) == nil)
            // A time in the future, after a clock was put back, is no lock for ever.
            person.starts = Array(repeating: clock.now + 1e6, count: 3)
            #expect(
                try await limits.refusal(place: ann, person: person, voice: .english)?.hasSuffix("in 1 h.") == true)
        }
    }

    @Test func `a group has a count of its own over all of its people`() async throws {
        var rules = BotRules()
        (rules.groupJobsPerHour, rules.jobsPerHour) = (4, 0)
        try await run(rules) { (_: DeliveryLab, limits: StartLimits, clock: Clock) async throws in
            let ann = place(BotLab.ann, in: BotLab.group), ben = place(BotLab.ben, in: BotLab.group)
            // At the same time: none is lost.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for place in [ann, ben, ann, ben] { group.addTask { try await limits.note(place: place) } }
                try await group.waitForAll()
            }
            for place in [ann, ben] {
                let refusal = try await limits.refusal(place: place, person: Person(), voice: .english)
                #expect(refusal?.hasPrefix("In this group 4 swaps were begun") == true)
            }
            #expect(try await limits.refusal(place: place(BotLab.ann), person: Person(), voice: .english) == nil)
            #expect(
                try await limits.refusal(place: place(BotLab.ann, in: -6), person: Person(), voice: .english) == nil)
            clock.pass(3_600)
            #expect(try await limits.refusal(place: ann, person: Person(), voice: .english) == nil)
        }
    }
}
