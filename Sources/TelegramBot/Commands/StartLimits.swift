// How many swaps a person and a group may begin.

internal import Errors
internal import Foundation
internal import JobQueue
internal import Services
package import Words

/// Looks at the limits and counts a swap in one transaction, before it is begun: of two that are begun at once in
/// different chats none is missed.
package struct StartLimits: Sendable {
    private let desk: BotDesk

    package init(desk: BotDesk) { self.desk = desk }

    /// What comes of wanting to begin.
    package enum Answer: Sendable, Equatable {
        /// It is counted now.
        case counted
        /// It was counted before under the same name, when the program ended in between.
        case known
        /// A sentence that says when it can be begun.
        case refused(String)
    }

    /// The swaps that were begun in a group, as they are kept.
    private struct Group: Codable, Equatable {
        var starts: [Date] = []
    }

    /// A swap that was counted, as it is kept for as long as it counts.
    private struct Start: Codable {
        var at: Date
    }

    private static let span = 3600.0

    /// Counts a swap that is about to begin, if it may. Administrators always may.
    /// - Parameter name: of the swap; one that was counted is not counted again.
    package func take(_ name: String, place: Place, voice: Voice) async throws -> Answer {
        while true {
            let now = desk.now()
            // It may be among those that wait or run already.
            if let _: Start = try await desk.book.read(Self.key(start: name)) { return .known }
            if let words = try await tooManyActive(place, voice) { return .refused(words) }
            let (person, group) = try await (held(BotBook.key(place.user), Person()), held(place))
            if let words = refusal(person.value, group?.value, place, voice) { return .refused(words) }
            var (newPerson, newGroup) = (person.value, group?.value)
            newPerson.noteStart(now)
            if let group { newGroup = Group(starts: Self.recent(group.value.starts, now: now) + [now]) }
            let mark = DocumentChange.put(
                Self.key(start: name), text: try desk.book.text(Start(at: now)), expiresAt: now + Self.span, version: 0)
            if try await change(person, newPerson, group, newGroup, mark, place) { return .counted }
        }
    }

    /// Takes back what was counted for a swap that did not begin.
    package func giveBack(_ name: String, place: Place) async throws {
        while let start: Start = try await desk.book.read(Self.key(start: name)) {
            let (person, group) = try await (held(BotBook.key(place.user), Person()), held(place))
            var (newPerson, newGroup) = (person.value, group?.value)
            newPerson.starts.removeFirst(start.at)
            newGroup?.starts.removeFirst(start.at)
            if try await change(person, newPerson, group, newGroup, .delete(Self.key(start: name)), place) { return }
        }
    }

    // MARK: Documents

    /// A document as it was read.
    private struct Held<Value: Codable> {
        var value: Value
        var version: Int64
    }

    private func held<Value: Codable>(_ key: DocumentKey, _ initial: Value) async throws -> Held<Value> {
        guard let document = try await desk.book.store.document(key, now: desk.now()) else {
            return Held(value: initial, version: 0)
        }
        return Held(value: document.read() ?? initial, version: document.version)
    }

    private func held(_ place: Place) async throws -> Held<Group>? {
        place.isGroup ? try await held(Self.key(place.chat), Group()) : nil
    }

    /// Writes all or nothing.
    /// - Returns: false when somebody else has written meanwhile.
    private func change(
        _ person: Held<Person>, _ newPerson: Person, _ group: Held<Group>?, _ newGroup: Group?,
        _ mark: DocumentChange, _ place: Place
    ) async throws -> Bool {
        var changes = [mark]
        // Nothing is kept of who was forgotten meanwhile.
        if newPerson != person.value {
            changes.append(.put(BotBook.key(place.user), text: try desk.book.text(newPerson), version: person.version))
        }
        if let group, let newGroup {
            changes.append(
                .put(
                    Self.key(place.chat), text: try desk.book.text(newGroup), expiresAt: desk.now() + Self.span,
                    version: group.version))
        }
        do { try await desk.book.store.change(changes, now: desk.now()) } catch let error as MasqueError
            where error.code == .conflict
        {
            try Task.checkCancellation()
            return false
        }
        return true
    }

    private static func key(start name: String) -> DocumentKey { DocumentKey("bot-start", name) }
    static func key(_ chat: Int64) -> DocumentKey { DocumentKey("bot-group", "\(chat)") }

    // MARK: Limits

    private func tooManyActive(_ place: Place, _ voice: Voice) async throws -> String? {
        let rules = desk.rules
        guard rules.activeJobs > 0, !rules.administrators.contains(place.user) else { return nil }
        let active = try await desk.jobs.store.activeCount(of: desk.owner(place.user))
        guard active >= rules.activeJobs else { return nil }
        return voice.say(
            "You have \(active) swaps waiting or running, which is as many as you may. Wait for one to finish, or stop one: /status"
        )
    }

    private func refusal(_ person: Person, _ group: Group?, _ place: Place, _ voice: Voice) -> String? {
        let (rules, now) = (desk.rules, desk.now())
        guard !rules.administrators.contains(place.user) else { return nil }
        if let seconds = Self.wait(person.starts, limit: rules.jobsPerHour, now: now) {
            let wait = voice.length(seconds: seconds)
            return voice.say(
                "You have begun \(rules.jobsPerHour) swaps within an hour, which is as many as you may. You can go on in \(wait)."
            )
        }
        if let group, let seconds = Self.wait(group.starts, limit: rules.groupJobsPerHour, now: now) {
            let wait = voice.length(seconds: seconds)
            return voice.say(
                "In this group \(rules.groupJobsPerHour) swaps were begun within an hour, which is as many as may be. It can go on in \(wait)."
            )
        }
        return nil
    }

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

extension Array where Element: Equatable {
    fileprivate mutating func removeFirst(_ element: Element) {
        if let index = firstIndex(of: element) { remove(at: index) }
    }
}
