// One answer of the bot: what was said, where the person stood before, and where he stands then.

internal import Errors
internal import Foundation
internal import JobQueue
internal import Logging
internal import Services
internal import TelegramAPI
internal import Words

/// The answer to one event. Its functions are in the other `Turn+….swift`.
struct Turn {
    let dialogue: Dialogue
    let event: Event
    let key: SessionKey
    let update: Int64
    var session: Session
    var person: Person
    /// Whether the step's message was sent in this turn.
    var isFresh = false

    init(dialogue: Dialogue, event: Event, key: SessionKey, update: Int64, session: Session, person: Person) {
        (self.dialogue, self.event, self.key, self.update) = (dialogue, event, key, update)
        (self.session, self.person) = (session, person)
    }

    var desk: BotDesk { dialogue.desk }
    var jobs: JobService { dialogue.desk.jobs }
    var place: Place { event.place }
    /// Where answers go: below what the person sent, also when a button was pressed since.
    var spot: Place {
        var spot = event.place
        if case .press = event.deed { spot.message = session.anchor ?? 0 }
        return spot
    }
    var owner: OwnerID { desk.owner(place.user) }
    var voice: Voice { desk.voice(person, place) }

    /// `sentence` in the person's language.
    func say(_ sentence: String) -> String { voice.say(sentence) }

    /// Does what was asked and shows what comes next.
    mutating func answer() async throws {
        // What was asked is done already; only what is shown then was not.
        if session.unshown == update { return try await show() }
        switch event.deed {
        case .command(let name, let arguments): try await command(name, arguments)
        case .text(let text): try await said(text)
        case .file(let file, let caption, _): try await files([file], caption: caption)
        case .album(let files, let caption): try await self.files(files, caption: caption)
        case .press(let data, let query): try await press(data, query)
        case .edited(let text):
            // A moment that was mistyped and put right; everything else was answered when it came.
            if session.step == .frame, MomentAnswer(text) != nil { try await moment(text) }
        case .joined: if place.isGroup { try await welcome() }
        case .left, .moved: break
        }
    }

    private mutating func command(_ name: String, _ arguments: String) async throws {
        switch name {
        case "start":
            try await drop()
            try await advance(greets: true)
        case "mode":
            let name = arguments.lowercased()
            if name.isEmpty {
                session.mode = nil
            } else {
                try await choose(mode: name)
            }
            try await advance()
        case "reset":
            try await drop()
            try await inform([say("I have forgotten what you sent. Let's begin again.")])
            try await advance()
        case "same":
            try await same()
        default:
            if try await dialogue.admin.answer(name, arguments, place: place, voice: voice) { return }
            if try await dialogue.account.answer(name, arguments, place: place, voice: voice) { return }
            try await inform([
                say("There is no command /\(name.clipped(to: 32))."), say("Write /info to see what I can do."),
            ])
        }
    }

    /// What is written: a moment, a mode's name, or a call for the bot.
    private mutating func said(_ text: String) async throws {
        if session.step == .frame, session.menu != nil, !text.isEmpty { return try await moment(text) }
        if Mode.named(text.lowercased()) != nil { try await choose(mode: text.lowercased()) }
        if let file = event.answered, event.answeredMessage != session.menu, file.isPicture || file.isVideo {
            try await take(target: file)
        }
        try await advance()
    }

    private mutating func press(_ data: String, _ query: String) async throws {
        let parts = data.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let argument = parts.count == 2 ? parts[1] : ""
        switch parts[0] {
        case "job": return try await dialogue.deliveries.press(data, query: query, place: place, voice: voice)
        case "my": return try await dialogue.account.press(data, query: query, place: place, voice: voice)
        case "adm": return try await dialogue.admin.press(data, query: query, place: place, voice: voice)
        case "agree": return try await agree(query)
        // These hold on every message, for whoever presses them.
        case "mode":
            try await desk.acknowledge(query)
            try await choose(mode: argument)
            return try await advance()
        case "same":
            try await desk.acknowledge(query)
            return try await same()
        default: break
        }
        guard session.menu == place.message else {
            let mine = place.isGroup ? "This button is old or somebody else's." : "This button is old."
            return try await desk.acknowledge(
                query, "\(say(mine)) \(say("Write /start for new ones."))", isAlert: true)
        }
        switch parts[0] {
        case "go": return try await go(query)
        case "flip":
            try await desk.acknowledge(query)
            try await flip()
        case "modes":
            try await desk.acknowledge(query)
            session.step = .mode
            try await saveDone()
            return try await show()
        case "moment":
            try await desk.acknowledge(query)
            session.hasMoment = false
            session.isStraight = false
        case "people":
            try await desk.acknowledge(query)
            session.hasFaces = false
            session.isStraight = false
        case "skip", "use":
            try await desk.acknowledge(query)
            session.hasMoment = true
            if parts[0] == "skip" {
                (session.referenceTime, session.targetFaces) = (nil, nil)
                session.map = nil
            }
        case "f": return try await pressFace(argument, query)
        case "drop":
            try await desk.acknowledge(query, say("Forgotten."))
            try await drop()
            // In a group, files count again once the bot is spoken to.
            if place.isGroup { session.touchedAt = nil }
        default: return try await desk.acknowledge(query, say("This button is old."))
        }
        try await advance()
    }

    /// The person states that he may use the faces.
    private mutating func agree(_ query: String) async throws {
        try await desk.acknowledge(query, say("Thank you."))
        let now = desk.now()
        person = try await desk.book.change(place.user) { $0.agreedAt = $0.agreedAt ?? now }
        if session.menu == place.message, !session.isMenuText { session.menu = nil }
        let waiting = session.waiting
        session.waiting = []
        if !waiting.isEmpty { return try await files(waiting, caption: "") }
        try await advance()
    }

    /// The bot came into a group.
    private mutating func welcome() async throws {
        let modes = await jobs.modes()
        let screen = Screen(
            [
                say("Hello! I put the face of a photo into another photo or a video."),
                say(
                    "Choose a mode, or send two photos, or a photo and a video, as one album with @\(botName) below it."
                ),
            ], modeRows(modes.filter(\.isAvailable)))
        try await desk.say(screen, to: place)
    }

    var botName: String { desk.me.username ?? "" }

    /// Says something besides the step's own message, once: kept before it is sent, so that it is not said again when
    /// nobody knows whether it came, or the program ends in between.
    mutating func inform(_ lines: [String]) async throws {
        let screen = Screen(lines)
        if session.remarks?.update != update { session.remarks = Session.Remarks(update: update) }
        guard session.remarks?.texts.contains(screen.text) == false else { return }
        session.remarks?.texts.append(screen.text)
        try await saveRemarks()
        do { try await desk.say(screen, to: spot) } catch let error as BotAPIError {
            if error.reason == .uncertain {
                desk.log.info("A remark may have come.", metadata: ["error": "\(error)"])
                return
            }
            // It certainly did not come.
            session.remarks?.texts.removeLast()
            try await saveRemarks()
            throw error
        }
    }

    /// The rest is saved when it is done, so that it can be begun again.
    private func saveRemarks() async throws {
        var stored = try await desk.book.session(key)
        stored.remarks = session.remarks
        try await desk.book.save(stored, key)
    }

    /// Tells a failure as its sentence and what to do about it.
    mutating func tell(_ error: MasqueError) async throws {
        try await inform(words(of: error))
    }

    /// A failure's sentence and advice. What is wrong with the server is told to the log; the person can't mend it.
    func words(of error: MasqueError) -> [String] {
        switch error.code {
        case .failed, .missingModel, .damagedModel, .outOfSpace:
            desk.log.error("The bot cannot do what was asked.", metadata: ["error": "\(error)"])
            return [
                say("I can't do that just now: something is wrong with my server."),
                say("Try again later, or tell whoever runs this bot."),
            ]
        default: return voice.lines(of: error)
        }
    }

    /// Saves what was done before it is shown.
    mutating func saveDone() async throws {
        session.unshown = update
        try await desk.book.save(session, key)
    }
}
