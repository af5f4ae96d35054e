// One media process from its start to its end: orders, cancels, and a watch on it.

internal import Errors
internal import Files
internal import Foundation
internal import JobQueue
internal import Logging
internal import Processes
internal import Synchronization
internal import WorkerProtocol

/// A media process that is ready. It does one order at a time; whoever has it gives the next one only after the answer.
final class MediaProcess: Sendable {
    let name: String
    let pid: Int32
    /// What it can do now: models come and go.
    var abilities: WorkerAbilities {
        // It has said so before anybody can have this value.
        life.state.withLock { $0.abilities } ?? WorkerAbilities(processors: [], executionProviders: [])
    }
    /// What it has of the disk for itself.
    let root: ProcessRoot
    private let life: Life
    private let settings: ProcessSettings

    /// An answer, and when it came.
    struct Heard: Sendable {
        let reply: WorkerReply
        let at: ContinuousClock.Instant
    }

    /// What the reading thread and the callers share.
    final class Life: Sendable {
        struct State {
            var child: ChildProcess?
            /// Waits for the first word about what it can do.
            var ready: CheckedContinuation<Void, any Error>?
            var isAlive = true
            /// Why it was killed by us.
            var sentence: WorkerDeath.Reason?
            var order: (id: String, replies: AsyncThrowingStream<Heard, any Error>.Continuation)?
            var lastHeard = ContinuousClock.now
            var cancelAskedAt: ContinuousClock.Instant?
            var waiters: [CheckedContinuation<Void, Never>] = []
            /// What it said last that it can do; nil: nothing yet.
            var abilities: WorkerAbilities?
        }
        let state = Mutex(State())
        /// Told when the process can do other things than it said before.
        let renewed: @Sendable (WorkerAbilities) -> Void

        init(renewed: @escaping @Sendable (WorkerAbilities) -> Void) { self.renewed = renewed }
    }

    /// Starts a process and waits until its models are loaded.
    ///
    /// - Parameters:
    ///   - root: the only place for it to read inputs from and to write to.
    ///   - renewed: called when it can do other things than it said at first: models came or went.
    ///   - ended: called once when it has ended, asked or not; `nil` when it was asked to.
    /// - Throws: ``MasqueError`` `.unavailable` with the reason when it does not get ready in time.
    static func start(
        name: String, lane: Lane, root: ProcessRoot, settings: ProcessSettings, logger: Logger,
        renewed: @escaping @Sendable (WorkerAbilities) -> Void = { _ in },
        ended: @escaping @Sendable (WorkerDeath?) -> Void
    ) async throws -> MediaProcess {
        try await offPool { try root.make() }
        let life = Life(renewed: renewed)
        let lastNote = Mutex("")
        let child = try await ChildProcess(
            path: settings.executable, arguments: settings.arguments(lane: lane, root: root),
            environment: settings.childEnvironment(),
            line: { child, line in life.take(line, of: child) },
            note: { note in
                lastNote.withLock { $0 = note }
                logger.notice("media process says: \(note)", metadata: ["worker": "\(name)"])
            },
            ended: { ending in ended(life.end(ending)) })
        let deadline = Task {
            try await Task.sleep(for: settings.startTimeout)
            life.kill(.overdue(settings.startTimeout))
        }
        defer { deadline.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    life.await(continuation, child)
                }
            } onCancel: {
                life.kill(.stopping)
            }
            return MediaProcess(name: name, child: child, root: root, life: life, settings: settings)
        } catch {
            child.kill()
            let note = lastNote.withLock { $0 }
            throw MasqueError(
                .unavailable, "A media process cannot be started. \(note.isEmpty ? "\(error)" : note)",
                advice: "Run “masque doctor”.", cause: error)
        }
    }

    private init(
        name: String, child: ChildProcess, root: ProcessRoot, life: Life, settings: ProcessSettings
    ) {
        self.name = name
        self.pid = child.pid
        self.root = root
        self.life = life
        self.settings = settings
    }

    /// Whether it can take an order.
    var isAlive: Bool { life.state.withLock { $0.isAlive && $0.sentence == nil } }

    /// Has an order done.
    ///
    /// - Parameters:
    ///   - id: the order's name, as in the request.
    ///   - limit: how long it may take as a whole; nil: as long as it makes progress.
    ///   - progress: given what the process says in between, if it is still news.
    /// - Returns: `.finished`, `.inspected` or `.failed`.
    /// - Throws: ``WorkerDeath`` when the process ends before it answers.
    func perform(
        _ request: WorkerRequest, id: String, limit: Duration? = nil,
        progress: @Sendable @escaping (WorkProgress) async -> Void = { _ in }
    ) async throws -> WorkerReply {
        let (stream, continuation) = AsyncThrowingStream<Heard, any Error>.makeStream()
        let line = try WorkerLine.encode(request)
        let began = ContinuousClock.now
        let child = life.state.withLock { state -> ChildProcess? in
            guard state.isAlive, state.sentence == nil else { return nil }
            state.order = (id, continuation)
            state.lastHeard = began
            state.cancelAskedAt = nil
            return state.child
        }
        guard let child else { throw WorkerDeath(reason: .absent) }
        defer { life.state.withLock { $0.order = nil } }
        if !child.send(line) { life.kill(.babble) }
        return try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: WorkerReply?.self) { group in
                group.addTask {
                    for try await heard in stream {
                        guard case .progress(_, let news) = heard.reply else { return heard.reply }
                        // When the store is slow, news pile up; only the newest matter.
                        if ContinuousClock.now - heard.at < .milliseconds(500) { await progress(news) }
                    }
                    throw WorkerDeath(reason: .stopping)
                }
                group.addTask {
                    await self.watch(since: began, limit: limit)
                    return nil
                }
                defer { group.cancelAll() }
                while let reply = try await group.next() {
                    if let reply { return reply }
                }
                throw WorkerDeath(reason: .stopping)
            }
        } onCancel: {
            life.kill(.stopping)
        }
    }

    /// Asks the process to stop an order; it is killed when it does not in time. Of another order: does nothing.
    func cancel(_ id: String) {
        let child = life.state.withLock { state -> ChildProcess? in
            guard state.order?.id == id, state.cancelAskedAt == nil else { return nil }
            state.cancelAskedAt = .now
            return state.child
        }
        guard let child, let line = try? WorkerLine.encode(WorkerRequest.cancel(order: id)) else { return }
        if !child.send(line) { life.kill(.unansweredCancel) }
    }

    /// Kills the process because what it said cannot be true: something in it may have been taken over.
    func distrust() { life.kill(.babble) }

    /// Ends the process: by the end of its input, after a second by force; returns when it is gone.
    func stop() async {
        life.state.withLock { $0.sentence = $0.sentence ?? .stopping }
        life.state.withLock { $0.child }?.closeInput()
        let force = Task {
            try await Task.sleep(for: .seconds(1))
            life.kill(.stopping)
        }
        await withCheckedContinuation { continuation in
            let isGone = life.state.withLock { state in
                if state.isAlive { state.waiters.append(continuation) }
                return !state.isAlive
            }
            if isGone { continuation.resume() }
        }
        force.cancel()
    }

    /// Kills the process when the order in hand makes no progress, takes too long, or does not stop when asked.
    private func watch(since began: ContinuousClock.Instant, limit: Duration?) async {
        let tick = min(settings.silenceTimeout / 4, settings.cancelGrace / 4, .milliseconds(100))
        while !Task.isCancelled {
            do { try await Task.sleep(for: tick) } catch { return }
            let now = ContinuousClock.now
            let (heard, asked) = life.state.withLock { ($0.lastHeard, $0.cancelAskedAt) }
            if let asked, now - asked > settings.cancelGrace { return life.kill(.unansweredCancel) }
            if let limit, now - began > limit { return life.kill(.overdue(limit)) }
            if now - heard > settings.silenceTimeout { return life.kill(.silent(settings.silenceTimeout)) }
        }
    }
}

extension MediaProcess.Life {
    /// Kills the process and remembers why.
    func kill(_ reason: WorkerDeath.Reason) {
        let child = state.withLock { state in
            if state.sentence == nil { state.sentence = reason }
            return state.child
        }
        child?.kill()
    }

    /// Waits for `ready`; the child may have said it, or ended, already.
    func await(_ continuation: CheckedContinuation<Void, any Error>, _ child: ChildProcess) {
        let early: Result<Void, any Error>? = state.withLock { state in
            state.child = child
            guard state.isAlive else { return .failure(WorkerDeath(reason: state.sentence ?? .ended(.exited(0)))) }
            if state.abilities != nil { return .success(()) }
            state.ready = continuation
            return nil
        }
        if let early { continuation.resume(with: early) }
    }

    /// A line of the child's.
    func take(_ line: [UInt8], of child: ChildProcess) {
        guard let reply = try? WorkerLine.decode(WorkerReply.self, from: line) else {
            state.withLock { $0.sentence = $0.sentence ?? .babble }
            child.kill()
            return
        }
        let isNews = state.withLock { state in
            let now = ContinuousClock.now
            state.lastHeard = now
            switch reply {
            case .ready(let abilities):
                let isFirst = state.abilities == nil
                state.abilities = abilities
                state.ready?.resume()
                state.ready = nil
                return !isFirst
            case .progress(let id, _):
                if state.order?.id == id { state.order?.replies.yield(.init(reply: reply, at: now)) }
            case .finished(let id, _), .inspected(let id, _), .failed(let id, _):
                guard state.order?.id == id else { return false }
                state.order?.replies.yield(.init(reply: reply, at: now))
                state.order?.replies.finish()
            }
            return false
        }
        if isNews, case .ready(let abilities) = reply { renewed(abilities) }
    }

    /// The child has ended; why, if nobody asked it to.
    func end(_ ending: ChildEnding) -> WorkerDeath? {
        let (death, waiters, wasAsked) = state.withLock { state in
            state.isAlive = false
            let death = WorkerDeath(reason: state.sentence ?? .ended(ending))
            state.ready?.resume(throwing: death)
            state.ready = nil
            state.order?.replies.finish(throwing: death)
            defer { state.waiters = [] }
            return (death, state.waiters, state.sentence == .stopping)
        }
        for waiter in waiters { waiter.resume() }
        return wasAsked ? nil : death
    }
}
