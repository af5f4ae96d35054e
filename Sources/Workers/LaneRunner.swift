// One lane: some media processes, each with a loop that claims a job and has it done.

internal import Errors
internal import Foundation
internal import JobQueue
internal import Logging
internal import Synchronization
internal import WorkerProtocol

/// Runs a lane until it is told to stop.
final class LaneRunner: Sendable {
    private let context: AttemptContext
    private let bell = Bell()
    private let isStopping = Mutex(false)
    private let onReady: @Sendable (WorkerAbilities) -> Void
    private let readyNames = Mutex<Set<String>>([])
    /// Starts in progress, which the end cuts short.
    private let starting = Mutex<[String: Task<MediaProcess, any Error>]>([:])

    init(_ context: AttemptContext, ready: @escaping @Sendable (WorkerAbilities) -> Void) {
        self.context = context
        onReady = ready
    }

    var lane: Lane { context.lane.lane }
    var readyCount: Int { readyNames.withLock { $0.count } }

    /// Says that there may be work.
    func poke() { bell.ring() }

    /// No job is claimed from now on; ``run()`` returns when those in hand have ended.
    func stop() {
        isStopping.withLock { $0 = true }
        bell.ring()
        for task in starting.withLock({ $0.values.map { $0 } }) { task.cancel() }
    }

    func run() async {
        await withTaskGroup { group in
            for number in 0..<max(0, context.lane.processCount) {
                group.addTask { await self.slot(number) }
            }
        }
    }

    private var stops: Bool { isStopping.withLock { $0 } }

    private func slot(_ number: Int) async {
        let name = "\(context.settings.serverName)/\(lane.rawValue)/\(number)"
        let root = ProcessRoot(context.lane.process.workFolder, name: "\(lane.rawValue)-\(number)")
        var process: MediaProcess?
        var starts = 0
        while !stops {
            let rings = bell.rings
            guard let ready = process, ready.isAlive else {
                // The first start is at once, and so is one after a process that did some work.
                if starts > 0 {
                    let pauses = context.lane.process.restartPauses
                    await pause(pauses[min(starts - 1, pauses.count - 1)])
                    if stops { break }
                }
                starts += 1
                process = await start(name, root)
                continue
            }
            guard let (job, lease) = await claim(name) else {
                await bell.wait(after: rings, atMost: context.settings.pollInterval)
                continue
            }
            await Attempt(context, job: job, lease: lease, process: ready).run()
            starts = 0
        }
        await process?.stop()
    }

    /// Waits out a pause, which only the end cuts short.
    private func pause(_ length: Duration) async {
        let end = ContinuousClock.now + length
        while !stops, ContinuousClock.now < end {
            await bell.wait(after: bell.rings, atMost: end - .now)
        }
    }

    private func start(_ name: String, _ root: ProcessRoot) async -> MediaProcess? {
        let began = ContinuousClock.now
        await context.folders.clear(root)
        do {
            let task = Task {
                try await MediaProcess.start(
                    name: name, lane: lane, root: root, settings: context.lane.process, logger: context.logger,
                    renewed: onReady
                ) { [self] in ended(name, $0) }
            }
            starting.withLock { $0[name] = task }
            defer { starting.withLock { _ = $0.removeValue(forKey: name) } }
            if stops { task.cancel() }
            let process = try await task.value
            if process.isAlive { readyNames.withLock { _ = $0.insert(name) } }
            onReady(process.abilities)
            context.listener(
                .processReady(name: name, pid: process.pid, seconds: (ContinuousClock.now - began) / .seconds(1)))
            return process
        } catch {
            // One that ends with the server is no failure.
            if !stops { context.logger.error("\(error)", metadata: ["worker": "\(name)"]) }
            return nil
        }
    }

    private func ended(_ name: String, _ death: WorkerDeath?) {
        readyNames.withLock { _ = $0.remove(name) }
        if let death {
            context.logger.warning("\(death)", metadata: ["worker": "\(name)"])
            context.listener(.processDied(name: name, reason: death.description))
        }
        bell.ring()
    }

    private func claim(_ name: String) async -> (Job, Lease)? {
        do {
            return try await context.calls.store.claim(
                lane: lane, worker: name, leaseUntil: context.calls.leaseUntil, ownerLimit: context.lane.ownerLimit,
                now: context.settings.now())
        } catch {
            context.listener(.storeFailed("claim"))
            return nil
        }
    }
}
