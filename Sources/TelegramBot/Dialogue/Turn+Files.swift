// Files on their way into a draft: which is which, whether they can be used, and who is on them.

internal import BlobStore
internal import Errors
internal import Foundation
internal import JobQueue
internal import Services
internal import TelegramAPI

extension Turn {
    /// One file or an album was sent.
    mutating func files(_ files: [HeldFile], caption: String) async throws {
        if let name = caption.split(separator: " ").map({ $0.lowercased() }).first(where: { Mode.named($0) != nil }) {
            try await choose(mode: name)
        }
        var usable: [HeldFile] = []
        for file in files {
            if let words = refusal(of: file) { try await inform(words) } else { usable.append(file) }
        }
        guard !usable.isEmpty else { return }
        guard person.agreedAt != nil else {
            session.waiting = Array((session.waiting + usable).suffix(10))
            return try await advance()
        }
        if usable.count > 1 {
            guard try await take(album: usable) else { return }
        } else if let answered = event.answered, event.answeredMessage != session.menu, refusal(of: answered) == nil,
            usable[0].isPicture
        {
            try await clearFiles()
            (session.source, session.target, session.isStraight) = (usable[0], answered, true)
        } else {
            try await take(usable[0])
        }
        try await advance()
    }

    /// Finds source and target in an album: the first photo gives the face.
    /// - Returns: false when that cannot be, which was told.
    private mutating func take(album: [HeldFile]) async throws -> Bool {
        let pictures = album.filter(\.isPicture), videos = album.filter(\.isVideo)
        guard let source = pictures.first, let target = videos.first ?? pictures.dropFirst().first else {
            try await inform([
                say("An album needs a photo with a face, and a photo or a video that the face goes into."),
                say("Send photo 1 alone, or both in one album."),
            ])
            return false
        }
        if album.count > 2 {
            try await inform([say("I took two files of your album. Send the others afterwards, two at a time.")])
        }
        try await clearFiles()
        (session.source, session.target, session.isStraight) = (source, target, true)
        if session.chosen?.takes(target) == false { session.mode = nil }
        return true
    }

    /// Takes one file for what is missing.
    private mutating func take(_ file: HeldFile) async throws {
        if session.source == nil, file.isPicture {
            session.source = file
        } else if session.target == nil || session.source == nil || session.step == .target || session.step == .mode {
            // Where photo 1 is missing, it is a second video instead of it.
            try await take(target: file)
        } else {
            // Both are there: a new round begins with this one.
            let mode = session.mode
            try await drop()
            session.mode = mode
            if file.isPicture { session.source = file } else { try await take(target: file) }
        }
    }

    mutating func take(target: HeldFile) async throws {
        session.target = target
        session.targetIn = nil
        forgetAnswers()
        if session.chosen?.takes(target) == false, session.source == nil { session.mode = nil }
    }

    /// What was found and answered about the target before.
    mutating func forgetAnswers() {
        (session.targetFaces, session.map, session.referenceTime) = (nil, nil, nil)
        (session.framesPerSecond, session.duration) = (nil, nil)
        (session.hasMoment, session.hasFaces) = (false, false)
        (session.isStraight, session.isFlipped) = (false, false)
    }

    /// Why a file cannot be used, as far as Telegram's description tells; nil when it may be.
    private func refusal(of file: HeldFile) -> [String]? {
        switch file.kind {
        case .voice, .audio:
            return [say("I can't use a recording."), say("Send a photo or a video.")]
        case .sticker where file.mediaType == nil:
            return [say("I can't use an animated sticker."), say("Send a photo or a video.")]
        default: break
        }
        if file.isHEIC {
            return [
                say("This is a HEIC picture, which I can't read."),
                say("Send it as a photo instead of a file; your phone makes a JPEG of it."),
            ]
        }
        guard file.isPicture || file.isVideo else {
            return [say("This file is neither a photo nor a video."), say("Send a photo or a video.")]
        }
        let rules = jobs.rules
        if let seconds = file.duration, file.isVideo, Double(seconds) > rules.maxJobVideoSeconds + 1 {
            return [
                say("The video lasts \(seconds) seconds, but at most \(Int(rules.maxJobVideoSeconds)) are taken."),
                say("Cut it, or send the part that matters."),
            ]
        }
        guard let bytes = file.bytes else { return nil }
        let most = Int(file.isVideo ? rules.maxJobVideoBytes : rules.maxPictureBytes)
        if bytes > most {
            return [
                say("The file has \(bytes / 1_000_000) MB, but at most \(most / 1_000_000) MB are taken."),
                say("Send a smaller or shorter file."),
            ]
        }
        if bytes > desk.api.server.downloadLimit {
            return [
                say("The file has \(bytes / 1_000_000) MB, but Telegram gives bots at most 20 MB."),
                desk.rules.publicURL.map { say("Use the web page for it: \($0)") }
                    ?? say("Send a smaller or shorter file."),
            ]
        }
        return nil
    }

    // MARK: The draft

    /// Has the draft hold what the session holds.
    ///
    /// - Throws: ``MasqueError`` when a file cannot be used; it is out of the session then.
    mutating func fill() async throws {
        guard session.source != nil || session.target != nil else { return }
        let mode = try await draftMode()
        try await makeDraft(mode)
        if let source = session.source, session.sourceIn != source.uniqueID {
            do {
                try await give(source, as: .source)
                session.sourceIn = source.uniqueID
                session.sourceFaces = try await count(.source, time: nil)
            } catch let error as MasqueError {
                (session.source, session.sourceIn, session.sourceFaces) = (nil, nil, nil)
                throw error
            }
        }
        guard let target = session.target, mode.takes(target) else { return }
        if session.targetIn != target.uniqueID {
            do {
                let job = try await give(target, as: .target)
                session.targetIn = target.uniqueID
                let input = job.input(.target)
                (session.framesPerSecond, session.duration) = (input?.framesPerSecond, input?.duration)
                if mode.lane == .image { session.targetFaces = try await count(.target, time: nil) }
            } catch let error as MasqueError {
                (session.target, session.targetIn, session.targetFaces) = (nil, nil, nil)
                throw error
            }
        }
    }

    /// The mode of the draft: the chosen one; while none is, any that goes with the files.
    private func draftMode() async throws -> Mode {
        if let mode = session.chosen { return mode }
        let lane: Lane = session.target?.isVideo == true ? .video : .image
        return try await preferredMode(lane)
    }

    /// The mode that the person took last, or the first that can run.
    func preferredMode(_ lane: Lane) async throws -> Mode {
        let modes = await jobs.modes().filter { $0.isAvailable && $0.mode.lane == lane }
        let last = modes.first { $0.mode.name == person.lastMode }
        let offered = modes.first { $0.mode.swapper != "mesh" } ?? modes.first
        guard let found = last ?? offered else {
            throw MasqueError(.unavailable, "No mode can run here now.", advice: "Tell whoever runs this bot.")
        }
        return found.mode
    }

    private mutating func makeDraft(_ mode: Mode) async throws {
        if let id = session.draft {
            do {
                // This is done at every step; written only where something changes.
                let job = try await jobs.job(id, owner: owner)
                if job.state != .draft || job.description.mode != mode.name {
                    _ = try await jobs.update(id, mode: mode.name, options: nil, owner: owner)
                }
                return
            } catch let error as MasqueError where [.notFound, .conflict].contains(error.code) {
                // Its time was over, or it holds a target of the other kind.
                try await deleteDraft()
            }
        }
        let made = try await jobs.create(mode: mode.name, owner: owner)
        session.job = made.job.id.rawValue
        (session.sourceIn, session.targetIn) = (nil, nil)
        // Known before files are in it. The rest is saved when it is done, so that it can be begun again.
        var stored = try await desk.book.session(key)
        stored.job = session.job
        (stored.sourceIn, stored.targetIn) = (nil, nil)
        try await desk.book.save(stored, key)
    }

    /// Deletes the draft; one that was submitted stays.
    mutating func deleteDraft() async throws {
        if let id = session.draft,
            let job = try? await jobs.job(id, owner: owner), job.state == .draft
        {
            try? await jobs.delete(id, owner: owner)
        }
        (session.job, session.sourceIn, session.targetIn) = (nil, nil, nil)
    }

    /// Forgets the files; the mode stays.
    mutating func clearFiles() async throws {
        try await deleteDraft()
        (session.source, session.target, session.sourceFaces) = (nil, nil, nil)
        forgetAnswers()
    }

    /// Forgets everything.
    mutating func drop() async throws {
        try await deleteDraft()
        let (menu, isText) = (session.menu, session.isMenuText)
        session.clear()
        // Shown anew in the same message where it is the one that was pressed.
        (session.menu, session.isMenuText) = (menu, isText)
    }

    /// Fetches a file from Telegram into the draft.
    @discardableResult
    private func give(_ file: HeldFile, as role: InputRole) async throws -> Job {
        guard let id = session.draft else { throw Turn.lost }
        let lane = try await jobs.job(id, owner: owner).description.lane
        let limit = Int(jobs.uploadLimit(role: role, lane: lane))
        try await jobs.checkRoom(byteCount: file.bytes.map { Int64($0) }, limit: Int64(limit))
        await desk.show(.typing, in: place)
        let path = try await jobs.blobs.newPart()
        do {
            try await desk.api.download(file.id, to: URL(fileURLWithPath: path), maxBytes: limit)
        } catch let error as BotAPIError {
            switch error.reason {
            case .wrongFile, .badRequest:
                throw MasqueError(
                    .notFound, "Telegram no longer has the file that you sent.", advice: "Send it again.", cause: error)
            case .tooLarge:
                throw MasqueError(
                    .tooLarge, "The file is larger than Telegram lets bots handle.",
                    advice: desk.rules.publicURL.map { "Use the web page for it: \($0)" }
                        ?? "Send a smaller or shorter file.", cause: error)
            // It was tried for a while; whoever sent it hears of it instead of waiting.
            case .unavailable, .uncertain, .strangeAnswer, .tooManyRequests:
                throw MasqueError(
                    .unavailable, "Telegram does not give me the file that you sent.",
                    advice: "Send it again in a minute.", cause: error)
            default: throw error
            }
        }
        let received: ReceivedFile
        do { received = try await ReceivedFile.onDisk(path, name: file.name) } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
        return try await jobs.accept(received, as: role, of: id, owner: owner)
    }

    static let lost = MasqueError(
        .notFound, "I no longer have what you sent.", advice: "Write /start and send it again.")
}
