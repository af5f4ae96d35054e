// The queue of downloads: a few at once, the others in order; what was queued or running goes on after a restart.

internal import Errors
internal import Files
package import Foundation
package import Logging
internal import ServiceLifecycle

/// Downloads as a service. The rules are here; how one file is fetched is `fetch`'s matter.
///
/// Every change of state is on the disk before anybody hears of it. Progress is told, but not kept.
package actor DownloadQueue: Service {
    /// Fetches one download: by its link, with a client's own key or the server's, telling how far it is.
    package typealias Fetch =
        @concurrent @Sendable (CivitaiLink, Secret?, @escaping @Sendable (FetchProgress) -> Void) async throws ->
        FetchedModel

    /// Numbers of the queue.
    package struct Settings: Sendable {
        /// Downloads at once.
        package var atOnce = 2
        /// Downloads that wait; more are refused.
        package var mostWaiting = 200
        /// Ended downloads that are kept in the list.
        package var mostEnded = 200
        /// How often due webhooks are looked for.
        package var hookInterval = Duration.seconds(1)
        package init() {}
    }

    /// Records are written by the actor's own methods, in order; the executor keeps that off the cooperative pool.
    private let executor = FileExecutor(label: "masque.downloads")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let shelf: DownloadShelf
    let settings: Settings
    private let fetch: Fetch
    let post: HookPost?
    let logger: Logger
    let now: @Sendable () -> Date
    var records: [String: DownloadRecord] = [:]
    /// By download; gone after a restart.
    private var keys: [String: Secret] = [:]
    private var tasks: [String: Task<FetchedModel, any Error>] = [:]
    var listeners: [String: [Int: AsyncStream<DownloadRecord>.Continuation]] = [:]
    var listenerCount = 0
    var hook: DownloadShelf.Hook?
    var hooksInFlight: Set<String> = []
    var isEnding = false
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// Reads what an earlier run left; what was running is queued again. Blocks for some small files.
    ///
    /// - Parameters:
    ///   - folder: for the records; made if need be.
    ///   - post: calls a webhook; nil: webhooks are kept, but not called.
    /// - Throws: ``MasqueError`` when the folder cannot be made or read.
    package init(
        folder: String, settings: Settings = Settings(), logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() },
        post: HookPost? = nil, fetch: @escaping Fetch
    ) throws {
        shelf = try DownloadShelf(folder: folder)
        self.settings = settings
        self.logger = logger
        self.now = now
        self.post = post
        self.fetch = fetch
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let (found, unreadable) = try shelf.load()
        if !unreadable.isEmpty {
            logger.warning("Records of downloads cannot be read.", metadata: ["files": "\(unreadable.sorted())"])
        }
        for var record in found {
            if record.state == .running {
                record.state = .queued
                record.progress.done = 0
            }
            records[record.id] = record
        }
        hook = try shelf.hook()
    }

    // MARK: What clients ask

    /// Queues a download. One of the same file that waits or runs already, asked for with the same key, is that one.
    ///
    /// - Throws: ``MasqueError`` `.tooManyRequests` when the queue is full, `.unavailable` at a shutdown, `.outOfSpace`.
    package func add(_ link: CivitaiLink, key: Secret?) throws -> DownloadRecord {
        guard !isEnding else { throw MasqueError(.unavailable, "The server is shutting down.") }
        if let same = records.values.first(where: {
            !$0.state.isFinal && $0.link == link && keys[$0.id] == key && $0.hasOwnKey == (key != nil)
        }) {
            return same
        }
        guard records.values.count(where: { $0.state == .queued }) < settings.mostWaiting else {
            throw MasqueError(
                .tooManyRequests, "\(settings.mostWaiting) downloads are waiting already.", advice: "Try again later.")
        }
        var bare = link
        bare.key = nil
        let record = DownloadRecord(
            id: "dl_\(randomName())", link: bare, hasOwnKey: key != nil, createdAt: now())
        try shelf.save(record)
        records[record.id] = record
        keys[record.id] = key
        logger.info("A download was queued.", metadata: ["download_id": "\(record.id)", "link": "\(bare)"])
        wake.yield()
        return record
    }

    package func record(_ id: String) -> DownloadRecord? { records[id] }

    /// The newest first.
    package func list(states: Set<DownloadRecord.State>? = nil, limit: Int) -> [DownloadRecord] {
        let found = records.values.filter { states?.contains($0.state) ?? true }
        return Array(found.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }.prefix(limit))
    }

    /// Stops a download that has not ended; one that has stays as it is. What was fetched stays for the next try.
    ///
    /// - Returns: nil when there is none of this name.
    package func cancel(_ id: String) throws -> DownloadRecord? {
        guard let record = records[id], !record.state.isFinal else { return records[id] }
        try change(id) { record in
            record.state = .canceled
            record.failure = DownloadFailure(.canceled, "The download was canceled.", advice: "Ask for it again.")
        }
        tasks[id]?.cancel()
        return records[id]
    }

    /// Sets where the end of every download is told; nil: nowhere.
    package func setWebhook(url: String?, secret: String) throws {
        let new = url.map { DownloadShelf.Hook(url: $0, secret: secret) }
        try shelf.save(new)
        hook = new
    }

    package var webhookURL: String? { hook?.url }

    // MARK: The service

    /// Works until shutdown; once per object. At a graceful shutdown what runs is stopped, and goes on at the next start
    /// from the bytes that are there.
    package func run() async throws {
        wake.yield()
        await withDiscardingTaskGroup { group in
            group.addTask { [wake, interval = settings.hookInterval] in
                await cancelWhenGracefulShutdown {
                    while (try? await Task.sleep(for: interval)) != nil { wake.yield() }
                }
            }
            for await _ in wakes.cancelOnGracefulShutdown() {
                for id in startable() {
                    group.addTask { [self] in
                        await work(id)
                        wake.yield()
                    }
                }
                for id in dueHooks() {
                    group.addTask { [self] in await callHook(id) }
                }
            }
            isEnding = true
            for task in tasks.values { task.cancel() }
            group.cancelAll()
        }
        for continuation in listeners.values.flatMap(\.values) { continuation.finish() }
    }

    private func startable() -> [String] {
        guard !isEnding else { return [] }
        let waiting = records.values.filter { $0.state == .queued && tasks[$0.id] == nil }
            .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        var started: [String] = []
        for record in waiting.prefix(max(0, settings.atOnce - tasks.count)) {
            let (link, key, fetch, id) = (record.link, keys[record.id], fetch, record.id)
            do {
                try change(id) { [moment = now()] record in
                    record.state = .running
                    record.startedAt = moment
                }
            } catch {
                logger.error("The record of a download cannot be written.", metadata: ["error": "\(error)"])
                continue
            }
            tasks[id] = Task { [self] in
                if record.hasOwnKey, key == nil {
                    throw DownloadFailure(
                        .wrongKey, "The server was restarted and has not kept the API key of this download.",
                        advice: "Ask for it again with the key.")
                }
                return try await fetch(link, key) { progress in Task { await self.note(progress, of: id) } }
            }
            started.append(id)
        }
        return started
    }

    private func work(_ id: String) async {
        guard let task = tasks[id] else { return }
        let outcome = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
        tasks[id] = nil
        guard records[id]?.state == .running else { return keys[id] = nil }
        do {
            switch outcome {
            case .success(let model):
                try change(id) { record in
                    record.state = .completed
                    record.result = model
                    record.progress = FetchProgress(done: model.bytes, total: model.bytes)
                }
            case .failure where isEnding || Task.isCancelled:
                // It goes on after the restart.
                return try change(id) { $0.state = .queued }
            case .failure(let error):
                let failure = DownloadFailure(error)
                logger.notice(
                    "A download failed.",
                    metadata: [
                        "download_id": "\(id)", "kind": "\(failure.kind.rawValue)", "message": "\(failure)",
                    ])
                try change(id) { record in
                    record.state = .failed
                    record.failure = failure
                }
            }
        } catch {
            logger.error("The record of a download cannot be written.", metadata: ["error": "\(error)"])
        }
        keys[id] = nil
    }

    /// Changes a record on the disk, then here, then tells it.
    private func change(_ id: String, _ body: (inout DownloadRecord) -> Void) throws {
        guard var record = records[id] else { return }
        body(&record)
        if record.state.isFinal {
            record.endedAt = now()
            if hook != nil { record.hook = DownloadRecord.PendingHook(next: now()) }
        }
        do { try shelf.save(record) } catch  where !record.state.isFinal { throw error } catch {
            // A full disk must not keep a download from ending; after a restart it runs again.
            logger.error("The record of a download cannot be written.", metadata: ["error": "\(error)"])
        }
        records[id] = record
        tell(record)
        if record.state.isFinal {
            forgetOldest()
            wake.yield()
        }
    }

    private func forgetOldest() {
        let ended = records.values.filter { $0.state.isFinal && $0.hook == nil }
            .sorted { ($0.endedAt ?? $0.createdAt) > ($1.endedAt ?? $1.createdAt) }
        for record in ended.dropFirst(settings.mostEnded) {
            records[record.id] = nil
            try? shelf.remove(record.id)
        }
    }
}
