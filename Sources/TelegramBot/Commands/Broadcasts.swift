// Sends a message to all people, one after the other, each at most once, also across restarts.

internal import Errors
internal import Foundation
internal import JobQueue
internal import Logging
internal import TelegramAPI
internal import Words

/// The broadcasts that are under way, one at a time. Before each message it is written down to whom it goes: whoever ends
/// in between goes on behind that person, who may then not have got it.
package actor Broadcasts {
    private let desk: BotDesk
    /// The one that is being sent; the one place where it changes.
    private var current: (id: String, broadcast: Broadcast)?
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    /// How long is waited when Telegram or the database cannot be reached.
    private let pause: Duration

    package init(desk: BotDesk, pause: Duration = .seconds(10)) {
        self.desk = desk
        self.pause = pause
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Sends what an earlier run left and what is begun, until the task is cancelled. Once per object.
    package func run() async throws {
        wake.yield()
        for await _ in wakes {
            while !Task.isCancelled {
                do {
                    guard let (id, broadcast) = try await running().first else { break }
                    current = (id, broadcast)
                    defer { current = nil }
                    try await send(id)
                } catch {
                    if Task.isCancelled || error is CancellationError { throw CancellationError() }
                    desk.log.error("A broadcast pauses.", metadata: ["error": "\(error)"])
                    try await Task.sleep(for: pause)
                }
            }
        }
    }

    // MARK: What administrators order

    /// Those that are to be sent, oldest first.
    func running() async throws -> [(id: String, broadcast: Broadcast)] {
        var found: [(id: String, broadcast: Broadcast)] = []
        try await desk.book.store.forEachDocument(in: Broadcast.collection, now: desk.now()) { document in
            if let broadcast = document.read(as: Broadcast.self), broadcast.state == .running {
                found.append((document.key.name, broadcast))
            }
        }
        return found.sorted { ($0.broadcast.createdAt, $0.id) < ($1.broadcast.createdAt, $1.id) }
    }

    /// How many people would get a message now.
    func audience() async throws -> Int {
        var count = 0
        try await desk.book.forEachPerson { _, person in if Self.isMeant(person) { count += 1 } }
        return count
    }

    func draft(_ text: String, chat: Int64, language: String) async throws -> String {
        let id = String(UInt64.random(in: 0 ... .max), radix: 36)
        let broadcast = Broadcast(text: text, chat: chat, language: language, createdAt: desk.now())
        try await save(broadcast, id)
        return id
    }

    func broadcast(_ id: String) async throws -> Broadcast? { try await desk.book.read(Broadcast.key(id)) }

    /// Begins to send a draft, of which the message with its buttons tells from now on.
    /// - Returns: false when it is no draft any more.
    func begin(_ id: String, message: Int) async throws -> Bool {
        guard let document = try await desk.book.store.document(Broadcast.key(id), now: desk.now()),
            var broadcast = document.read(as: Broadcast.self),
            broadcast.state == .draft
        else { return false }
        (broadcast.state, broadcast.message, broadcast.wanted) = (.running, message, try await audience())
        do { try await save(broadcast, id, version: document.version) } catch let error as MasqueError
            where error.code == .conflict
        { return false }
        await tell(id, broadcast)
        wake.yield()
        return true
    }

    /// - Returns: false when it is no draft any more.
    func drop(_ id: String) async throws -> Bool {
        guard try await broadcast(id)?.state == .draft else { return false }
        try await desk.book.store.change([.delete(Broadcast.key(id))], now: desk.now())
        return true
    }

    /// Stops one that is being sent or waits to be.
    /// - Returns: false when it is neither.
    func stop(_ id: String) async throws -> Bool {
        if current?.id == id {
            guard current?.broadcast.state == .running else { return false }
            current?.broadcast.state = .stopped
            if let broadcast = current?.broadcast { try await save(broadcast, id) }
            return true
        }
        guard var broadcast = try await broadcast(id), broadcast.state == .running else { return false }
        broadcast.state = .stopped
        try await save(broadcast, id)
        await tell(id, broadcast)
        return true
    }

    // MARK: Sending

    private static func isMeant(_ person: Person) -> Bool { person.isReachable && !person.isBanned }

    private func save(_ broadcast: Broadcast, _ id: String, version: Int64? = nil) async throws {
        try await desk.book.store.change(
            [
                .put(
                    Broadcast.key(id), text: try desk.book.text(broadcast), expiresAt: broadcast.expiry(desk.now()),
                    version: version)
            ], now: desk.now())
    }

    /// Changes the current one, durably.
    private func note(_ body: (inout Broadcast) -> Void) async throws {
        guard let id = current?.id else { return }
        if var broadcast = current?.broadcast {
            body(&broadcast)
            current?.broadcast = broadcast
            try await save(broadcast, id)
        }
    }

    private var isRunning: Bool { current?.broadcast.state == .running }

    /// Sends the current one to the end.
    private func send(_ id: String) async throws {
        if current?.broadcast.isSending == true {
            // The program ended in the middle of a message: it may have come.
            try await note { ($0.isSending, $0.unsure) = (false, $0.unsure + 1) }
        }
        var (told, shown) = (ContinuousClock.now, current?.broadcast.sent)
        while isRunning {
            let page = try await desk.book.people(after: current?.broadcast.last, limit: 200)
            if page.isEmpty {
                // Shown first: what is over is not looked at again after a restart.
                if isRunning { current?.broadcast.state = .done }
                break
            }
            for (name, person) in page where isRunning {
                guard let user = Int64(name), Self.isMeant(person) else { continue }
                try await send(to: user, name)
                // A chat takes a message a second: to show it more often would hold up the others.
                if ContinuousClock.now - told >= max(desk.rules.statusInterval, .seconds(2)), isRunning,
                    current?.broadcast.sent != shown
                {
                    shown = current?.broadcast.sent
                    await tell(id)
                    told = .now
                }
            }
            // People at the end of a page who are not meant need no turn of their own.
            if isRunning, let end = page.last?.name, end != current?.broadcast.last {
                try await note { $0.last = end }
            }
        }
        await tell(id)
        if let broadcast = current?.broadcast { try await save(broadcast, id) }
    }

    private func send(to user: Int64, _ name: String) async throws {
        guard let text = current?.broadcast.text else { return }
        while isRunning {
            let before = current?.broadcast.last
            try await note { ($0.last, $0.isSending) = (name, true) }
            guard isRunning else { return try await note { ($0.last, $0.isSending) = (before, false) } }
            do {
                try await desk.api.call(SendMessage(to: user, text))
                // Written down with the next one's turn, which spares half of the writing.
                return end { $0.sent += 1 }
            } catch let error as BotAPIError {
                switch error.reason {
                case .uncertain, .strangeAnswer: return end { $0.unsure += 1 }
                case .forbidden, .noChat:
                    end { $0.failed += 1 }
                    try await desk.book.setReachable(user, false)
                    return
                case .unavailable, .tooManyRequests, .unauthorized, .conflict:
                    // Certainly not sent, and the next one would fare no better.
                    try await note { ($0.last, $0.isSending) = (before, false) }
                    desk.log.notice("A broadcast waits for Telegram.", metadata: ["error": "\(error)"])
                    try await Task.sleep(for: pause)
                default: return end { $0.failed += 1 }
                }
            }
        }
    }

    private func end(_ body: (inout Broadcast) -> Void) {
        guard var broadcast = current?.broadcast else { return }
        broadcast.isSending = false
        body(&broadcast)
        current?.broadcast = broadcast
    }

    /// Shows the administrator how far the current one is. It is sent on whether he sees it or not.
    private func tell(_ id: String) async {
        if let broadcast = current?.broadcast { await tell(id, broadcast) }
    }

    private func tell(_ id: String, _ broadcast: Broadcast) async {
        guard let message = broadcast.message else { return }
        let screen = Self.screen(id, broadcast, desk.voice(broadcast.language))
        do { try await desk.change(message, in: broadcast.chat, to: screen) } catch {
            desk.log.debug("How far a broadcast is could not be shown.", metadata: ["error": "\(error)"])
        }
    }

    static func screen(_ id: String, _ broadcast: Broadcast, _ voice: Voice) -> Screen {
        let head =
            switch broadcast.state {
            case .draft, .running: voice.say("📣 Sending: \(broadcast.sent) of \(broadcast.wanted) people.")
            case .done: voice.say("✅ Sent to \(broadcast.sent) of \(broadcast.wanted) people.")
            case .stopped: voice.say("✖️ Stopped. It was sent to \(broadcast.sent) of \(broadcast.wanted) people.")
            }
        var lines = [head]
        if broadcast.failed > 0 { lines.append(voice.say("Could not be reached: \(broadcast.failed).")) }
        if broadcast.unsure > 0 {
            lines.append(voice.say("Not known whether it came, and not sent again: \(broadcast.unsure)."))
        }
        let isOn = broadcast.state == .running
        return Screen(lines, isOn ? [[.init(voice.say("✖️ Stop"), data: "adm:stop:\(id)")]] : [])
    }
}
