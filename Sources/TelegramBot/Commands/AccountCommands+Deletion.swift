// Deletes all that is kept of a person.

internal import Errors
internal import JobQueue
internal import Logging
internal import Services
internal import TelegramAPI
internal import Words

extension AccountCommands {
    /// Asks, saying exactly what goes and what stays.
    func deletionQuestion(_ user: Int64, _ voice: Voice) async throws -> Screen {
        var query = JobQuery(owner: desk.owner(user))
        query.limit = 200
        let page = try await desk.jobs.jobs(query)
        let count = page.nextCursor == nil ? "\(page.jobs.count)" : "200+"
        return Screen(
            [
                voice.say("This deletes at once and for good:"),
                voice.say("• your jobs (\(count)), stopping those that wait or run;"),
                voice.say("• all photos, videos and results that belong to them, and so your history;"),
                voice.say("• your settings: language, last face and mode, and that you agreed to the terms;"),
                voice.say("• what you were doing in this chat and in groups."),
                "",
                voice.say(
                    "The messages in our chat stay until you delete them. The server's log keeps that jobs were made and deleted, without pictures. A ban and this hour's count of swaps stay, too."
                ),
            ],
            [
                [.init(voice.say("🗑 Delete everything"), data: "my:delete:yes")],
                [.init(voice.say("Keep it"), data: "my:delete:no")],
            ])
    }

    /// Stops and deletes all jobs, then forgets the person; the message that asked tells how it went.
    func deleteEverything(_ place: Place, _ voice: Voice) async throws {
        let owner = desk.owner(place.user)
        do { try await desk.change(place.message, in: place.chat, to: Screen(voice.say("⏳ Deleting…"))) } catch let
            error
            as BotAPIError
        {
            // Deleted it is, also for somebody who has blocked the bot since.
            desk.log.info("A deletion could not be announced.", metadata: ["error": "\(error)"])
        }
        try await deliveries.forget(place.user)
        // Nobody waits for results any more; then all are stopped, so that they let go at the same time.
        for job in try await all(of: owner, [.queued, .running]) {
            do { _ = try await desk.jobs.cancel(job, owner: owner) } catch let error as MasqueError
                where error.code == .notFound
            {}
        }
        var deleted = 0, left = 0
        for _ in 1...2 {
            left = 0
            for job in try await all(of: owner, []) {
                do {
                    try await desk.jobs.delete(job, owner: owner)
                    deleted += 1
                } catch let error as MasqueError where error.code == .notFound {
                } catch let error as MasqueError where error.code == .conflict {
                    // Its worker has not let go yet.
                    left += 1
                }
            }
            if left == 0 { break }
        }
        try await desk.book.forget(place.user)
        let text =
            switch (deleted, left) {
            case (0, 0): voice.say("✅ Everything of yours is deleted. There were no jobs.")
            case (_, 0):
                voice.say("✅ Everything of yours is deleted. Jobs that went, with their files: \(deleted).")
            default:
                voice.say(
                    "Some of your jobs are still being stopped: \(left). Send /delete_my_data again in a minute."
                )
            }
        try await desk.change(place.message, in: place.chat, to: Screen(text))
    }

    private func all(of owner: OwnerID, _ states: Set<JobState>) async throws -> [JobID] {
        var query = JobQuery(owner: owner)
        query.states = states
        return try await desk.allJobs(query).map(\.id)
    }
}
