// How the bot and its server stand: `/stats`.

internal import BlobStore
internal import Foundation
internal import JobQueue
internal import Services
internal import Words

extension AdminCommands {
    private struct People {
        var all = 0, reachable = 0, banned = 0, today = 0
    }

    func stats(_ voice: Voice) async throws -> Screen {
        let now = desk.now()
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let today = calendar.startOfDay(for: now)
        var people = People()
        try await desk.book.forEachPerson { _, person in
            people.all += 1
            if person.isReachable { people.reachable += 1 }
            if person.isBanned { people.banned += 1 }
            if let seen = person.lastSeen, seen >= today { people.today += 1 }
        }
        // All jobs, those of the HTTP API too.
        let jobs = try await desk.jobs.store.jobCounts(since: today)
        let figures = try await desk.jobs.store.laneFigures(now: now)
        var lines: [String?] = [
            voice.say(
                "People: \(people.all); reachable \(people.reachable), banned \(people.banned), here today \(people.today)."
            ),
            voice.say("Jobs today: \(jobs.new). Of all that are kept:"),
        ]
        for state in JobState.allCases {
            lines.append("• \(voice.title(of: state)): \(jobs.states[state] ?? 0)")
        }
        for (lane, title) in [(Lane.image, voice.say("Photos")), (.video, voice.say("Videos"))] {
            let lane = (figures[lane] ?? LaneFigures(), desk.jobs.workers[lane] ?? 0)
            lines.append(
                voice.say("\(title): waiting \(lane.0.queued), running \(lane.0.running), workers \(lane.1)."))
        }
        let sending = try await broadcasts.running().count
        lines.append(voice.say("Broadcasts under way: \(sending)."))
        if let free = try await desk.jobs.blobs.freeBytes() {
            lines.append(voice.say("Free on the disk: \(free / 1_000_000_000) GB."))
        }
        lines.append(
            voice.say("Running for \(voice.length(seconds: now.timeIntervalSince(startedAt)))."))
        if let version { lines.append("Masque \(version)") }
        return Screen(lines)
    }
}
