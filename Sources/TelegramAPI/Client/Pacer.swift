// Keeps the bot within Telegram's limits: a message a second in a chat, twenty a minute in a group, thirty a second in all.

internal import Foundation

/// Lets calls go when the limits allow it, in the order in which they came.
///
/// Each limit is a leaky bucket in its virtual-scheduling form (GCRA, ITU-T I.371): a burst may go at once, then one
/// call each interval. A call waits for its chat first and for all chats together afterwards, so that one busy chat
/// holds up no other. Source of the limits: Telegram's “My bot is hitting limits” (Bots FAQ).
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

        /// The time at which `count` calls may go, and reserves it.
        mutating func take(_ count: Int, _ limit: Limit, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
            let slack = limit.interval * (limit.burst - 1)
            let time = max(now, due - slack)
            due = max(due, time) + limit.interval * count
            return time
        }
    }

    private let limits: Limits
    private let now: @Sendable () -> ContinuousClock.Instant
    private let sleep: @Sendable (Duration) async throws -> Void
    private var overall: Bucket
    private var chats: [Int64: Bucket] = [:]
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

    /// Waits until `count` messages may be written to `chat`; nil and 0: a call that writes nothing, which counts
    /// against nothing but a general pause.
    /// - Throws: `CancellationError`; a place that was reserved stays used.
    package func wait(for chat: Int64?, count: Int) async throws {
        if let chat, count > 0 {
            forget()
            let time = now()
            var bucket = chats[chat] ?? Bucket(due: time)
            let turn = bucket.take(count, chat < 0 ? limits.group : limits.chat, now: time)
            chats[chat] = bucket
            try await wait(until: turn)
        }
        try await waitWhileHeld(chat)
        if count > 0 {
            try await wait(until: overall.take(count, limits.overall, now: now()))
            try await waitWhileHeld(chat)
        }
    }

    /// Holds a chat, or all, for the time that Telegram says.
    package func hold(_ chat: Int64?, for time: Duration) {
        let end = now() + time
        held[chat] = max(held[chat] ?? end, end)
    }

    /// Whether a chat must wait because Telegram said so.
    package func isHeld(_ chat: Int64) -> Bool {
        [held[chat], held[Int64?.none]].contains { $0.map { $0 > now() } ?? false }
    }

    /// Whether what is written now waits for half a second or more because of all that is to be written before it. What
    /// nobody needs is better left out then.
    package var isBusy: Bool {
        overall.due - limits.overall.interval * (limits.overall.burst - 1) - now() > .milliseconds(500)
    }

    private func waitWhileHeld(_ chat: Int64?) async throws {
        while let end = [held[chat], held[Int64?.none]].compactMap(\.self).max(), end > now() {
            try await sleep(end - now())
        }
        held = held.filter { $0.value > now() }
    }

    private func wait(until time: ContinuousClock.Instant) async throws {
        let pause = time - now()
        if pause > .zero { try await sleep(pause) }
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
