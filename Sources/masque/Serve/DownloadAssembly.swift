// Wires the downloads of models: client, downloader, queue, webhooks and the fleet.

internal import AsyncHTTPClient
internal import Civitai
internal import Errors
internal import Files
internal import HTTPAPI
internal import JobQueue
internal import Logging
internal import ModelStore
internal import ServiceLifecycle
internal import Services

/// The parts of a server that download models. ``close()`` when nothing runs any more.
struct DownloadAssembly: Sendable {
    let downloads: ModelDownloads
    private let clients: [HTTPClient]

    /// - Parameters:
    ///   - home: the server's folder.
    ///   - targets: where webhooks may go.
    init(settings: ServerSettings, home: String, targets: SSRFGuard) throws {
        let own = settings.downloads
        let base = try CivitaiBase(own.civitaiURL)
        // The servers of a fleet are reached directly.
        let (http, fleet) = (CivitaiClient.client(for: base), CivitaiClient.client())
        clients = [http, fleet]
        let fetch = try ModelFetch(settings: settings, http: http, root: own.folder ?? "\(home)/downloads/models")
        var queueSettings = DownloadQueue.Settings()
        queueSettings.atOnce = own.atOnce
        let post = SignedPost(targets: targets)
        let logger = Logger(label: "masque.downloads")
        let queue = try DownloadQueue(
            folder: "\(home)/downloads/queue", settings: queueSettings, logger: logger,
            post: { body, url, id, secret, attempts, now in
                switch await post.attempt(body, to: url, id: id, secret: secret, attempts: attempts, now: now) {
                case .delivered: .delivered
                case .retry(let at, _): .again(at: at)
                case .gone(let error), .dead(let error): .dead(error: error)
                }
            },
            fetch: { link, key, progress in try await fetch.fetch(link, key: key, progress: progress) })
        downloads = ModelDownloads(
            queue: queue, fleet: FleetClient(http: fleet), host: base.authority, settings: own,
            suspicions: try SecurityLog(path: "\(home)/logs/security.jsonl", logger: logger))
    }

    /// Closes connections that are kept.
    func close() async { for client in clients { try? await client.shutdown() } }
}

extension ModelFetch {
    /// A fetch as the settings want it, for a server or the command line.
    init(settings: ServerSettings, http: HTTPClient, root: String, isFlat: Bool = false) throws {
        let own = settings.downloads
        let key = Secret(own.civitaiKey)
        if let key, !key.isPlain {
            throw MasqueError(
                .badInput, "CIVITAI_API_KEY has characters that a header cannot carry.", advice: "Copy the key again.")
        }
        var limits = DownloadRequest.Limits()
        limits.reservedBytes = max(limits.reservedBytes, Int(settings.rules.reservedBytes))
        self.init(
            client: CivitaiClient(base: try CivitaiBase(own.civitaiURL), http: http, key: key),
            downloader: Downloader(),
            root: root, isFlat: isFlat,
            policy: FilePolicy(allowsPickles: own.allowsPickles, allowsUnscanned: own.allowsUnscanned), limits: limits)
    }
}
