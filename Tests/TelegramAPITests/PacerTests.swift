// Limits on messages, with a clock that the test moves.
import Foundation
import Synchronization
import TelegramAPI
import TelegramStandIn
import Testing

@Suite struct PacerTests {
    /// A clock that moves when somebody sleeps; for calls one after the other.
    private final class Clock: Sendable {
        private let time: Mutex<ContinuousClock.Instant>
        let start: ContinuousClock.Instant
        init() {
            start = .now
            time = Mutex(start)
        }
        var now: ContinuousClock.Instant { time.withLock(\.self) }
        var elapsed: Duration { now - start }
        func move(_ duration: Duration) { time.withLock { $0 += duration } }
        var pacer: Pacer { Pacer(now: { self.now }, sleep: { self.move($0) }) }
    }

    @Test func `a chat gets two messages at once and then one a second`() async throws {
        let clock = Clock(), pacer = clock.pacer
        var times: [Duration] = []
        for _ in 0..<5 {
            try await pacer.wait(for: 7, count: 1)
            times.append(clock.elapsed)
        }
        #expect(times == [0, 0, 1, 2, 3].map { .seconds($0) })
        clock.move(.seconds(60))
        let quiet = clock.elapsed
        for _ in 0..<2 { try await pacer.wait(for: 7, count: 1) }
        #expect(clock.elapsed == quiet)
    }

    @Test func `a group gets no more than twenty messages in any minute`() async throws {
        let clock = Clock(), pacer = clock.pacer
        var times: [Duration] = []
        for _ in 0..<60 {
            try await pacer.wait(for: -7, count: 1)
            times.append(clock.elapsed)
        }
        for (i, time) in times.enumerated() {
            #expect(times[i...].prefix { $0 - time < .seconds(60) }.count <= 20)
        }
    }

    @Test func `is busy for as long as more waits than goes in half a second`() async throws {
        let start = ContinuousClock.now
        let time = Mutex(start)
        // Calls reserve their times at once and come back when they may go.
        let pacer = Pacer(now: { time.withLock(\.self) }, sleep: { _ in })
        var states: [Bool] = []
        for chat in 1...30 {
            try await pacer.wait(for: Int64(chat), count: 1)
            states.append(await pacer.isBusy)
        }
        // Five at once; the next ones are 40 ms apart each.
        #expect(states.firstIndex(of: true) == 16)
        time.withLock { $0 += .milliseconds(600) }
        #expect(await !pacer.isBusy)
    }

    @Test func `all chats together get no more than thirty messages in any second`() async throws {
        let clock = Clock(), pacer = clock.pacer
        var times: [Duration] = []
        for chat in 1...200 {
            try await pacer.wait(for: Int64(chat), count: 1)
            times.append(clock.elapsed)
        }
        for (i, time) in times.enumerated() {
            #expect(times[i...].prefix { $0 - time < .seconds(1) }.count <= 30)
        }
        #expect(clock.elapsed < .seconds(9))
    }

    @Test func `an album counts as many messages as it has`() async throws {
        let clock = Clock(), pacer = clock.pacer
        try await pacer.wait(for: 7, count: 10)
        try await pacer.wait(for: 7, count: 1)
        #expect(clock.elapsed == .seconds(9))
    }

    @Test func `a chat that is held holds up no other, and calls that write nothing wait only for a general pause`()
        async throws
    {
        let clock = Clock(), pacer = clock.pacer
        await pacer.hold(7, for: .seconds(30))
        try await pacer.wait(for: 8, count: 1)
        try await pacer.wait(for: nil, count: 0)
        #expect(clock.elapsed == .zero)
        try await pacer.wait(for: 7, count: 1)
        #expect(clock.elapsed == .seconds(30))
        await pacer.hold(nil, for: .seconds(5))
        try await pacer.wait(for: nil, count: 0)
        #expect(clock.elapsed == .seconds(35))
    }

    @Test func `sixty chats at once break no limit of the server and get every message once`() async throws {
        try await Lab.run(limits: true) { (lab: inout Lab) async throws in
            for id in 1...60 { lab.telegram.addPerson(Int64(1_000 + id), "P\(id)") }
            let bot = lab.bot
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...60 {
                    group.addTask {
                        for n in 1...2 { try await bot.call(SendMessage(to: Int64(1_000 + id), "message \(n)")) }
                    }
                }
                try await group.waitForAll()
            }
            for id in 1...60 {
                #expect(lab.telegram.posts(in: Int64(1_000 + id)).map(\.text) == ["message 1", "message 2"])
            }
            #expect(lab.telegram.limitHits == 0)
            #expect(lab.telegram.violations.isEmpty)
        }
    }
}
