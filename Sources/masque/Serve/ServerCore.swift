// What all fronts of a server stand on: store, files, workers, jobs, webhooks, downloads and housekeeping.

internal import BlobStore
internal import Foundation
internal import HTTPAPI
internal import HTTPParts
internal import JobQueue
internal import JobQueueSQLite
internal import Logging
internal import ServiceLifecycle
internal import Services
internal import Words
internal import Workers

/// The parts behind HTTP and the bot. ``close()`` when nothing runs any more.
struct ServerCore: Sendable {
    let settings: ServerSettings
    let home: Home
    let store: SQLiteStore
    let jobs: JobService
    let workers: MediaWorkers
    let workerSettings: WorkerSettings
    let uploads: TusUploads
    let metrics: ServerMetrics
    /// Where webhooks may go.
    let targets: SSRFGuard
    let downloading: DownloadAssembly
    let words: Words
    let logger: Logger
    /// In the order in which they begin; they end in the opposite one.
    let services: [any Service]
    private let lock: HomeLock

    /// Makes the server's folder and takes its lock.
    init(settings: ServerSettings, logger: Logger) async throws {
        (self.settings, self.logger) = (settings, logger)
        let home = try Home(settings)
        self.home = home
        lock = try HomeLock(home: home.path)
        let store = try await home.openStore()
        let blobs = try await LocalBlobStore(folder: "\(home.path)/blobs")
        let feed = EventFeed(store: store)
        let metrics = ServerMetrics()
        let workerSettings = try WorkerSettings(settings, home: home.path)
        let workers = MediaWorkers(
            settings: workerSettings, store: store, blobs: blobs, logger: Logger(label: "masque.workers"),
            listener: { metrics.note($0) })
        targets = try Self.webhookTargets(settings)
        let dispatcher = WebhookDispatcher(
            store: store, targets: targets, logger: Logger(label: "masque.webhooks"), data: HTTPAPI.webhookData)
        let jobs = JobService(
            store: store, blobs: blobs, inspector: workers, feed: feed, rules: settings.rules,
            workers: settings.workers, audit: try AuditLog(path: "\(home.path)/logs/audit.jsonl", logger: logger),
            logger: logger,
            onChange: {
                for lane in Lane.allCases { workers.poke(lane) }
                dispatcher.poke()
            })
        let uploads = try TusUploads(
            folder: "\(home.path)/uploads", maxBytes: Int(settings.rules.maxProcessBytes),
            room: { try await jobs.checkRoom(byteCount: Int64($0), limit: .max) },
            quota: { owner, adding, reserved in
                try await jobs.checkStored(
                    by: OwnerID(rawValue: owner), adding: Int64(adding), elsewhere: Int64(reserved))
            })
        downloading = try DownloadAssembly(settings: settings, home: home.path, targets: targets)
        let housekeeper = Housekeeper(
            store: store, blobs: blobs, rules: settings.rules, logger: logger,
            extra: { now in
                try await uploads.sweep()
                while try await store.deleteExpiredDocuments(limit: 500, now: now) == 500 {}
            })
        (self.store, self.jobs, self.uploads, self.metrics) = (store, jobs, uploads, metrics)
        (self.workers, self.workerSettings) = (workers, workerSettings)
        words = try Words.standard()
        services = [FeedService(feed: feed), workers, dispatcher, housekeeper, downloading.downloads.queue]
    }

    /// Closes connections that are kept.
    func close() async { await downloading.close() }

    private static func webhookTargets(_ settings: ServerSettings) throws -> SSRFGuard {
        var guarding = SSRFGuard.Settings()
        guarding.allowsPlainHTTP = settings.webhookAllowsHTTP
        guarding.allowPrivateTargets = settings.webhookPrivateTargets
        return try SSRFGuard(guarding)
    }
}

/// Reads new events once for all who listen.
private struct FeedService: Service {
    let feed: EventFeed

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await feed.run() }
    }
}

extension ServerMetrics {
    /// Counts what the workers tell.
    fileprivate func note(_ event: WorkerEvent) {
        switch event {
        case .attemptEnded(let lane, _, let outcome, let seconds, let stages):
            attemptEnded(lane: lane, outcome: outcome.rawValue, seconds: seconds, stageSeconds: stages)
        case .framesPerSecond(let lane, _, let rate): frames(perSecond: rate, lane: lane)
        case .processDied(let name, _): workerDied(name: name)
        case .storeFailed: storeFailed()
        case .processReady, .attemptBegan, .inspected, .clockJumped: break
        }
    }
}
