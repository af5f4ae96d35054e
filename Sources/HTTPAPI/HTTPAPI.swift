// The HTTP front as the executable wires it: everything it stands on, and the application that serves it.

internal import Errors
package import HTTPParts
internal import HTTPTypes
package import Hummingbird
package import JobQueue
package import Logging
package import ModelStore
package import Services
package import Words

/// What the routes stand on.
package struct HTTPAPI: Sendable {
    package var jobs: JobService
    package var keys: KeyService
    package var authenticator: Authenticator
    package var links: ShareLinks
    package var uploads: TusUploads
    /// Which addresses webhooks may go to.
    package var webhookTargets: SSRFGuard
    package var settings: ServerSettings
    package var metrics: ServerMetrics
    /// How many media processes are ready and how many there should be.
    package var workers: @Sendable () -> (ready: Int, wanted: Int)
    package var assets: Assets
    /// The published models that are here or could be.
    package var models: @Sendable () async throws -> [ModelStore.Line] = { [] }
    /// Says sentences in the languages of their readers.
    package var words: Words
    /// The version of Masque.
    package var version: String
    /// A folder for small files that live as long as one request; made when it is not there.
    package var scratch: String
    package var limits = ConnectionLimits()
    /// Time between the comments that keep a stream of events open.
    package var keepAlive: Duration = .seconds(15)
    /// How long a process call without `Prefer` waits before it answers 202.
    package var longestWait: Duration = .seconds(3600)
    /// Downloads of models for others; nil: their calls answer that there are none.
    package var downloads: ModelDownloads?
    /// Where the Telegram bot takes updates; nil: there is no bot, or it asks for them.
    package var telegram: TelegramHook?
    package var logger: Logger
    let started = ContinuousClock.now

    package init(
        jobs: JobService, keys: KeyService, authenticator: Authenticator, links: ShareLinks, uploads: TusUploads,
        webhookTargets: SSRFGuard, settings: ServerSettings, metrics: ServerMetrics,
        workers: @escaping @Sendable () -> (ready: Int, wanted: Int), assets: Assets, words: Words,
        version: String, scratch: String, logger: Logger
    ) {
        self.jobs = jobs
        self.jobs.bytesElsewhere = { Int64(uploads.reserved(owner: $0.rawValue)) }
        self.keys = keys
        self.authenticator = authenticator
        self.links = links
        self.uploads = uploads
        self.webhookTargets = webhookTargets
        self.settings = settings
        self.metrics = metrics
        self.workers = workers
        self.assets = assets
        self.words = words
        self.version = version
        self.scratch = scratch
        self.logger = logger
    }

    /// The application, a service of ServiceLifecycle: at a graceful shutdown it takes no new connections, ends streams
    /// of events and waiting process calls, and lets what is being sent end.
    ///
    /// - Parameter onRunning: called with the port once it listens.
    package func makeApplication(
        onRunning: @escaping @Sendable (Int?) async -> Void = { _ in }
    ) throws -> some ApplicationProtocol {
        let router = try makeRouter()
        return Application(
            router: router, server: .guarded(limits),
            configuration: .guarded(
                address: .hostname(settings.host, port: settings.port), limits: limits, logger: logger),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port) }, logger: logger)
    }

    /// The job of a webhook delivery as clients know it; `data` of `WebhookDispatcher`.
    package static func webhookData(_ delivery: Delivery) throws -> [UInt8] {
        Array(try jsonBytes(JobJSON(delivery.job, outlook: nil, in: .english)).readableBytesView)
    }
}

extension HTTPAPI {
    /// All routes, as method and path with `{names}`; for the test that holds them against the document.
    package var routes: [(method: String, path: String)] {
        get throws { try makeRouter().routes.map { ($0.method.rawValue, $0.path.description) } }
    }
}
