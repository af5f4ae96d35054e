// Which step comes next, and what is shown for it.

internal import Errors
internal import Foundation
internal import JobQueue
internal import Logging
internal import Services
internal import TelegramAPI
internal import Words

extension Turn {
    /// Goes on to the first thing that is missing and shows it.
    ///
    /// - Parameter greets: whether the bot says who it is before.
    mutating func advance(greets: Bool = false) async throws {
        var remarks: [String] = []
        if greets { remarks.append(say("Hello! I put the face of a photo into another photo or a video.")) }
        guard person.agreedAt != nil else {
            session.step = .terms
            try await saveDone()
            return try await show(remarks)
        }
        do {
            if session.mode == nil, session.source != nil, let target = session.target {
                session.mode = try await preferredMode(target.isVideo ? .video : .image).name
            }
            try await receiving()
            try await fill()
        } catch let error as MasqueError {
            remarks += words(of: error)
        }
        session.step = next()
        try await saveDone()
        try await show(remarks)
    }

    private func next() -> Step {
        guard let mode = session.chosen else { return .mode }
        if let target = session.target, !mode.takes(target) { return .mode }
        if session.source == nil { return .source }
        if session.target == nil { return .target }
        if session.isStraight { return .confirm }
        if mode.lane == .video {
            // In groups the moment is never asked for.
            if place.isGroup { return .confirm }
            if !session.hasMoment { return .frame }
        }
        if !session.hasFaces, isChoice { return .faces }
        return .confirm
    }

    /// Whether it can be chosen who becomes whom.
    var isChoice: Bool {
        guard let targets = session.targetFaces, let sources = session.sourceFaces else { return false }
        return targets > 1 || sources > 1
    }

    /// Says at once that a video came, because fetching it and looking at it takes a while.
    private mutating func receiving() async throws {
        guard let target = session.target, target.isVideo, session.targetIn != target.uniqueID,
            session.chosen?.lane != .image
        else { return }
        try await put(Screen(say("Receiving the video…")), isNew: true)
    }

    // MARK: Showing

    /// Shows the step, after what else there is to say.
    mutating func show(_ remarks: [String] = []) async throws {
        do { try await showStep(remarks) } catch let error as MasqueError where error.code == .refusedContent {
            // Another file is needed in its place; otherwise it was a moment that somebody chose, and another one is.
            let step = next()
            guard step != session.step else { throw error }
            session.step = step
            try await saveDone()
            try await showStep(remarks + words(of: error))
        }
    }

    private mutating func showStep(_ remarks: [String]) async throws {
        switch session.step {
        case .frame:
            do { if try await showMoment(remarks) { return } } catch let error as MasqueError
                where session.referenceTime == nil
            {
                // Not even the first look at the video works; another one is needed.
                (session.target, session.targetIn) = (nil, nil)
                forgetAnswers()
                session.step = next()
                try await saveDone()
                return try await show(remarks + words(of: error))
            }
            // The picture of it cannot be made; the question can be passed over.
            session.hasMoment = true
            session.step = next()
            return try await show(remarks)
        case .faces:
            if try await showFaces(remarks) { return }
            session.hasFaces = true
            session.step = .confirm
            return try await show(remarks)
        default:
            var screen = try await screen()
            if !remarks.isEmpty { screen.text = remarks.joined(separator: "\n") + "\n\n" + screen.text }
            try await put(screen)
        }
    }

    private func screen() async throws -> Screen {
        switch session.step {
        case .terms: return terms
        case .mode: return await modeScreen()
        case .source: return sourceScreen
        case .target: return targetScreen
        case .frame, .faces, .confirm: return try await confirmScreen()
        }
    }

    /// Shows a text with buttons: in the message that was pressed or shown last, where nothing came below it; else in a
    /// new one, and the old one's buttons go.
    mutating func put(_ screen: Screen, isNew: Bool = false) async throws {
        if let menu = session.menu, session.isMenuText, !isNew, isLast(menu),
            try await desk.change(menu, in: place.chat, to: screen)
        {
            return
        }
        let old = session.menu
        session.menu = try await desk.say(screen, to: spot)
        session.isMenuText = true
        isFresh = true
        try await saveShown(isLast: !isNew)
        if let old { try await desk.disarm(old, in: place.chat) }
    }

    /// Keeps which message is there now, so that it is not sent again when something fails after it.
    /// - Parameter isLast: whether nothing more is to be shown in this turn.
    private mutating func saveShown(isLast: Bool) async throws {
        if isLast {
            session.unshown = nil
            session.note(update: update)
            return try await desk.book.save(session, key)
        }
        // The rest is saved when it is done, so that it can be begun again.
        var stored = try await desk.book.session(key)
        (stored.menu, stored.isMenuText) = (session.menu, session.isMenuText)
        try await desk.book.save(stored, key)
    }

    /// Whether a message is still the last one of the two.
    private func isLast(_ message: Int) -> Bool {
        if isFresh { return true }
        if case .press = event.deed { return place.message == message }
        return false
    }

    /// Shows a picture with buttons as the step's message.
    mutating func put(picture: InputFile, _ screen: Screen) async throws {
        let old = session.menu, wasText = session.isMenuText, wasFresh = isFresh
        await desk.show(.uploadPhoto, in: place)
        session.menu = try await desk.api.call(
            SendPhoto(
                to: place.chat, picture,
                MediaOptions(
                    caption: screen.text.clipped(to: 1024), thread: place.thread, replyTo: spot.replyTo,
                    buttons: screen.keyboard))
        ).messageID
        session.isMenuText = false
        try await saveShown(isLast: true)
        guard let old else { return }
        // “Receiving the video…” is over.
        if wasText, wasFresh {
            // It says nothing wrong where it stays.
            do { try await desk.remove(old, in: place.chat) } catch let error as BotAPIError {
                desk.log.info("An old message stays.", metadata: ["error": "\(error)"])
            }
        } else {
            try await desk.disarm(old, in: place.chat)
        }
    }

    // MARK: Screens

    private var terms: Screen {
        Screen(
            [
                say("Before we begin: use only faces that you may use."),
                say("These are your own, those of people who agreed, and pictures that are free to be changed."),
                say("What I make carries a mark that a machine made it. I don't work on sexual pictures."),
            ],
            [[.init("✅ " + say("I may use the faces that I send"), data: "agree")]])
    }

    private func modeScreen() async -> Screen {
        let modes = await jobs.modes().filter(\.isAvailable)
        guard let target = session.target else {
            let ask = session.source == nil ? say("What shall I make?") : say("What shall the face go into?")
            return Screen(ask, modeRows(modes) + (session.isEmpty ? [] : [cancelRow]))
        }
        // Only what goes with the target that is here.
        let fitting = modes.filter { $0.mode.takes(target) }
        let words =
            target.isVideo
            ? say("That is a video. Choose a mode for videos:") : say("That is a photo. Choose a mode for photos:")
        let isMistake = session.chosen?.takes(target) == false
        return Screen(
            isMistake ? words : say("What shall I make?"), modeRows(fitting) + [cancelRow])
    }

    private var sourceScreen: Screen {
        var rows: [[InlineKeyboard.Button]] = []
        if person.lastSource != nil { rows.append([.init("🔁 " + say("Same face again"), data: "same")]) }
        return Screen(
            [modeLine, say("Send photo 1: the one with the face that is put in.")],
            rows + [cancelRow])
    }

    private var targetScreen: Screen {
        let rules = jobs.rules
        let isVideo = session.chosen?.lane == .video
        let bytes = max(1, min(rules.maxJobVideoBytes, Int64(desk.api.server.downloadLimit)) / 1_000_000)
        let length = voice.length(seconds: rules.maxJobVideoSeconds)
        return Screen(
            [
                modeLine,
                isVideo
                    ? say("Now send the video that the face goes into: at most \(bytes) MB and \(length).")
                    : say("Now send photo 2: the one that the face goes into."),
            ], [cancelRow])
    }

    /// The mode by its name on the buttons.
    var modeLine: String? { session.mode.map { voice.title(ofMode: $0) } }

    var cancelRow: [InlineKeyboard.Button] { [cancelButton] }
    var cancelButton: InlineKeyboard.Button { .init("✖️ " + say("Cancel"), data: "drop") }

    /// Buttons of modes, the contract's first. The built-in ones are offered beside them where they are something else.
    func modeRows(_ modes: [ModeFacts]) -> [[InlineKeyboard.Button]] {
        let contract = ["photo_video_fast", "photo_video_quality", "photo_photo_gpen", "photo_photo_codeformer"]
        let offered = contract.compactMap { name in modes.first { $0.mode.name == name } }
        let own = modes.filter { facts in
            facts.mode.swapper == "mesh"
                && !offered.contains { $0.mode.lane == facts.mode.lane && $0.uses == "mesh" }
        }
        return (offered + own).map { [.init(voice.title(ofMode: $0.mode.name), data: "mode:\($0.mode.name)")] }
    }
}
