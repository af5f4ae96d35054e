// Deletes what has had its time: finished jobs, abandoned drafts, files no job refers to.

package import BlobStore
package import JobQueue
package import Logging
internal import ServiceLifecycle

package import struct Foundation.Date

/// Cleans up every minute. Deleting is done in this order: the row first, then its files, so that a crash in between leaves
/// only files that the sweep finds later, never a job without its files.
package struct Housekeeper: Service {
    private let store: any JobStore
    private let blobs: any BlobStore
    private let rules: JobRules
    private let logger: Logger
    private let interval: Duration
    private let extra: @Sendable (Date) async throws -> Void
    private let now: @Sendable () -> Date

    /// - Parameter extra: more to sweep, e.g. unfinished uploads.
    package init(
        store: any JobStore, blobs: any BlobStore, rules: JobRules, logger: Logger, interval: Duration = .seconds(60),
        extra: @escaping @Sendable (Date) async throws -> Void = { _ in },
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.blobs = blobs
        self.rules = rules
        self.logger = logger
        self.interval = interval
        self.extra = extra
        self.now = now
    }

    package func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                do {
                    try await clean()
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("Cleaning up failed and is tried again.", metadata: ["error": "\(error)"])
                }
                try await Task.sleep(for: interval)
            }
        }
    }

    /// One round.
    package func clean() async throws {
        let moment = now()
        var deleted = 0
        while true {
            let due = try await store.expired(
                now: moment, draftsBefore: moment.addingTimeInterval(-rules.draftRetention), limit: 200)
            if due.isEmpty { break }
            for id in due {
                for key in try await store.delete(id, owner: nil) { try await blobs.delete(key) }
                deleted += 1
            }
        }
        // An hour is longer than any file lies in the blob store before its job's row names it.
        let old = try await blobs.keys(olderThan: moment.addingTimeInterval(-3600), limit: 100_000)
        var orphans = 0
        for start in stride(from: 0, to: old.count, by: 500) {
            let some = Array(old[start..<min(start + 500, old.count)])
            let used = try await store.referenced(among: some)
            for key in some where !used.contains(key) {
                try await blobs.delete(key)
                orphans += 1
            }
        }
        try await extra(moment)
        if deleted + orphans > 0 {
            logger.info("Cleaned up.", metadata: ["jobs": "\(deleted)", "files": "\(orphans)"])
        }
    }
}
