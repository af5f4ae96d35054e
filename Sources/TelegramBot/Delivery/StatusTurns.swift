// When status messages may change: seldom enough that results and answers never wait for them.

internal import Foundation

/// Times and counts of deliveries.
package struct DeliveryTimes: Sendable {
    /// Between two changes of status messages in a group, which takes twenty messages a minute.
    package var groupInterval = Duration.seconds(10)
    /// Between two changes of status messages in all: a third of what Telegram takes from a bot.
    package var overallInterval = Duration.milliseconds(120)
    /// How often it is looked whether the queue moved.
    package var queueInterval = Duration.seconds(10)
    /// Between two signs that a file is on its way; Telegram shows each for five seconds.
    package var actionInterval = Duration.milliseconds(4500)
    /// Before another attempt when Telegram cannot be reached or wants no messages; the last one over and over.
    package var pauses: [Duration] = [.seconds(5), .seconds(15), .seconds(60)]
    /// Results that are on their way at once; one in each chat.
    package var results = 8
    /// How long what is being sent may go on when the program ends.
    package var farewell = Duration.seconds(20)
    /// How long a failed job can be tried again from its message, in seconds.
    package var again = 86400.0
    /// How long a link to a result is good, in seconds.
    package var link = 86400.0

    package init() {}
}

/// Gives out turns in order. A chat's next turn is an interval after the one before, and so is that of all chats.
struct StatusTurns {
    private var chats: [Int64: ContinuousClock.Instant] = [:]
    private var overall: ContinuousClock.Instant?

    /// When a chat may be written to next; reserved.
    mutating func take(chat: Int64, interval: Duration, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        if chats.count > 1_000 { chats = chats.filter { $0.value > now } }
        let turn = max(now, chats[chat] ?? now)
        chats[chat] = turn + interval
        return turn
    }

    /// When any chat may be written to next; reserved.
    mutating func takeOverall(interval: Duration, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let turn = max(now, overall ?? now)
        overall = turn + interval
        return turn
    }
}
