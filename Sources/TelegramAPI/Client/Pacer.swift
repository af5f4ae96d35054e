// Keeps the bot within Telegram's limits: a message a second in a chat, twenty a minute in a group, thirty a second in all.

internal import Foundation

/// Lets calls go when the limits allow it, in the order in which they came.
///
/// Each limit is a leaky bucket in its virtual-scheduling form (GCRA, ITU-T I.371): a burst may go at once, then one
/// call each interval. What counts is when a call goes, not when it could have: calls stand in a line, only its head
/// waits for a time, and the next one's time is reckoned from when the head really went. So after a stall of the machine
/// or a pause that Telegram wanted, what should have gone meanwhile goes at the pace of the limit, too.
///
/// A call stands in its chat's line first and, at the head of that, in the line of all, so that one busy chat holds up no
/// other. Source of the limits: Telegram's “My bot is hitting limits” (Bots FAQ).
package actor Pacer {
    /// How much may go.
    package struct Limit: Sendable {
        /// Between calls, once the burst is used up.
        package var interval: Duration
        /// How many may go at once.
        package var burst: Int

        /// Makes a limit.
        package init(interval: Duration, burst: Int) { (self.interval, self.burst) = (interval, burst) }
    }
    /// All limits.
    package struct Limits: Sendable {
        /// At most 30 in any second: 25 evenly and 5 at once.
        package var overall = Limit(interval: .milliseconds(40), burst: 5)
        package var chat = Limit(interval: .seconds(1), burst: 2)
        /// At most 20 in any minute: 15 evenly and 5 at once.
        package var group = Limit(interval: .seconds(4), burst: 5)
        package init() {}
    }

    /// When the next call of a bucket is due: its theoretical arrival time.
    private struct Bucket {
        var due: ContinuousClock.Instant

        /// From when on a call may go.
        func turn(_ limit: Limit) -> ContinuousClock.Instant { due - limit.interval * (limit.burst - 1) }

        /// Counts a call of `count` messages that goes now.
        mutating func note(_ count: Int, _ limit: Limit, now: ContinuousClock.Instant) {
            due = max(due, now) + limit.interval * count
        }
    }

    /// Calls in their order. The head is not among those that wait.
    private struct Line {
        /// Messages of all calls, the head's included.
        var count: Int
        var waiting: [(ticket: Int, count: Int, call: CheckedContinuation<Void, any Error>)] = []
    }

    private let limits: Limits
    private let now: @Sendable () -> ContinuousClock.Instant
    private let sleep: @Sendable (Duration) async throws -> Void
    private var overall: Bucket
    private var chats: [Int64: Bucket] = [:]
    /// The lines in which somebody stands, by chat; nil: that of all.
    private var lines: [Int64?: Line] = [:]
    private var tickets = 0
    /// When a chat, or (nil) all, may go on after a 429.
    private var held: [Int64?: ContinuousClock.Instant] = [:]
    private var calls = 0

    /// - Parameters:
    ///   - now: the clock.
    ///   - sleep: waits; must throw when it is cancelled.
    package init(
        _ limits: Limits = Limits(), now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.limits = limits
        self.now = now
        self.sleep = sleep
        overall = Bucket(due: now())
    }

    /// Waits until `count` messages may be written to `chat`, and counts them as written now: nothing that takes time may
    /// come before the call. nil and 0: a call that writes nothing, which counts against nothing but a general pause.
    /// - Returns: when it goes.
    /// - Throws: `CancellationError`; nothing is counted then.
    @discardableResult
    package func wait(for chat: Int64?, count: Int) async throws -> ContinuousClock.Instant {
        guard count > 0 else {
            try await wait { [held[chat], held[Int64?.none]].compactMap(\.self).max() }
            return now()
        }
        guard let chat else { return try await goThroughAll(nil, count) ?? now() }
        forget()
        try await enter(chat, count)
        defer { leave(chat, count) }
        // At the head nobody else uses up what the chat allows, but Telegram may want a pause at any time.
        while true {
            try await wait { [chats[chat]?.turn(limit(of: chat)), held[chat]].compactMap(\.self).max() }
            if let time = try await goThroughAll(chat, count) { return time }
        }
    }

    /// Waits for the limit of all chats together, and counts.
    /// - Returns: when it goes; nil: the chat has to wait again, and nothing is counted.
    private func goThroughAll(_ chat: Int64?, _ count: Int) async throws -> ContinuousClock.Instant? {
        try await enter(nil, count)
        defer { leave(nil, count) }
        try await wait { max(overall.turn(limits.overall), held[Int64?.none] ?? overall.turn(limits.overall)) }
        try Task.checkCancellation()
        let time = now()
        if let chat {
            if let end = held[chat], end > time { return nil }
            var bucket = chats[chat] ?? Bucket(due: time)
            bucket.note(count, limit(of: chat), now: time)
            chats[chat] = bucket
        }
        overall.note(count, limits.overall, now: time)
        return time
    }

    /// Holds a chat, or all, for the time that Telegram says.
    package func hold(_ chat: Int64?, for time: Duration) {
        let now = now(), end = now + time
        held = held.filter { $0.value > now }
        held[chat] = max(held[chat] ?? end, end)
    }

    /// Whether a chat must wait because Telegram said so.
    package func isHeld(_ chat: Int64) -> Bool {
        [held[chat], held[Int64?.none]].contains { $0.map { $0 > now() } ?? false }
    }

    /// Whether what is written now waits for half a second or more because of all that is to be written before it. What
    /// nobody needs is better left out then.
    package var isBusy: Bool {
        max(now(), overall.turn(limits.overall)) + limits.overall.interval * waiting - now() > .milliseconds(500)
    }

    /// How many messages wait for the limit of all chats together.
    package var waiting: Int { lines[Int64?.none]?.count ?? 0 }

    private func limit(of chat: Int64) -> Limit { chat < 0 ? limits.group : limits.chat }

    /// Waits until a time that may become a later one meanwhile; nil: it has come.
    private func wait(until time: () -> ContinuousClock.Instant?) async throws {
        while let end = time() {
            let pause = end - now()
            guard pause > .zero else { return }
            try await sleep(pause)
        }
    }

    // MARK: Lines

    /// Returns at the head of a line, which must be left then.
    private func enter(_ key: Int64?, _ count: Int) async throws {
        guard lines[key] != nil else {
            lines[key] = Line(count: count)
            return
        }
        tickets += 1
        let ticket = tickets
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (call: CheckedContinuation<Void, any Error>) in
                guard !Task.isCancelled else { return call.resume(throwing: CancellationError()) }
                lines[key]?.waiting.append((ticket, count, call))
                lines[key]?.count += count
            }
        } onCancel: {
            Task { await self.giveUp(ticket, key) }
        }
    }

    /// Who waits no longer; nothing where the head was reached already.
    private func giveUp(_ ticket: Int, _ key: Int64?) {
        guard let index = lines[key]?.waiting.firstIndex(where: { $0.ticket == ticket }),
            let place = lines[key]?.waiting.remove(at: index)
        else { return }
        lines[key]?.count -= place.count
        place.call.resume(throwing: CancellationError())
    }

    /// Makes the next one the head.
    private func leave(_ key: Int64?, _ count: Int) {
        guard var line = lines[key], !line.waiting.isEmpty else {
            lines[key] = nil
            return
        }
        line.count -= count
        let next = line.waiting.removeFirst()
        lines[key] = line
        next.call.resume()
    }

    /// Drops chats whose limit is full again, now and then.
    private func forget() {
        calls += 1
        guard calls % 1_000 == 0 else { return }
        let time = now()
        chats = chats.filter { $0.value.due > time }
    }

    /// How many chats are remembered.
    var size: Int { chats.count }
}
