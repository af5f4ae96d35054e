// Buttons under status messages and results.

internal import Errors
internal import Foundation
internal import JobQueue
internal import Services
internal import TelegramAPI
package import Words

extension Deliveries {
    private enum Verb: String {
        case cancel, file, again, send, here, get
    }

    /// A button whose data begins with `job:` was pressed by somebody; the query is answered.
    ///
    /// `job:cancel:ID`, `job:file:ID` (the result as a file), `job:get:ID` (the result again), `job:again:ID` (a failed
    /// job), `job:send:ID` and `job:here:ID` (answers to whether a result came; with `:file` at the end of the file).
    package func press(_ data: String, query: String, place: Place, voice: Voice) async throws {
        let parts = data.split(separator: ":").map(String.init)
        guard parts.count >= 3, parts[0] == "job", let verb = Verb(rawValue: parts[1]) else {
            return try await desk.acknowledge(query, voice.say("This button does nothing any more."))
        }
        let isFile = parts.count > 3 && parts[3] == "file"
        let id = JobID(rawValue: parts[2])
        guard let job = try await desk.jobs.store.job(id, owner: nil) else {
            try await desk.acknowledge(query, voice.say("This swap is not kept any more."), isAlert: true)
            // In a group it may be somebody else's message, and anybody can send any number.
            if !place.isGroup, [.cancel, .again, .send, .here].contains(verb) {
                try await desk.disarm(place.message, in: place.chat)
            }
            return
        }
        guard job.owner == desk.owner(place.user) else {
            return try await desk.acknowledge(
                query, voice.say("Only the one who started this can do that."), isAlert: true)
        }
        switch verb {
        case .cancel: try await cancel(job, query, voice)
        case .again: try await tryAgain(job, query, place, voice)
        case .file: try await fetch(job, isFile: true, query, place, voice)
        case .get: try await fetch(job, isFile: false, query, place, voice)
        case .send, .here: try await settle(Delivery.name(id, isFile: isFile), verb, query, place, voice)
        }
    }

    private func cancel(_ job: Job, _ query: String, _ voice: Voice) async throws {
        guard !job.state.isFinal else {
            return try await desk.acknowledge(query, voice.say("It has ended already."))
        }
        _ = try await desk.jobs.cancel(job.id, owner: job.owner)
        try await desk.acknowledge(query, voice.say("It is being cancelled."))
    }

    /// The same files once more, in the same message.
    private func tryAgain(_ job: Job, _ query: String, _ place: Place, _ voice: Voice) async throws {
        guard job.state == .failed else {
            return try await desk.acknowledge(query, voice.say("It has ended already."))
        }
        let kept: Delivery? = try await desk.book.read(
            DocumentKey(Delivery.collection, Delivery.name(job.id, isFile: false)))
        var delivery =
            kept
            ?? Delivery(
                job: job.id, chat: place.chat, isGroup: place.isGroup, thread: place.thread, user: place.user,
                replyTo: nil, status: nil, language: voice.language.rawValue)
        let limits = StartLimits(desk: desk), start = "again:\(job.id)"
        let answer = try await limits.take(start, place: place, voice: voice)
        if case .refused(let words) = answer { return try await desk.acknowledge(query, words, isAlert: true) }
        let made: (job: Job, isNew: Bool)
        do {
            // However often it is pressed, it is one job.
            made = try await desk.jobs.rerun(
                job.id, mode: nil, options: nil, owner: job.owner,
                idempotency: IdempotencyKey(key: "again:\(job.id)", fingerprint: job.id.rawValue))
        } catch let error as MasqueError {
            try await limits.giveBack(start, place: place)
            return try await desk.acknowledge(
                query, voice.lines(of: error).joined(separator: " "), isAlert: true)
        }
        if answer == .counted, !made.isNew { try await limits.giveBack(start, place: place) }
        // Where the failed one is still kept, nobody waits for the new one yet: the program ended in between.
        guard made.isNew || !made.job.state.isFinal || kept != nil else {
            return try await desk.acknowledge(query, voice.say("It was tried again already."))
        }
        (delivery.job, delivery.phase, delivery.isFile) = (made.job.id, .following, false)
        (delivery.status, delivery.shown, delivery.isAnnounced) = (place.message, nil, nil)
        try await desk.book.change(place.user) { person in
            if person.lastJob == job.id.rawValue { person.lastJob = made.job.id.rawValue }
        }
        try await begin(delivery)
        try await desk.book.store.change(
            [.delete(DocumentKey(Delivery.collection, Delivery.name(job.id, isFile: false)))], now: desk.now())
        try await desk.acknowledge(query, voice.say("It is tried again."))
    }

    /// Sends a finished job's result to where somebody asked for it.
    private func fetch(_ job: Job, isFile: Bool, _ query: String, _ place: Place, _ voice: Voice) async throws {
        guard job.state == .completed else {
            let words =
                job.state.isFinal ? voice.say("It has no result.") : voice.say("It is not done yet.")
            return try await desk.acknowledge(query, words)
        }
        let name = Delivery.name(job.id, isFile: isFile)
        let kept: Delivery? = try await desk.book.read(DocumentKey(Delivery.collection, name))
        if let kept, kept.phase != .failed {
            let isKnown = [.following, .sent].contains(kept.phase)
            return try await desk.acknowledge(
                query,
                isKnown ? voice.say("It is on its way.") : voice.say("I am not sure that the result reached you."))
        }
        var delivery = Delivery(
            job: job.id, chat: place.chat, isGroup: place.isGroup, thread: place.thread, user: place.user,
            replyTo: place.replyTo, status: nil, language: voice.language.rawValue)
        delivery.isFile = isFile
        try await begin(delivery)
        try await desk.acknowledge(query, voice.say("It is on its way."))
    }

    /// Whether a result came is known now.
    private func settle(
        _ name: String, _ verb: Verb, _ query: String, _ place: Place, _ voice: Voice
    ) async throws {
        let kept: Delivery? = try await desk.book.read(DocumentKey(Delivery.collection, name))
        guard let delivery = kept, delivery.phase == .asking else {
            let isComing = kept.map { $0.phase != .failed } ?? false
            try await desk.acknowledge(
                query, isComing ? voice.say("It is on its way.") : voice.say("This button does nothing any more."))
            return
        }
        if entries[name] == nil { entries[name] = Entry(delivery: delivery) }
        if verb == .here {
            try await desk.acknowledge(query, "👍")
            try await update(name) { $0.phase = .sent }
            return startEnding(name)
        }
        try await update(name) { $0.phase = .following }
        startEnding(name)
        try await desk.acknowledge(query, voice.say("It is on its way."))
    }
}
