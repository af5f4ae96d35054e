// The last question before a swap, and its beginning.

internal import Errors
internal import Foundation
internal import JobQueue
internal import Services
internal import TelegramAPI
internal import Words

extension Turn {
    func confirmScreen() async throws -> Screen {
        let isVideo = session.target?.isVideo == true
        let facts = await jobs.modes().first { $0.mode.name == session.mode }
        // Which models that are, the operator is told elsewhere.
        let isBuiltIn = facts.map { $0.uses == "mesh" && $0.mode.swapper != "mesh" } ?? false
        var lines = [modeLine, isBuiltIn ? "ℹ️ " + say("This server makes it with its built-in swap.") : nil]
        if isVideo {
            lines.append(say("The face of the photo goes into the video."))
        } else {
            lines.append(
                session.isFlipped
                    ? say("The face of the second photo goes into the first.")
                    : say("The face of the first photo goes into the second."))
        }
        if let words = choiceWords { lines.append(words) }
        lines.append(say("Shall I begin?"))
        var rows: [[InlineKeyboard.Button]] = [[.init("✅ " + say("Begin"), data: "go")]]
        if session.target?.isPicture == true {
            rows.append([.init("🔀 " + say("The other way round"), data: "flip")])
        }
        if isChoice, !isVideo || (session.hasMoment && session.referenceTime != nil) {
            rows.append([.init("👥 " + say("Who becomes whom"), data: "people")])
        }
        if isVideo, !place.isGroup { rows.append([.init("🎞 " + say("Choose a moment"), data: "moment")]) }
        rows.append([.init("⚙️ " + say("Other mode"), data: "modes"), cancelButton])
        return Screen(lines, rows)
    }

    /// What was chosen of moments and faces.
    private var choiceWords: String? {
        if let map = session.map, !map.isEmpty {
            if (session.targetFaces ?? 1) <= 1 { return say("Face \((map[0] ?? 0) + 1) of photo 1 is put in.") }
            let pairs = map.sorted { $0.key < $1.key }
            let text =
                (session.sourceFaces ?? 1) > 1
                ? pairs.map { "\($0.key + 1) ← \($0.value + 1)" }.joined(separator: ", ")
                : pairs.map { "\($0.key + 1)" }.joined(separator: ", ")
            return say("Who gets a face: \(text).")
        }
        if session.hasMoment, let time = session.referenceTime { return say("Moment: \(clockText(time)).") }
        return nil
    }

    /// Puts the draft in the queue. Doing it twice does it once.
    mutating func go(_ query: String) async throws {
        guard person.agreedAt != nil else {
            try await desk.acknowledge(query)
            return try await advance()
        }
        guard session.step == .confirm, let id = session.draft, let mode = session.mode,
            let source = session.source
        else {
            return try await desk.acknowledge(query, say("This button is old."))
        }
        guard let draft = try? await jobs.job(id, owner: owner) else {
            try await desk.acknowledge(query)
            try await drop()
            throw Self.lost
        }
        // Otherwise it is in the queue already, and the program ended before that was written down here.
        if draft.state == .draft {
            let limits = StartLimits(desk: desk)
            if case .refused(let words) = try await limits.take(id.rawValue, place: place, voice: voice) {
                return try await desk.acknowledge(query, words, isAlert: true)
            }
            do { try await submit(id, mode, source, query) } catch {
                // It may be in the queue all the same, when the failure came after it.
                if (try? await jobs.job(id, owner: owner))?.state ?? .draft == .draft {
                    try await limits.giveBack(id.rawValue, place: place)
                }
                throw error
            }
        } else {
            try await desk.acknowledge(query, say("It begins."))
        }
        session.clear()
    }

    private mutating func submit(_ id: JobID, _ mode: String, _ source: HeldFile, _ query: String) async throws {
        try await desk.acknowledge(query, say("It begins."))
        var options = JobOptions()
        (options.map, options.referenceTime) = (session.map, session.referenceTime)
        _ = try await jobs.update(id, mode: mode, options: options, owner: owner)
        var delivery = Delivery(
            job: id, chat: place.chat, isGroup: place.isGroup, thread: place.thread, user: place.user,
            replyTo: spot.replyTo, status: session.menu, language: voice.language.rawValue)
        if !session.isMenuText { delivery.status = nil }
        // Before it is submitted, so that no result is without somebody who waits for it.
        try await dialogue.deliveries.begin(delivery)
        // Before it is, too: a face that is refused is forgotten by its job.
        person = try await desk.book.change(place.user) { person in
            // Who was forgotten meanwhile stays so.
            guard person.agreedAt != nil else { return }
            (person.lastSource, person.lastMode, person.lastJob) = (source, mode, id.rawValue)
        }
        _ = try await jobs.submit(id, owner: owner)
    }
}
