// What is chosen: a mode, a moment of a video, who becomes whom.

internal import Errors
internal import Foundation
internal import JobQueue
internal import Services
internal import TelegramAPI
internal import Words
internal import WorkerProtocol

extension Turn {
    /// At most so many faces get buttons.
    static let mostFaces = 10

    /// - Throws: ``MasqueError`` when there is no such mode.
    mutating func choose(mode name: String) async throws {
        guard let mode = Mode.named(name) else {
            throw MasqueError(
                .badInput, "There is no mode “\(name.clipped(to: 60))”.",
                advice: "Use one of \(Mode.all.map(\.name).joined(separator: ", ")).")
        }
        guard let facts = await jobs.modes().first(where: { $0.mode == mode }), facts.isAvailable else {
            throw MasqueError(
                .unavailable, "This mode can't run here now.",
                advice: "Choose another one, or write to whoever runs this bot.")
        }
        session.mode = mode.name
        // What goes into a target of the other kind is asked for again.
        if let target = session.target, session.step == .confirm, !mode.takes(target) {
            session.target = nil
            forgetAnswers()
        }
    }

    /// The source of the swap before, in its mode.
    mutating func same() async throws {
        guard let source = person.lastSource else {
            return try await inform([say("I have no earlier face of yours."), say("Write /start and send photo 1.")])
        }
        let target = session.source == nil ? session.target : nil
        let mode = session.mode
        if target == nil { try await drop() }
        session.source = source
        session.mode = mode ?? (target == nil ? person.lastMode : nil)
        try await advance()
    }

    /// Exchanges the two photos.
    mutating func flip() async throws {
        guard let source = session.source, let target = session.target, target.isPicture else { return }
        let (isStraight, isFlipped) = (session.isStraight, session.isFlipped)
        try await clearFiles()
        (session.source, session.target) = (target, source)
        (session.isStraight, session.isFlipped) = (isStraight, !isFlipped)
    }

    // MARK: The moment

    /// A moment was written.
    mutating func moment(_ text: String) async throws {
        guard let answer = MomentAnswer(text), let time = answer.time(framesPerSecond: session.framesPerSecond) else {
            return try await inform([
                say("I don't understand “\(text.clipped(to: 40))” as a moment of the video."),
                say("Write a frame number such as 300, a time such as 0:12, or 12.5 for seconds; or press “Skip”."),
            ])
        }
        if let duration = session.duration, time > duration {
            return try await inform([
                say("The video ends at \(clockText(duration))."), say("Write an earlier moment, or press “Skip”."),
            ])
        }
        let before = session.referenceTime
        session.referenceTime = time
        session.step = .frame
        try await saveDone()
        do { try await show() } catch let error as MasqueError {
            // What is on the screen holds on.
            session.referenceTime = before
            throw error
        }
    }

    /// Shows the chosen moment with the faces that are in it.
    /// - Returns: false when its picture cannot be made.
    mutating func showMoment(_ remarks: [String]) async throws -> Bool {
        let asked = session.referenceTime
        return try await preview(.target, time: asked) { turn, facts, picture in
            let time = facts.frameTime ?? asked ?? 0
            turn.session.referenceTime = time
            turn.session.targetFaces = facts.faces?.count ?? 0
            turn.session.map = nil
            let frame = turn.session.framesPerSecond.map { Int((time * $0).rounded()) }
            let count = facts.faces?.count ?? 0
            let lines =
                remarks + [
                    turn.say(
                        "At which moment do we see who gets the face? This is \(clockText(time)), frame \(frame ?? 0)."),
                    count == 0
                        ? turn.say("I see no face here.") : turn.say("Faces that I see here: \(count)."),
                    turn.say(
                        "Write a frame number such as 300, a time such as 0:12, or 12.5 for seconds; or press “Skip”."),
                ]
            var rows: [[InlineKeyboard.Button]] = [[.init("⏭ " + turn.say("Skip"), data: "skip")]]
            if count > 0 { rows[0].insert(.init("✅ " + turn.say("This moment"), data: "use"), at: 0) }
            rows.append(turn.cancelRow)
            try await turn.put(picture: picture, Screen(lines, rows))
        }
    }

    // MARK: Faces

    /// Shows who is on the picture, with buttons to choose.
    /// - Returns: false when there is nothing to choose, or the picture cannot be made.
    mutating func showFaces(_ remarks: [String]) async throws -> Bool {
        guard isChoice, let sources = session.sourceFaces, let targets = session.targetFaces else { return false }
        if targets <= 1 {
            // One face of several goes in.
            return try await preview(.source, time: nil) { turn, _, picture in
                let numbers = (0..<min(sources, Self.mostFaces)).map {
                    InlineKeyboard.Button("\($0 + 1)", data: "f:s\($0)")
                }
                let screen = Screen(
                    remarks + [turn.say("Photo 1 shows \(sources) faces. Which one is put in?")],
                    numbers.inRows(of: 5) + [turn.cancelRow])
                try await turn.put(picture: picture, screen)
            }
        }
        if session.map == nil { session.map = [0: 0] }
        if sources > 1 {
            let isShown = try await preview(.source, time: nil) { turn, _, picture in
                try await turn.desk.api.call(
                    SendPhoto(
                        to: turn.place.chat, picture,
                        MediaOptions(caption: turn.say("The faces of photo 1"), thread: turn.place.thread)))
            }
            guard isShown else { return false }
        }
        return try await preview(.target, time: session.referenceTime) { turn, _, picture in
            try await turn.put(picture: picture, Screen(remarks + [turn.faceWords], turn.faceRows))
        }
    }

    private var faceWords: String {
        (session.sourceFaces ?? 1) > 1
            ? say("Who becomes whom? “1 ← 2” gives person 1 here the face 2 of photo 1. Press to change it.")
            : say("Who gets the face? Press the numbers, then “Go on”.")
    }

    private var faceRows: [[InlineKeyboard.Button]] {
        let sources = session.sourceFaces ?? 1
        let targets = min(session.targetFaces ?? 1, Self.mostFaces)
        let map = session.map ?? [:]
        let buttons = (0..<targets).map { face -> InlineKeyboard.Button in
            let chosen = map[face]
            let label =
                sources > 1
                ? "\(face + 1) ← \(chosen.map { "\($0 + 1)" } ?? "–")" : "\(chosen == nil ? "▫️" : "✅") \(face + 1)"
            return .init(label, data: "f:\(face)")
        }
        return buttons.inRows(of: sources > 1 ? 3 : 5) + [
            [.init(say("All of them"), data: "f:all"), .init("➡️ " + say("Go on"), data: "f:done")],
            cancelRow,
        ]
    }

    /// A button of the choice was pressed.
    mutating func pressFace(_ argument: String, _ query: String) async throws {
        let sources = min(session.sourceFaces ?? 1, Self.mostFaces)
        let targets = min(session.targetFaces ?? 1, Self.mostFaces)
        var map = session.map ?? [:]
        switch argument {
        case "done":
            guard !map.isEmpty else {
                return try await desk.acknowledge(query, say("Choose at least one person."), isAlert: true)
            }
            try await desk.acknowledge(query)
            session.hasFaces = true
            return try await advance()
        case "all":
            map = Dictionary(uniqueKeysWithValues: (0..<targets).map { ($0, sources > 1 ? $0 % sources : 0) })
        case _ where argument.hasPrefix("s"):
            guard let face = Int(argument.dropFirst()), (0..<sources).contains(face) else { break }
            try await desk.acknowledge(query)
            (session.map, session.hasFaces) = ([0: face], true)
            return try await advance()
        default:
            guard let face = Int(argument), (0..<targets).contains(face) else { break }
            let next = map[face].map { $0 + 1 } ?? 0
            map[face] = next < sources ? next : nil
        }
        try await desk.acknowledge(query)
        guard map != session.map else { return }
        session.map = map
        try await saveDone()
        guard let menu = session.menu else { return }
        do {
            try await desk.api.call(EditMessageReplyMarkup(in: place.chat, menu, buttons: InlineKeyboard(faceRows)))
        } catch let error as BotAPIError where [.notModified, .noMessage].contains(error.reason) {}
    }

    /// Has the faces of an input numbered on a picture and does something with that.
    /// - Returns: false when there is no picture.
    private mutating func preview(
        _ role: InputRole, time: Double?,
        _ body: (inout Turn, MediaFacts, InputFile) async throws -> Void
    ) async throws -> Bool {
        guard let id = session.draft else { throw Self.lost }
        return try await desk.withFolder { folder in
            let facts = try await look(at: role, of: id, time: time, folder: folder)
            let names = ["numbered.jpg", "frame.jpg"].map { "\(folder)/\($0)" }
            guard let path = names.first(where: FileManager.default.fileExists) else { return false }
            let upload = Upload(
                part: "picture", fileName: "faces.jpg", type: "image/jpeg", content: .file(URL(fileURLWithPath: path)))
            try await body(&self, facts, .upload(upload))
            return true
        }
    }
}
