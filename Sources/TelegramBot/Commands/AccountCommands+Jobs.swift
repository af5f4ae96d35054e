// A person's jobs: what waits and runs, and what is over.

internal import Foundation
internal import JobQueue
internal import Services
internal import TelegramAPI
internal import Words

extension AccountCommands {
    /// What waits and runs, oldest first, each with a button that stops it. Shows no more of a job than its mode and how
    /// far it is, so a group may see it.
    func status(_ place: Place, _ voice: Voice) async throws -> Screen {
        var query = JobQuery(owner: desk.owner(place.user))
        query.states = [.queued, .running]
        query.limit = 20
        let jobs = try await desk.jobs.jobs(query).jobs.reversed()
        guard !jobs.isEmpty else {
            return Screen(voice.say("Nothing of yours waits or runs. Begin a swap: /start"))
        }
        var lines: [String] = [], buttons: [InlineKeyboard.Button] = []
        for (index, job) in jobs.enumerated() {
            let outlook = try await desk.jobs.outlook(of: job)
            lines.append(["\(index + 1).", voice.title(ofMode: job.description.mode)].joined(separator: " "))
            lines.append(voice.standing(of: job, outlook))
            let data = "job:cancel:\(job.id)"
            if !job.cancelRequested, data.utf8.count <= 64 {
                buttons.append(.init(voice.say("✖️ Cancel \(index + 1)"), data: data))
            }
        }
        return Screen(lines, buttons.inRows(of: 3))
    }

    /// Ten jobs that are over, the newest first, each that has a result with a button that sends it.
    /// - Parameter cursor: where the page before ended.
    func history(of user: Int64, cursor: String?, _ voice: Voice) async throws -> Screen {
        var query = JobQuery(owner: desk.owner(user))
        query.states = [.completed, .failed, .canceled]
        query.limit = 10
        query.cursor = cursor
        let page = try await desk.jobs.jobs(query)
        guard !page.jobs.isEmpty else {
            return Screen(voice.say("There are no finished swaps. Begin one: /start"))
        }
        var lines: [String] = [], buttons: [InlineKeyboard.Button] = []
        for (index, job) in page.jobs.enumerated() {
            let time = voice.moment(job.finishedAt ?? job.createdAt, now: desk.now())
            lines.append(
                "\(index + 1). \(voice.title(ofMode: job.description.mode)) — \(voice.title(of: job.state)), \(time)")
            let data = "job:get:\(job.id)"
            if job.state == .completed, data.utf8.count <= 64 {
                buttons.append(.init("⬇️ \(index + 1)", data: data))
            }
        }
        var rows = buttons.inRows(of: 5)
        var turns: [InlineKeyboard.Button] = []
        if cursor != nil { turns.append(.init(voice.say("◀️ Newest"), data: "my:history:")) }
        if let next = page.nextCursor, "my:history:\(next)".utf8.count <= 64 {
            turns.append(.init(voice.say("Older ▶️"), data: "my:history:\(next)"))
        }
        if !turns.isEmpty { rows.append(turns) }
        return Screen(lines, rows)
    }
}

extension Voice {
    /// Where a job that is not over stands, and how long it may take.
    func standing(of job: Job, _ outlook: Outlook) -> String {
        if job.cancelRequested { return say("⏳ Being stopped.") }
        let now: String
        if job.state == .running {
            now = say("⚙️ \(Int(job.progress)) % done.")
        } else if let position = outlook.queuePosition, position > 0 {
            now = say("⏳ Jobs that go first: \(position).")
        } else {
            now = say("⏳ It is next.")
        }
        guard let left = outlook.secondsLeft else { return now }
        return "\(now) \(say("About \(length(seconds: left, isEstimate: true)) to go."))"
    }

    /// When something was: how long ago on the same day, else the day (UTC).
    func moment(_ date: Date, now: Date) -> String {
        let age = now.timeIntervalSince(date)
        if age < 60 { return say("just now") }
        if age < 86_400 { return say("\(length(seconds: age)) ago") }
        return date.formatted(.iso8601.year().month().day())
    }
}
