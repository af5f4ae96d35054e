// Who may not use the bot: `/ban`, `/unban`; and whose jobs wait: `/queue`.

internal import Errors
internal import Foundation
internal import JobQueue
internal import Logging
internal import Services
internal import TelegramAPI
internal import Words

extension AdminCommands {
    /// Why somebody was banned, as it is kept.
    private struct Ban: Codable {
        var reason = ""
        var by: Int64 = 0
        var at = Date()
    }

    private static func key(_ user: Int64) -> DocumentKey { DocumentKey("bot-ban", "\(user)") }

    func ban(_ words: [String], _ place: Place, _ voice: Voice) async throws -> Screen {
        guard let text = words.first else { return try await banned(voice) }
        guard let user = Int64(text), user > 0 else { return noID(voice) }
        guard !desk.rules.administrators.contains(user) else {
            return Screen(voice.say("\(user) is an administrator and cannot be banned."))
        }
        let reason = words.count > 1 ? String(words[1].prefix(300)) : ""
        let ban = Ban(reason: reason, by: place.user, at: desk.now())
        try await desk.book.store.change([.put(Self.key(user), text: try desk.book.text(ban))], now: desk.now())
        try await desk.book.change(user) { $0.isBanned = true }
        desk.log.notice("Somebody was banned.", metadata: ["user": "\(user)", "by": "\(place.user)"])
        let owner = desk.owner(user)
        var query = JobQuery(owner: owner)
        (query.states, query.limit) = ([.queued], 200)
        var canceled = 0
        while let job = try await desk.jobs.jobs(query).jobs.first {
            _ = try await desk.jobs.cancel(job.id, owner: owner)
            canceled += 1
        }
        return Screen(voice.say("\(user) is banned. Waiting jobs that were cancelled: \(canceled)."))
    }

    func unban(_ words: [String], _ voice: Voice) async throws -> Screen {
        guard let text = words.first, let user = Int64(text), user > 0 else { return noID(voice) }
        guard try await desk.book.person(user).isBanned else { return Screen(voice.say("\(user) was not banned.")) }
        try await desk.book.change(user) { $0.isBanned = false }
        try await desk.book.store.change([.delete(Self.key(user))], now: desk.now())
        return Screen(voice.say("\(user) may use the bot again."))
    }

    /// Who is banned, and why.
    private func banned(_ voice: Voice) async throws -> Screen {
        var ids: [Int64] = []
        try await desk.book.forEachPerson { id, person in
            if person.isBanned, ids.count < 50 { ids.append(id) }
        }
        guard !ids.isEmpty else { return Screen(voice.say("Nobody is banned. To ban somebody: /ban ID reason")) }
        var lines = [voice.say("Banned:")]
        for id in ids {
            let ban: Ban? = try await desk.book.read(Self.key(id))
            lines.append([String(id), ban?.reason ?? ""].filter { !$0.isEmpty }.joined(separator: " — "))
        }
        return Screen(lines)
    }

    private func noID(_ voice: Voice) -> Screen {
        Screen(voice.say("Give the person's number behind the command, such as: /ban 12345 reason"))
    }

    // MARK: The queue

    /// What waits and runs, of everybody, oldest first.
    func queue(_ voice: Voice) async throws -> Screen {
        var query = JobQuery(owner: nil)
        query.states = [.queued, .running]
        let all = try await desk.allJobs(query)
        guard !all.isEmpty else { return Screen(voice.say("Nothing waits or runs.")) }
        let shown = all.reversed().prefix(20)
        var lines = [voice.say("Jobs that wait or run: \(all.count).")], buttons: [InlineKeyboard.Button] = []
        for (index, job) in shown.enumerated() {
            let owner = job.owner.rawValue.prefix(40)
            lines.append(
                "\(index + 1). \(owner): \(voice.title(ofMode: job.description.mode)) — \(voice.title(of: job.state)), \(Int(job.progress)) %"
            )
            let data = "adm:cancel:\(job.id)"
            if data.utf8.count <= 64 { buttons.append(.init("✖️ \(index + 1)", data: data)) }
        }
        return Screen(lines, buttons.inRows(of: 5))
    }

    func cancel(_ id: String, query: String, _ place: Place, _ voice: Voice) async throws {
        do { _ = try await desk.jobs.cancel(JobID(rawValue: id), owner: nil) } catch let error as MasqueError {
            return try await desk.acknowledge(query, voice.say(error.message))
        }
        try await desk.acknowledge(query, voice.say("Cancelled."))
        try await desk.change(place.message, in: place.chat, to: try await queue(voice))
    }
}
