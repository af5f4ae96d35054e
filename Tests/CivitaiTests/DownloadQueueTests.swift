// The queue: order, how many at once, what survives a restart, and who is told.

import Civitai
import Errors
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing

/// Fetches as the test lets it, one gate for each model.
private final class Gatekeeper: Sendable {
    private struct State {
        var started: [Int] = []
        var keys: [Int: Secret?] = [:]
        /// Several, where one model is fetched with several keys.
        var waiting: [Int: [CheckedContinuation<Void, Never>]] = [:]
        var open: Set<Int> = []
        var failures: [Int: DownloadFailure] = [:]
    }
    private let state = Mutex(State())
    private let (starts, start) = AsyncStream.makeStream(of: Int.self)

    var started: [Int] { state.withLock { $0.started } }
    func key(of model: Int) -> Secret? { state.withLock { $0.keys[model] ?? nil } }
    func fail(_ model: Int, _ failure: DownloadFailure) { state.withLock { $0.failures[model] = failure } }

    func open(_ model: Int) {
        let waiting = state.withLock { state in
            state.open.insert(model)
            return state.waiting.removeValue(forKey: model) ?? []
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until so many have started.
    func wait(for count: Int) async {
        var iterator = starts.makeAsyncIterator()
        while started.count < count { _ = await iterator.next() }
    }

    func fetch(_ link: CivitaiLink, _ key: Secret?, _ progress: @Sendable (FetchProgress) -> Void) async throws
        -> FetchedModel
    {
        let model = link.model ?? 0
        state.withLock {
            $0.started.append(model)
            $0.keys[model] = key
        }
        start.yield(model)
        progress(FetchProgress(done: 10, total: 40))
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if state.open.contains(model) { return true }
                    state.waiting[model, default: []].append(continuation)
                    return false
                }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            open(model)
        }
        try Task.checkCancellation()
        if let failure = state.withLock({ $0.failures[model] }) { throw failure }
        return FetchedModel(
            filename: "m\(model).safetensors", path: "/x/Lora/m\(model).safetensors", modelName: "M\(model)",
            versionName: "v1",
            model: model, version: 1, file: 1, type: "LORA", sha256: String(repeating: "a", count: 64), bytes: 40,
            wasThere: false)
    }
}

@Suite struct DownloadQueueTests {
    private func link(_ model: Int) -> CivitaiLink { CivitaiLink(model: model, version: nil) }

    private var logger: Logger {
        var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .critical
        return logger
    }

    /// Runs a queue while `body` does; it ends as at a shutdown.
    private func run<Value: Sendable>(
        _ folder: String, _ gates: Gatekeeper, atOnce: Int = 2, mostEnded: Int = 200, post: HookPost? = nil,
        _ body: @Sendable (DownloadQueue) async throws -> Value
    ) async throws -> Value {
        var settings = DownloadQueue.Settings()
        settings.atOnce = atOnce
        settings.mostEnded = mostEnded
        settings.hookInterval = .milliseconds(10)
        let queue = try DownloadQueue(
            folder: folder, settings: settings, logger: logger, post: post,
            fetch: { try await gates.fetch($0, $1, $2) })
        let group = ServiceGroup(configuration: .init(services: [.init(service: queue)], logger: logger))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let value: Value
            do {
                value = try await body(queue)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return value
        }
    }

    @Test func `so many run at once, the others in order, and each tells how it ended`() async throws {
        try await Samples.withFolder { folder in
            let gates = Gatekeeper()
            try await run(folder, gates) { queue in
                var ids: [String] = []
                for model in 1...4 {
                    ids.append(try await queue.add(link(model), key: nil).id)
                    // Of the same moment, names would decide.
                    try await Task.sleep(for: .milliseconds(2))
                }
                await gates.wait(for: 2)
                #expect(gates.started.sorted() == [1, 2])
                #expect(await queue.record(ids[2])?.state == .queued)
                gates.fail(2, DownloadFailure(.archived, "Gone.", advice: "Choose another."))
                gates.open(1)
                gates.open(2)
                await gates.wait(for: 4)
                gates.open(3)
                gates.open(4)
                let first = try #require(await queue.ended(ids[0], within: .seconds(30)))
                #expect(first.state == .completed)
                #expect(first.result?.filename == "m1.safetensors")
                #expect(first.progress.percent == 100)
                let second = try #require(await queue.ended(ids[1], within: .seconds(30)))
                #expect(second.state == .failed)
                #expect(second.failure?.kind == .archived)
                #expect(await queue.ended(ids[3], within: .seconds(30))?.state == .completed)
                #expect(await queue.list(limit: 10).map(\.id) == ids.reversed())
                #expect(await queue.list(states: [.failed], limit: 10).map(\.id) == [ids[1]])
            }
        }
    }

    @Test func `the same file asked for twice is one download, but not with another key`() async throws {
        try await Samples.withFolder { folder in
            let gates = Gatekeeper()
            try await run(folder, gates) { queue in
                let first = try await queue.add(link(1), key: nil)
                #expect(try await queue.add(link(1), key: nil).id == first.id)
                let other = try await queue.add(link(1), key: Secret("k"))
                #expect(other.id != first.id)
                #expect(try await queue.add(link(1), key: Secret("k")).id == other.id)
                #expect(try await queue.add(link(1), key: Secret("l")).id != other.id)
                gates.open(1)
                _ = await queue.ended(first.id, within: .seconds(30))
                #expect(try await queue.add(link(1), key: nil).id != first.id)
            }
        }
    }

    @Test func `what ran or waited goes on after a restart, and what ended stays in the list`() async throws {
        try await Samples.withFolder { folder in
            let gates = Gatekeeper()
            gates.open(1)
            let ids = try await run(folder, gates, atOnce: 1) { queue in
                let done = try await queue.add(link(1), key: nil)
                _ = await queue.ended(done.id, within: .seconds(30))
                let running = try await queue.add(link(2), key: nil)
                await gates.wait(for: 2)
                let waiting = try await queue.add(link(3), key: nil)
                return [done.id, running.id, waiting.id]
            }
            let later = Gatekeeper()
            later.open(2)
            later.open(3)
            try await run(folder, later, atOnce: 1) { queue in
                #expect(await queue.record(ids[0])?.result?.filename == "m1.safetensors")
                #expect(await queue.ended(ids[1], within: .seconds(30))?.state == .completed)
                #expect(await queue.ended(ids[2], within: .seconds(30))?.state == .completed)
                #expect(later.started == [2, 3])
            }
        }
    }

    @Test func `a server that was killed leaves its running downloads to the next`() async throws {
        try await Samples.withFolder { folder in
            let before = "\(folder)/before"
            let after = "\(folder)/after"
            let id = try await run(before, Gatekeeper()) { queue in
                let id = try await queue.add(link(1), key: nil).id
                for await change in await queue.changes(of: id) where change.state == .running { break }
                // The disk as a server leaves it that is killed now.
                try FileManager.default.copyItem(atPath: before, toPath: after)
                return id
            }
            let kept = try String(contentsOfFile: "\(after)/\(id).json", encoding: .utf8)
            #expect(kept.contains(#""state":"running""#))
            try Data("{broken".utf8).write(to: URL(filePath: "\(after)/dl_y.json"))
            let gates = Gatekeeper()
            gates.open(1)
            try await run(after, gates) { queue in
                #expect(await queue.ended(id, within: .seconds(30))?.state == .completed)
                #expect(await queue.record("dl_y") == nil)
            }
            #expect(FileManager.default.fileExists(atPath: "\(after)/dl_y.json"))
        }
    }

    @Test func `a client's own key is used, and stands nowhere on the disk; after a restart it is asked for`()
        async throws
    {
        try await Samples.withFolder { folder in
            let gates = Gatekeeper()
            let id = try await run(folder, gates) { queue in
                let record = try await queue.add(link(1), key: Secret("hush-hush"))
                await gates.wait(for: 1)
                #expect(gates.key(of: 1)?.text == "hush-hush")
                return record.id
            }
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                #expect(!text.contains("hush"))
            }
            try await run(folder, Gatekeeper()) { queue in
                let ended = try #require(await queue.ended(id, within: .seconds(30)))
                #expect(ended.failure?.kind == .wrongKey)
                #expect(ended.failure?.message.contains("restarted") == true)
            }
        }
    }

    @Test func `a running download is canceled and makes room, a waiting one never starts, an ended one stays`()
        async throws
    {
        try await Samples.withFolder { folder in
            let gates = Gatekeeper()
            try await run(folder, gates, atOnce: 1) { queue in
                let running = try await queue.add(link(1), key: nil)
                await gates.wait(for: 1)
                let waiting = try await queue.add(link(2), key: nil)
                let last = try await queue.add(link(3), key: nil)
                #expect(try await queue.cancel(waiting.id)?.state == .canceled)
                #expect(try await queue.cancel(running.id)?.state == .canceled)
                gates.open(3)
                #expect(await queue.ended(last.id, within: .seconds(30))?.state == .completed)
                #expect(try await queue.cancel(last.id)?.state == .completed)
                #expect(try await queue.cancel("dl_none") == nil)
                #expect(gates.started == [1, 3])
            }
        }
    }

    @Test func `changes are heard from the present state to the final one`() async throws {
        try await Samples.withFolder { folder in
            let gates = Gatekeeper()
            try await run(folder, gates) { queue in
                let record = try await queue.add(link(1), key: nil)
                let changes = await queue.changes(of: record.id)
                await gates.wait(for: 1)
                let opener = Task {
                    // Not before the progress of the beginning was heard.
                    while await queue.record(record.id)?.progress.done != 10 { await Task.yield() }
                    gates.open(1)
                }
                var heard: [DownloadRecord] = []
                for await change in changes { heard.append(change) }
                await opener.value
                #expect(heard.last?.state == .completed)
                #expect(heard.contains { $0.progress == FetchProgress(done: 10, total: 40) })
                var again: [DownloadRecord] = []
                for await change in await queue.changes(of: record.id) { again.append(change) }
                #expect(again.map(\.state) == [.completed])
            }
        }
    }

    @Test func `the list forgets the oldest that ended`() async throws {
        try await Samples.withFolder { folder in
            let gates = Gatekeeper()
            for model in 1...4 { gates.open(model) }
            try await run(folder, gates, atOnce: 1, mostEnded: 2) { queue in
                var last = ""
                for model in 1...4 {
                    last = try await queue.add(link(model), key: nil).id
                    _ = await queue.ended(last, within: .seconds(30))
                }
                #expect(await queue.list(limit: 10).count == 2)
                #expect(await queue.record(last) != nil)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
            }
        }
    }

    @Test func `a webhook hears each end, again after a failure, with the same id, and after a restart`() async throws {
        try await Samples.withFolder { folder in
            let gates = Gatekeeper()
            gates.open(1)
            let calls = Mutex<[(url: String, id: String, secret: String, attempts: Int, body: String)]>([])
            let (heard, hear) = AsyncStream.makeStream(of: Int.self)
            let refusing: HookPost = { body, url, id, secret, attempts, now in
                let count = calls.withLock {
                    $0.append((url, id, secret, attempts, String(decoding: body, as: UTF8.self)))
                    return $0.count
                }
                hear.yield(count)
                return count == 1 ? .again(at: now) : .again(at: now.addingTimeInterval(3600))
            }
            let id = try await run(folder, gates, post: refusing) { queue in
                try await queue.setWebhook(url: "https://example.com/hook", secret: "whsec_x")
                let id = try await queue.add(link(1), key: nil).id
                var iterator = heard.makeAsyncIterator()
                while calls.withLock({ $0.count }) < 2 { _ = await iterator.next() }
                // Called, and written down as called.
                while await queue.record(id)?.hook?.attempts != 2 { await Task.yield() }
                return id
            }
            let first = calls.withLock { $0 }
            #expect(first.map(\.id) == ["msg_\(id)", "msg_\(id)"])
            #expect(first.map(\.attempts) == [0, 1])
            #expect(first[0].url == "https://example.com/hook")
            #expect(first[0].secret == "whsec_x")
            #expect(first[0].body.contains(#""type":"download.completed""#))
            #expect(first[0].body.contains(#""filename":"m1.safetensors""#))
            // An hour later, by the clock of the next server.
            let (later, tell) = AsyncStream.makeStream(of: Int.self)
            let queue = try DownloadQueue(
                folder: folder, logger: logger, now: { Date(timeIntervalSinceNow: 7200) },
                post: { _, _, _, _, attempts, _ in
                    tell.yield(attempts)
                    return .delivered
                }, fetch: { try await gates.fetch($0, $1, $2) })
            let group = ServiceGroup(configuration: .init(services: [.init(service: queue)], logger: logger))
            async let running: Void = group.run()
            var iterator = later.makeAsyncIterator()
            #expect(await iterator.next() == 2)
            await group.triggerGracefulShutdown()
            try await running
            #expect(await queue.webhookURL == "https://example.com/hook")
        }
    }
}
