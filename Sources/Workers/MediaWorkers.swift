// The workers as the server sees them: one service that runs all lanes and answers questions about files.

package import BlobStore
internal import Errors
internal import Foundation
package import JobQueue
package import Logging
internal import ServiceLifecycle
internal import Synchronization
package import WorkerProtocol

/// All media processes of a server: takes jobs from the store, has them done, writes what became of them.
///
/// `run()` first takes back the jobs of a server of the same name that died, then works until a graceful shutdown: no
/// job is claimed any more, running ones get ``WorkerSettings/shutdownGrace`` and are then handed back without costing
/// an attempt. It returns when every media process has ended. To be run once.
package final class MediaWorkers: Service, MediaInspector {
    private let settings: WorkerSettings
    private let calls: StoreCalls
    private let logger: Logger
    private let keeper: LeaseKeeper
    private let folders: [WorkFolders]
    private let lanes: [LaneRunner]
    /// Looks at uploads; ``faceLister`` finds faces, which takes far longer, so nobody's faces hold up an upload.
    private let inspector: Inspector
    private let faceLister: Inspector
    /// Makes results smaller, which takes longest and is rarely needed.
    private let fitter: Inspector
    private let state: Shared

    /// What the parts share.
    private final class Shared: Sendable {
        let abilities = Mutex<WorkerAbilities?>(nil)
        /// Whose bells are rung, set once they are there. No closure: each look at one in a mutex wraps it once more.
        let lanes = Mutex<[LaneRunner]>([])
        let isEnding = Mutex(false)
        let ending = Bell()

        func poke(_ which: [Lane]) {
            for lane in lanes.withLock({ $0 }) where which.contains(lane.lane) { lane.poke() }
        }
    }

    package init(
        settings: WorkerSettings, store: any JobStore, blobs: any BlobStore, logger: Logger,
        listener: @escaping WorkerListener = { _ in }
    ) {
        self.settings = settings
        self.logger = logger
        let state = Shared()
        let calls = StoreCalls(store: store, settings: settings, logger: logger, listener: listener)
        let keeper = LeaseKeeper(calls) { jobs in
            for job in jobs {
                logger.warning(
                    "A job was taken back from a worker that gave no sign of life.", metadata: ["job": "\(job.id)"])
            }
            state.poke(jobs.map(\.description.lane))
        }
        let took: @Sendable (WorkerAbilities) -> Void = { abilities in state.abilities.withLock { $0 = abilities } }
        var folders: [String: WorkFolders] = [:]
        lanes = settings.lanes.map { lane in
            let root = lane.process.workFolder
            let own = folders[root] ?? WorkFolders(root: root)
            folders[root] = own
            return LaneRunner(
                AttemptContext(
                    lane: lane, settings: settings, calls: calls, blobs: blobs, folders: own, keeper: keeper,
                    logger: logger, listener: listener, isEnding: { state.isEnding.withLock { $0 } }), ready: took)
        }
        let root = settings.inspection.workFolder
        if folders[root] == nil { folders[root] = WorkFolders(root: root) }
        self.folders = Array(folders.values)
        inspector = Inspector(
            .init(
                name: "inspect", queue: settings.inspectionQueue,
                refusal: "Too many files are being looked at just now.", niceLevel: 0),
            settings: settings, logger: logger, listener: listener, ready: took)
        faceLister = Inspector(
            .init(
                name: "faces", queue: settings.faceListingQueue,
                refusal: "Faces are being looked for in too many files just now.",
                niceLevel: settings.inspection.niceLevel),
            settings: settings, logger: logger, listener: listener, ready: took)
        fitter = Inspector(
            .init(
                name: "fit", queue: settings.fitQueue,
                refusal: "Too many results are being made smaller just now.",
                niceLevel: settings.inspection.niceLevel, isRare: true),
            settings: settings, logger: logger, listener: listener, ready: took)
        self.calls = calls
        self.keeper = keeper
        self.state = state
        state.lanes.withLock { [lanes] in $0 = lanes }
    }

    /// Says that a job may be waiting, so that nobody waits for the next look.
    package func poke(_ lane: Lane) { state.poke([lane]) }

    /// Says that a job was asked to stop, so that nobody waits for the next look. Call it after the store knows.
    package func cancelRequested(_ job: JobID) {
        for control in keeper.controls where control.lease.job == job { control.decide(.cancel) }
    }

    /// How many media processes of lanes are ready now, and how many there should be.
    package var readiness: (ready: Int, wanted: Int) {
        (lanes.map(\.readyCount).reduce(0, +), settings.lanes.map { max(0, $0.processCount) }.reduce(0, +))
    }

    /// - Parameter folder: where pictures are written; it must lie in ``WorkerSettings/facesFolder``.
    package func inspect(path: String, findsFaces: Bool, time: Double?, folder: String?) async throws -> MediaFacts {
        try await (findsFaces ? faceLister : inspector).inspect(
            InspectOrder(order: "", path: path, findsFaces: findsFaces, time: time, folder: folder))
    }

    package func listen(path: String) async throws -> MediaFacts {
        try await inspector.inspect(InspectOrder(order: "", path: path, isVoice: true))
    }

    package func fit(path: String, maxBytes: Int, folder: String) async throws -> FittedMedia {
        try await fitter.answer(
            .fit(
                path, maxBytes: maxBytes, folder: folder, limit: settings.fitTimeout,
                cpuSeconds: settings.fitCPUSeconds))
    }

    package func poster(path: String, folder: String) async throws -> String {
        try await inspector.answer(.poster(path, folder: folder, limit: settings.inspectionTimeout))
    }

    package func abilities() async -> WorkerAbilities? { state.abilities.withLock { $0 } }

    /// - Throws: ``MasqueError`` when the work folder cannot be made; nothing later on.
    package func run() async throws {
        for folder in folders { try await folder.sweep(calls.store) }
        await inspector.open()
        await faceLister.open()
        await fitter.open()
        // Out of reach of cancellation: what becomes of running jobs must be written.
        let work = Task { await self.work() }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await work.value
            } onGracefulShutdown: {
                self.end(after: self.settings.shutdownGrace)
            }
        } onCancel: {
            end(after: .zero)
        }
    }

    private func work() async {
        let prefix = "\(settings.serverName)/"
        let isEnding = { @Sendable in self.state.isEnding.withLock { $0 } }
        if let jobs = try? await calls.insist(
            "take back jobs", while: { !isEnding() },
            { try await $0.recover(workersOf: prefix, now: settings.now()) }), !jobs.isEmpty
        {
            logger.notice("\(jobs.count) job(s) of a server that ended unexpectedly go on.")
        }
        let keeping = Task { await keeper.run() }
        await withTaskGroup { group in
            group.addTask {
                await self.inspector.warmUp()
                if !isEnding() { await self.faceLister.warmUp() }
            }
            for lane in lanes { group.addTask { await lane.run() } }
            group.addTask { while !isEnding() { await self.state.ending.wait(after: 0, atMost: .seconds(60)) } }
        }
        await inspector.stop()
        await faceLister.stop()
        await fitter.stop()
        keeping.cancel()
        await keeping.value
    }

    /// Ends the lanes; jobs that still run after `grace` are handed back.
    private func end(after grace: Duration) {
        state.isEnding.withLock { $0 = true }
        state.ending.ring()
        for lane in lanes { lane.stop() }
        Task { [keeper] in
            try? await Task.sleep(for: grace)
            for control in keeper.controls { control.decide(.giveBack) }
        }
    }
}
