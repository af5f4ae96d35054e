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
        guard !isStopped else { throw MasqueError(.unavailable, "The server is shutting down.") }
        guard waiting.count < duty.queue else {
            throw MasqueError(.unavailable, duty.refusal, advice: "Try again in a few seconds.")
        }
        await turn()
        defer { next() }
        try Task.checkCancellation()
        guard !isStopped else { throw MasqueError(.unavailable, "The server is shutting down.") }
        count += 1
        var order = order
        order.order = "\(duty.name)-\(count)"
        let began = ContinuousClock.now
        do {
            let facts: MediaFacts
            do {
                facts = try await ask(order)
            } catch is WorkerDeath {
                facts = try await askAgain(order)
            }
            listener(.inspected(seconds: (ContinuousClock.now - began) / .seconds(1), succeeded: true))
            return facts
        } catch {
            listener(.inspected(seconds: (ContinuousClock.now - began) / .seconds(1), succeeded: false))
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

    private func ask(_ order: InspectOrder) async throws -> MediaFacts {
        do {
            let process = try await ready()
            let order = try await shown(order)
            defer { hide(order) }
            // Whoever asked may go away; the process is then asked to stop, and heard out.
            let asking = Task { [settings] in
                try await process.perform(.inspect(order), id: order.order, limit: settings.inspectionTimeout)
            }
            let reply = try await withTaskCancellationHandler {
                try await asking.value
            } onCancel: {
                process.cancel(order.order)
            }
            switch reply {
            case .inspected(_, let facts): return facts
            case .failed(_, let failure): throw failure.error
            case .ready, .progress, .finished: throw WorkerDeath(reason: .babble)
            }
        } catch let death as WorkerDeath {
            try Task.checkCancellation()
            logger.warning("The process for inspections ended.", metadata: ["reason": "\(death)"])
            guard case .overdue = death.reason else { throw death }
            throw MasqueError(
                .unavailable, "Looking at the file took too long and was stopped.",
                advice: "Try again; if it happens again, the file may be damaged.", cause: death)
        }
    }

    /// Puts the file where the process can read it; an order that names it there.
    private func shown(_ order: InspectOrder) async throws -> InspectOrder {
        let path = order.path
        var order = order
        order.path = "\(root.inputs)/\(order.order)-\(path.split(separator: "/").last ?? "")"
        do {
            try await offPool { [order] in try linkOrCopy(path, to: order.path) }
        } catch let error as MasqueError {
            // The error itself names places on the server.
            if error.code == .badInput { throw MasqueError(.badInput, "The file is not there.", cause: error) }
            throw MasqueError(error.code, "The file cannot be looked at.", advice: error.advice, cause: error)
        }
        return order
    }

    /// Takes the file away from the process; nobody waits for that.
    private func hide(_ order: InspectOrder) { Task { try? await offPool { try removeAll(order.path) } } }

    /// A process that ended may have been somebody else's victim, so the file is looked at once more by a fresh one
    /// before it is said to be at fault.
    private func askAgain(_ order: InspectOrder) async throws -> MediaFacts {
        var order = order
        order.order += "-again"
        do {
            return try await ask(order)
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

    private func next() {
        if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
    }
}
