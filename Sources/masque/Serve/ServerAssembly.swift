// Puts the server together: store, files, workers, webhooks, housekeeping and HTTP, as one group of services.

internal import BlobStore
internal import Errors
internal import FaceFusion
internal import Foundation
internal import HTTPAPI
internal import HTTPParts
internal import Hummingbird
internal import Inference
internal import JobQueue
internal import JobQueueSQLite
internal import Logging
internal import ModelFiles
internal import ModelStore
internal import ServiceLifecycle
internal import Services
internal import Studio
internal import Words
internal import Workers

/// All parts of one server.
struct ServerAssembly {
    private let settings: ServerSettings
    private let home: Home
    private let lock: HomeLock
    private let logger: Logger

    /// Makes the server's folder and takes its lock.
    init(settings: ServerSettings, logger: Logger) async throws {
        self.settings = settings
        self.logger = logger
        home = try Home(settings)
        lock = try HomeLock(home: home.path)
    }

    /// Serves until a signal; returns when everything has ended in order.
    func run() async throws {
        let store = try await home.openStore()
        let blobs = try await LocalBlobStore(folder: "\(home.path)/blobs")
        let feed = EventFeed(store: store)
        let metrics = ServerMetrics()
        let workerSettings = try self.workerSettings()
        let workers = MediaWorkers(
            settings: workerSettings, store: store, blobs: blobs, logger: Logger(label: "masque.workers"),
            listener: { metrics.note($0) })
        let targets = try webhookTargets()
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
        var api = HTTPAPI(
            jobs: jobs, keys: KeyService(store: store, limit: settings.rules.maxKeys),
            authenticator: try await authenticator(store),
            links: ShareLinks(secret: try home.secrets.secret(named: "share-secret")), uploads: uploads,
            webhookTargets: targets, settings: settings, metrics: metrics, workers: { workers.readiness },
            assets: try await Assets(
                folder: try Assets.standardFolder(), viewers: "\(Installation().cache.path)/api-docs",
                version: Version.number), words: try Words.standard(),
            version: Version.number, scratch: workerSettings.facesFolder, logger: Logger(label: "masque.http"))
        let models = modelStore()
        api.models = { try await models.list() }
        let downloading = try DownloadAssembly(settings: settings, home: home.path, targets: targets)
        api.downloads = downloading.downloads
        api.limits.maxConnections = try OpenFiles.connections(atMost: api.limits.maxConnections)
        let housekeeper = Housekeeper(
            store: store, blobs: blobs, rules: settings.rules, logger: logger,
            extra: { _ in try await uploads.sweep() })
        let announcement = Announcement(settings: settings, home: home.path, logger: logger)
        let application = try api.makeApplication { port in announcement.say(port: port) }
        do {
            try await serve([
                FeedService(feed: feed), workers, dispatcher, housekeeper, downloading.downloads.queue,
                AnyService(application),
            ])
        } catch {
            await downloading.close()
            throw error
        }
        await downloading.close()
    }

    /// Runs the services; the last one is shut down first, so that nobody is let in while the others end.
    private func serve(_ services: [any Service]) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
            }, logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(settings.shutdownSeconds + 15)
        let group = ServiceGroup(configuration: configuration)
        let logger = logger
        try await Interruption.serving(shutdown: {
            logger.notice("Shutting down: running jobs may end, a second signal ends at once.")
            Task { await group.triggerGracefulShutdown() }
        }) {
            do { try await group.run() } catch { throw listenFailure(error, settings) ?? error }
        }
        logger.notice("Ended in order.")
    }

    private func authenticator(_ store: any KeyStore) async throws -> Authenticator {
        if !settings.jwtRequired {
            let isLocal = settings.host == "127.0.0.1" || settings.host == "::1" || settings.host == "localhost"
            if !isLocal {
                logger.warning(
                    """
                    JWT_REQUIRED=0 on \(settings.host): everybody who reaches this port can use the server and see \
                    all jobs made without a token. Set JWT_REQUIRED=1, or listen on 127.0.0.1 only.
                    """)
            }
        }
        return Authenticator(
            tokens: TokenVerifier(key: try await home.tokenKey(settings)), keys: store,
            isRequired: settings.jwtRequired)
    }

    /// The operator's models. A list of his that is wrong keeps no server from starting.
    private func modelStore() -> ModelStore {
        let stored = settings.storedModels
        do {
            return ModelStore(stored: stored, catalogue: try Catalogue.standard(store: stored.folder))
        } catch {
            logger.warning("The lists of models are not used: \(error)")
            return ModelStore(stored: stored, catalogue: (try? Catalogue.standard()) ?? Catalogue())
        }
    }

    private func webhookTargets() throws -> SSRFGuard {
        var guarding = SSRFGuard.Settings()
        guarding.allowsPlainHTTP = settings.webhookAllowsHTTP
        guarding.allowPrivateTargets = settings.webhookPrivateTargets
        return try SSRFGuard(guarding)
    }

    /// The FaceFusion that was named, if one was.
    private func faceFusion() throws -> FaceFusionEngine? {
        guard let folder = settings.faceFusionFolder else { return nil }
        var place = try FaceFusionSettings(folder: folder, python: settings.faceFusionPython)
        for lane in Lane.allCases {
            place.providers[lane] = (settings.providers[lane] ?? "cpu").split(separator: ",").map(String.init)
            place.memoryStrategies[lane] = settings.memoryStrategies[lane] ?? "strict"
        }
        place.silence = .seconds(settings.faceFusionSilence)
        let log = Logger(label: "masque.facefusion")
        return FaceFusionEngine(place) { log.warning("\($0)") }
    }

    private func workerSettings() throws -> WorkerSettings {
        let external = try faceFusion()
        func process(_ lane: Lane) -> ProcessSettings {
            var process = ProcessSettings(workFolder: "\(home.path)/work")
            process.provider = settings.providers[lane] ?? "cpu"
            process.memoryStrategy = settings.memoryStrategies[lane] ?? "tolerant"
            process.memoryLimit = settings.workerMemory
            // What only .env, masque.yaml or a flag says does not reach them otherwise.
            process.environment["MASQUE_MODEL_STORE"] = settings.storedModels.folder.path
            return process
        }
        let lanes = Lane.allCases.map { lane in
            var lane = LaneSettings(lane: lane, process: process(lane))
            lane.processCount = settings.workers[lane.lane] ?? 1
            lane.ownerLimit = settings.rules.maxRunningJobs
            lane.fallsBackToMesh = settings.rules.fallsBackToMesh
            lane.external = external
            lane.prefersExternal = settings.prefersFaceFusion
            return lane
        }
        var all = WorkerSettings(lanes: lanes, inspection: process(.image))
        all.shutdownGrace = .seconds(settings.shutdownSeconds)
        let rules = settings.rules
        all.expiresAt = { _, now in rules.expiry(from: now) }
        return all
    }
}

/// Reads new events once for all who listen.
private struct FeedService: Service {
    let feed: EventFeed

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await feed.run() }
    }
}

/// A service of any type.
private struct AnyService: Service {
    private let body: @Sendable () async throws -> Void

    init(_ service: some Service) { body = { try await service.run() } }

    func run() async throws { try await body() }
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
