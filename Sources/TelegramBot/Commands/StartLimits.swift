// How many swaps a person and a group may begin.

internal import Foundation
internal import JobQueue
internal import Services
package import Words

/// Looks at the limits right before a swap is begun, and counts it.
package struct StartLimits: Sendable {
    private let desk: BotDesk

    package init(desk: BotDesk) { self.desk = desk }

    /// The swaps that were begun in a group, as they are kept.
    private struct Group: Codable, Equatable {
        var starts: [Date] = []
    }

    private static let span = 3600.0

    /// Why no swap can be begun now, as a sentence that says when one can; nil: one can. Administrators always may.
    package func refusal(place: Place, person: Person, voice: Voice) async throws -> String? {
        let (rules, now) = (desk.rules, desk.now())
        guard !rules.administrators.contains(place.user) else { return nil }
        if rules.activeJobs > 0 {
            let active = try await desk.jobs.store.activeCount(of: desk.owner(place.user))
            if active >= rules.activeJobs {
                return voice.say(
                    "You have \(active) swaps waiting or running, which is as many as you may. Wait for one to finish, or stop one: /status"
                )
            }
        }
        if let seconds = Self.wait(person.starts, limit: rules.jobsPerHour, now: now) {
            let wait = voice.length(seconds: seconds)
            return voice.say(
                "You have begun \(rules.jobsPerHour) swaps within an hour, which is as many as you may. You can go on in \(wait)."
            )
        }
        if place.isGroup {
            let group: Group? = try await desk.book.read(Self.key(place.chat))
            if let seconds = Self.wait(group?.starts ?? [], limit: rules.groupJobsPerHour, now: now) {
                let wait = voice.length(seconds: seconds)
                return voice.say(
                    "In this group \(rules.groupJobsPerHour) swaps were begun within an hour, which is as many as may be. It can go on in \(wait)."
                )
            }
        }
        return nil
    }

    /// Counts a swap that was begun in a group. ``Person/starts`` is the caller's to count.
    package func note(place: Place) async throws {
        guard place.isGroup else { return }
        let now = desk.now()
        try await desk.book.changeDocument(Self.key(place.chat), from: Group(), expiresAt: now + Self.span) {
            $0.starts = Self.recent($0.starts, now: now) + [now]
        }
    }

    static func key(_ chat: Int64) -> DocumentKey { DocumentKey("bot-group", "\(chat)") }

    private static func recent(_ starts: [Date], now: Date) -> [Date] {
        // What is later than now, because a clock was put back, does not count: it would for too long.
        starts.filter { (-60..<span).contains(now.timeIntervalSince($0)) }
    }

    /// Seconds until fewer than `limit` were begun within an hour; nil: that is so, or there is no limit.
    private static func wait(_ starts: [Date], limit: Int, now: Date) -> Double? {
        let starts = recent(starts, now: now).sorted()
        guard limit > 0, starts.count >= limit else { return nil }
        // Whole minutes: nobody tries again to the second.
        return max(1, ((starts[starts.count - limit].timeIntervalSince(now) + span) / 60).rounded(.up)) * 60
    }
}
