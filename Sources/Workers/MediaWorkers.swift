// The workers as the server sees them: one service that runs all lanes and answers questions about files.

package import BlobStore
package import JobQueue
package import Logging
internal import ServiceLifecycle
package import WorkerProtocol

/// All media processes of a server: takes jobs from the store, has them done, writes what became of them.
///
/// `run()` first takes back the jobs of a server of the same name that died, then works until a graceful shutdown: no
/// job is claimed any more, running ones get ``WorkerSettings/shutdownGrace`` and are then handed back without costing
/// an attempt. It returns when every media process has ended.
package final class MediaWorkers: Service, MediaInspector {
    private let settings: WorkerSettings
    private let store: any JobStore
    private let blobs: any BlobStore
    private let logger: Logger
    private let listener: WorkerListener

    package init(
        settings: WorkerSettings, store: any JobStore, blobs: any BlobStore, logger: Logger,
        listener: @escaping WorkerListener = { _ in }
    ) {
        self.settings = settings
        self.store = store
        self.blobs = blobs
        self.logger = logger
        self.listener = listener
    }

    package func run() async throws {}

    /// Says that a job may be waiting, so that nobody waits for the next look.
    package func poke(_ lane: Lane) {}

    /// Says that a job was asked to stop, so that nobody waits for the next look.
    package func cancelRequested(_ job: JobID) {}

    /// How many media processes are ready now, and how many there should be.
    package var readiness: (ready: Int, wanted: Int) { (0, 0) }

    package func inspect(path: String, findsFaces: Bool, time: Double?, folder: String?) async throws -> MediaFacts {
        fatalError("being written")
    }

    package func abilities() async -> WorkerAbilities? { nil }
}
