// Answers questions about files with a media process of its own, so that a long job holds up no upload.

internal import Errors
internal import Files
internal import Foundation
internal import JobQueue
internal import Logging
internal import WorkerProtocol

/// One inspection at a time, in the order in which they are asked.
actor Inspector {
    /// What an inspector is for.
    struct Duty: Sendable {
        /// The part of the process's name between the server's and its number.
        let name: String
        /// How many questions may wait.
        let queue: Int
        /// Says that too many wait.
        let refusal: String
        /// How far its process stands back behind others, 0…19.
        let niceLevel: Int
        /// Whether its process ends when nobody waits any more; the next question starts another.
        var isRare = false
    }
    private let duty: Duty
    private let settings: WorkerSettings
    private let root: ProcessRoot
    private let logger: Logger
    private let listener: WorkerListener
    private let onReady: @Sendable (WorkerAbilities) -> Void
    private var process: MediaProcess?
    /// Busy from the beginning, until ``open()``.
    private var isBusy = true
    private var isStopped = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var count = 0

    init(
        _ duty: Duty, settings: WorkerSettings, logger: Logger, listener: @escaping WorkerListener,
        ready: @escaping @Sendable (WorkerAbilities) -> Void
    ) {
        self.duty = duty
        self.settings = settings
        self.logger = logger
        self.listener = listener
        onReady = ready
        root = ProcessRoot(settings.inspection.workFolder, name: duty.name)
    }

    /// Begins to answer, once its folder is clean. To be called once.
    func open() { next() }

    /// Starts the process ahead of the first question; when it cannot, the first question says why.
    func warmUp() async {
        await turn()
        defer { next() }
        _ = try? await ready()
    }

    /// - Parameter order: its name is given here.
    func inspect(_ order: InspectOrder) async throws -> MediaFacts {
        let question = Question(path: order.path, limit: settings.inspectionTimeout) { id, path, _ in
            var order = order
            order.order = id
            order.path = path
            return .inspect(order)
        } take: { reply, _ -> MediaFacts? in
            guard case .inspected(_, let facts) = reply else { return nil }
            return facts
        }
        let told = { [listener] (began: ContinuousClock.Instant, succeeded: Bool) in
            listener(.inspected(seconds: (ContinuousClock.now - began) / .seconds(1), succeeded: succeeded))
        }
        return try await answer(question, told: told)
    }

    /// Has a question answered when its turn has come.
    ///
    /// - Parameter told: hears since when the process was at it, and whether it could answer.
    func answer<Answer>(
        _ question: Question<Answer>, told: (ContinuousClock.Instant, Bool) -> Void = { _, _ in }
    ) async throws -> Answer {
        guard !isStopped else { throw MasqueError(.unavailable, "The server is shutting down.") }
        guard waiting.count < duty.queue else {
            throw MasqueError(.unavailable, duty.refusal, advice: "Try again in a few seconds.")
        }
        await turn()
        defer { leave() }
        try Task.checkCancellation()
        guard !isStopped else { throw MasqueError(.unavailable, "The server is shutting down.") }
        count += 1
        let id = "\(duty.name)-\(count)"
        let began = ContinuousClock.now
        do {
            let answer: Answer
            do {
                answer = try await ask(question, id)
            } catch is WorkerDeath {
                answer = try await askAgain(question, id)
            }
            told(began, true)
            return answer
        } catch {
            told(began, false)
            throw error
        }
    }

    /// Ends the process; questions that wait are refused.
    func stop() async {
        isStopped = true
        await turn()
        defer { next() }
        await process?.stop()
        process = nil
    }

    private func ask<Answer>(_ question: Question<Answer>, _ id: String) async throws -> Answer {
        do {
            let process = try await ready()
            let shown = try await shown(question.path, id)
            defer { hide(shown) }
            let made = "\(root.outputs)/\(id)"
            if question.makesFile { try await offPool { try makeFolder(made, mode: 0o700) } }
            defer { if question.makesFile { hide(made) } }
            // Whoever asked may go away; the process is then asked to stop, and heard out.
            let asking = Task {
                try await process.perform(question.request(id, shown, made), id: id, limit: question.limit)
            }
            let reply = try await withTaskCancellationHandler {
                try await asking.value
            } onCancel: {
                process.cancel(id)
            }
            if case .failed(_, let failure) = reply { throw failure.error }
            guard let answer = try await question.take(reply, made) else {
                process.distrust()
                throw WorkerDeath(reason: .babble)
            }
            return answer
        } catch let death as WorkerDeath {
            try Task.checkCancellation()
            logger.warning("The process for inspections ended.", metadata: ["reason": "\(death)"])
            guard case .overdue = death.reason else { throw death }
            throw MasqueError(
                .unavailable, "Looking at the file took too long and was stopped.",
                advice: "Try again; if it happens again, the file may be damaged.", cause: death)
        }
    }

    /// Puts the file where the process can read it.
    ///
    /// - Returns: its path there.
    private func shown(_ path: String, _ id: String) async throws -> String {
        let place = "\(root.inputs)/\(id)-\(path.split(separator: "/").last ?? "")"
        do {
            try await offPool { try linkOrCopy(path, to: place) }
        } catch let error as MasqueError {
            // The error itself names places on the server.
            if error.code == .badInput { throw MasqueError(.badInput, "The file is not there.", cause: error) }
            throw MasqueError(error.code, "The file cannot be looked at.", advice: error.advice, cause: error)
        }
        return place
    }

    /// Takes a file or folder away from the process; nobody waits for that.
    private func hide(_ path: String) { Task { try? await offPool { try removeAll(path) } } }

    /// A process that ended may have been somebody else's victim, so the file is looked at once more by a fresh one
    /// before it is said to be at fault.
    private func askAgain<Answer>(_ question: Question<Answer>, _ id: String) async throws -> Answer {
        do {
            return try await ask(question, id + "-again")
        } catch let death as WorkerDeath {
            throw MasqueError(
                .unsupportedMedia, "The file cannot be looked at: it makes the media process fail.",
                advice: "It may be damaged; try another.", cause: death)
        }
    }

    private func ready() async throws -> MediaProcess {
        if let process, process.isAlive { return process }
        let began = ContinuousClock.now
        let name = "\(settings.serverName)/\(duty.name)/0"
        var own = settings.inspection
        own.niceLevel = duty.niceLevel
        let started = try await MediaProcess.start(
            name: name, lane: .image, root: root, settings: own, logger: logger, renewed: onReady
        ) { [listener] death in
            if let death { listener(.processDied(name: name, reason: death.description)) }
        }
        process = started
        onReady(started.abilities)
        listener(
            .processReady(name: name, pid: started.pid, seconds: (ContinuousClock.now - began) / .seconds(1)))
        return started
    }

    /// Waits until everybody before has been served.
    private func turn() async {
        if !isBusy {
            isBusy = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Lets the next one ask; a process that is rarely needed ends when nobody waits.
    private func leave() {
        let isDone = waiting.isEmpty && duty.isRare
        next()
        if isDone { Task { await retire() } }
    }

    private func retire() async {
        await turn()
        defer { next() }
        guard waiting.isEmpty else { return }
        await process?.stop()
        process = nil
    }

    private func next() {
        if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
    }
}
