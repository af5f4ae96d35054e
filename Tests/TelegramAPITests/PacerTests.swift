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
        // Time stands still, so whoever has to wait waits until the end.
        let pacer = Pacer(
            now: { time.withLock(\.self) }, sleep: { _ in try await Task.sleep(for: .seconds(86_400)) })
        var states: [Bool] = []
        try await withThrowingTaskGroup(of: Void.self) { group in
            for chat in 1...30 {
                let before = await pacer.waiting
                group.addTask { _ = try? await pacer.wait(for: Int64(chat), count: 1) }
                if chat <= 5 {
                    try await group.next()
                } else {
                    while await pacer.waiting == before { await Task.yield() }
                }
                states.append(await pacer.isBusy)
            }
            group.cancelAll()
        }
        // Five at once; the next ones are 40 ms apart each.
        #expect(states.firstIndex(of: true) == 16)
        #expect(await pacer.waiting == 0)
        #expect(await !pacer.isBusy)
    }

    /// When calls went, and the most of them in one second.
    private final class Departures: Sendable {
        private let times = Mutex<[ContinuousClock.Instant]>([])
        var all: [ContinuousClock.Instant] { times.withLock { $0.sorted() } }
        func add(_ time: ContinuousClock.Instant) { times.withLock { $0.append(time) } }
        func most(within span: Duration) -> Int {
            let all = all
            return all.indices.map { i in all[i...].prefix { $0 - all[i] < span }.count }.max() ?? 0
        }
    }

    /// Has one message written to each of many chats at once, and gives when they went.
    private func flood(_ chats: ClosedRange<Int64>, _ pacer: Pacer) async throws -> Departures {
        let departures = Departures()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for chat in chats {
                group.addTask {
                    departures.add(try await pacer.wait(for: chat, count: 1))
                }
            }
            try await group.waitForAll()
        }
        return departures
    }

    @Test func `what should have gone while the machine stalled goes at the pace of the limit afterwards`() async throws
    {
        let clock = Clock(), sleeps = Mutex(0)
        // Every twentieth sleep ends two seconds late.
        let pacer = Pacer(
            now: { clock.now },
            sleep: { pause in
                let number = sleeps.withLock { sleeps in
                    sleeps += 1
                    return sleeps
                }
                clock.move(pause + (number % 20 == 0 ? .seconds(2) : .zero))
                await Task.yield()
            })
        let departures = try await flood(1...100, pacer)
        #expect(departures.all.count == 100)
        #expect(departures.most(within: .seconds(1)) <= 30)
        // Four stalls, and no more time than that is lost.
        #expect(clock.elapsed < .seconds(13))
    }

    @Test func `what gathered during a general pause goes at the pace of the limit afterwards`() async throws {
        let clock = Clock(), pacer = clock.pacer
        await pacer.hold(nil, for: .seconds(20))
        let departures = try await flood(1...100, pacer)
        #expect(departures.all.first == clock.start + .seconds(20))
        #expect(departures.most(within: .seconds(1)) <= 30)
        #expect(clock.elapsed < .seconds(25))
    }

    @Test func `a chat that stalled before its second message has a second between it and the third`() async throws {
        let clock = Clock(), late = Mutex(true)
        let pacer = Pacer(
            now: { clock.now },
            sleep: { pause in
                let stall: Duration = late.withLock { late in
                    defer { late = false }
                    return late ? .seconds(3.5) : .zero
                }
                clock.move(pause + stall)
            })
        let departures = Departures()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    departures.add(try await pacer.wait(for: 7, count: 1))
                }
            }
            try await group.waitForAll()
        }
        // Two at once, the third 3.5 s late and the fourth with it as a new burst; then one a second.
        let seconds = departures.all.map { ($0 - clock.start) / .seconds(1) }
        #expect(seconds == [0, 0, 4.5, 4.5, 5.5, 6.5])
    }

    @Test func `who gives up waiting holds up nobody and counts for nothing`() async throws {
        let clock = Clock(), isOpen = Mutex(false)
        let pacer = Pacer(
            now: { clock.now },
            sleep: { pause in
                while !isOpen.withLock(\.self) { try await Task.sleep(for: .milliseconds(1)) }
                clock.move(pause)
            })
        for chat in 1...5 { try await pacer.wait(for: Int64(chat), count: 1) }
        var calls: [Task<Void, any Error>] = []
        for chat in 6...9 {
            calls.append(Task { try await pacer.wait(for: Int64(chat), count: 1) })
            while await pacer.waiting < calls.count { await Task.yield() }
        }
        // The head of the line, and one in its middle.
        for index in [0, 2] {
            calls[index].cancel()
            await #expect(throws: CancellationError.self) { try await calls[index].value }
        }
        #expect(await pacer.waiting == 2)
        isOpen.withLock { $0 = true }
        for index in [1, 3] { try await calls[index].value }
        #expect(clock.elapsed == .milliseconds(80))
        #expect(await pacer.waiting == 0)
    }

    @Test func `a chat that must pause while it waits for all the others gives them its place`() async throws {
        let clock = Clock(), longest = Mutex(Duration.zero)
        // Who has to wait longer than this sleeps on.
        let pacer = Pacer(
            now: { clock.now },
            sleep: { pause in
                while longest.withLock({ $0 < pause }) { try await Task.sleep(for: .milliseconds(1)) }
                clock.move(pause)
            })
        for chat in 1...5 { try await pacer.wait(for: Int64(chat), count: 1) }
        let held = Task { try await pacer.wait(for: 6, count: 1) - clock.start }
        while await pacer.waiting < 1 { await Task.yield() }
        let other = Task { try await pacer.wait(for: 7, count: 1) - clock.start }
        while await pacer.waiting < 2 { await Task.yield() }
        await pacer.hold(6, for: .seconds(30))
        longest.withLock { $0 = .seconds(1) }
        #expect(try await other.value == .milliseconds(40))
        longest.withLock { $0 = .seconds(60) }
        #expect(try await held.value == .seconds(30))
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
