// Hands events to those who answer them: one after the other for a person in a chat, side by side for all others.

internal import Errors
package import Logging
package import TelegramAPI

/// The queue between the inbox and the dialogue.
///
/// An album is one event once all its parts are there. An update is done in the inbox only when its event was answered,
/// so what ends in between is answered after the next start. Memory is bounded: by the limits of each person's line, and
/// by ``hasRoom``, which those who bring updates must ask first.
package actor Dispatcher {
    /// Limits and times.
    package struct Settings: Sendable {
        /// How many events are answered at once. Most of them wait for Telegram's limits or a media process; as many people
        /// can press buttons meanwhile and hear that it was taken, which Telegram wants within seconds.
        package var atOnce = 512
        /// How many may wait in all before no more should be brought.
        package var mostWaiting = 2_000
        /// How long an album is waited for after its latest part.
        package var albumWait = Duration.milliseconds(1200)
        /// Between attempts to answer when Telegram cannot be reached.
        package var pauses: [Duration] = [.seconds(2), .seconds(10), .seconds(30)]
        package var now: @Sendable () -> ContinuousClock.Instant = { .now }
        /// Waits; must throw when it is cancelled.
        package var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
        package init() {}
    }

    private enum Start: Sendable {
        /// The first of a line is answered.
        case answer(SessionKey)
        /// The rest of an album is waited for.
        case gather(SessionKey, album: String)
    }

    private let inbox: UpdateInbox
    private let bot: User
    private let settings: Settings
    private let limits: WaitingLine.Limits
    private let answering: Answering
    private let excuse: @Sendable (Place) async throws -> Void
    private let log: Logger
    private let starts: AsyncStream<Start>
    private let start: AsyncStream<Start>.Continuation
    private var lines: [SessionKey: WaitingLine] = [:]
    /// Whose turn comes, next one first; those before `turn` have had it.
    private var turns: [SessionKey] = []
    private var turn = 0
    private var running = 0
    private var waiting = 0
    private var isPaused: Bool
    private var isStopping = false

    /// - Parameters:
    ///   - isPaused: whether nothing is answered until ``resume()``.
    ///   - onMove: a group has a new id; nil: ``BotBook/moveGroup(_:to:)``.
    ///   - excuse: tells somebody that messages were left out because they were too many.
    ///   - handle: answers an event, with its update's id (of an album the last part's).
    package init(
        inbox: UpdateInbox, bot: User, book: BotBook, settings: Settings = Settings(), isPaused: Bool = false,
        log: Logger, onMove: (@Sendable (_ old: Int64, _ new: Int64) async throws -> Void)? = nil,
        excuse: @escaping @Sendable (Place) async throws -> Void = { _ in },
        handle: @escaping @Sendable (Event, Int64) async throws -> Void
    ) {
        (self.inbox, self.bot, self.settings, self.isPaused) = (inbox, bot, settings, isPaused)
        (self.log, self.excuse) = (log, excuse)
        limits = WaitingLine.Limits()
        answering = Answering(
            book: book, pauses: settings.pauses, sleep: settings.sleep, log: log,
            onMove: onMove ?? { try await book.moveGroup($0, to: $1) }, handle: handle)
        (starts, start) = AsyncStream.makeStream()
    }

    /// Whether more may be brought.
    package var hasRoom: Bool { waiting < settings.mostWaiting }
    /// How many people have something waiting or being answered.
    package var lineCount: Int { lines.count }

    /// Answers until the task is cancelled or ``stop(within:)``. Called once.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await start in starts {
                switch start {
                case .answer(let key): group.addTask { await self.answer(key) }
                case .gather(let key, let album): group.addTask { await self.gather(key, album) }
                }
            }
        }
    }

    /// Takes updates that the inbox keeps; those that mean nothing to the bot are done at once.
    package func enqueue(_ updates: [Update]) async {
        var done: [Int64] = []
        for update in updates {
            guard let event = Event(update, bot: bot) else {
                done.append(update.updateID)
                continue
            }
            done += add(event, update: update.updateID)
        }
        startTurns()
        await finish(done)
    }

    /// Begins to answer.
    package func resume() {
        guard isPaused else { return }
        isPaused = false
        for key in lines.keys {
            lines[key]?.wait(from: settings.now())
            for album in lines[key]?.albums ?? [] { start.yield(.gather(key, album: album)) }
            queue(key)
        }
        startTurns()
    }

    /// Begins nothing any more and waits for what is being answered, at most for `grace`. What is left stays in the
    /// inbox.
    package func stop(within grace: Duration) async {
        isStopping = true
        start.finish()
        let end = ContinuousClock.now + grace
        while running > 0, ContinuousClock.now < end, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    // MARK: Lines

    private func add(_ event: Event, update: Int64) -> [Int64] {
        let key = SessionKey(event.place)
        var line = lines[key] ?? WaitingLine()
        let (before, albums) = (line.items.count, line.albums)
        let left = line.add(event, update: update, now: settings.now(), limits: limits)
        waiting += line.items.count - before
        let new = line.albums.filter { !albums.contains($0) }
        lines[key] = line.isEmpty ? nil : line
        if !isPaused { for album in new { start.yield(.gather(key, album: album)) } }
        queue(key)
        return left
    }

    /// Lines a person up when something can be answered.
    private func queue(_ key: SessionKey) {
        guard let line = lines[key], line.isReady, !line.isBusy, !line.isQueued else { return }
        lines[key]?.isQueued = true
        turns.append(key)
    }

    private func startTurns() {
        guard !isPaused, !isStopping else { return }
        while running < settings.atOnce, turn < turns.count {
            let key = turns[turn]
            turn += 1
            lines[key]?.isQueued = false
            lines[key]?.isBusy = true
            running += 1
            start.yield(.answer(key))
        }
        if turn == turns.count || turn > 1_000 {
            turns.removeFirst(turn)
            turn = 0
        }
    }

    private func answer(_ key: SessionKey) async {
        if let place = lines[key]?.excuse {
            lines[key]?.excuse = nil
            do { try await excuse(place) } catch {
                log.info("Somebody could not be told to be slower.", metadata: ["error": "\(error)"])
            }
        }
        if let item = lines[key]?.next() {
            waiting -= 1
            if await answering.answer(item.event, update: item.update) { await finish(item.updates) }
        }
        running -= 1
        lines[key]?.isBusy = false
        if lines[key]?.isEmpty == true { lines[key] = nil }
        queue(key)
        startTurns()
    }

    private func gather(_ key: SessionKey, _ album: String) async {
        while let latest = lines[key]?.latest(album: album) {
            let rest = latest + settings.albumWait - settings.now()
            if rest <= .zero {
                lines[key]?.close(album: album)
                break
            }
            do { try await settings.sleep(rest) } catch { return }
        }
        queue(key)
        startTurns()
    }

    private func finish(_ updates: [Int64]) async {
        guard !updates.isEmpty else { return }
        do { try await inbox.done(updates) } catch {
            // They are answered again after the next start, where the session knows that they were.
            log.warning("Answered messages could not be ticked off.", metadata: ["error": "\(error)"])
        }
    }
}
