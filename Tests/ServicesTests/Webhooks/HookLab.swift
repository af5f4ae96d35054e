// A store with one finished job and webhooks, and a dispatcher over it with short times.

import Addresses
import Errors
import Foundation
import JobQueue
import JobQueueSQLite
import Logging
import ServiceLifecycle
import Services
import Synchronization
import Testing

/// What a test of deliveries works with.
struct HookLab {
    let store: SQLiteStore
    let job = JobID(rawValue: "job_hooks")
    let owner = OwnerID(rawValue: "demo")
    /// The time that store and dispatcher see.
    let clock = HookClock()

    /// A canceled job, so that subscribing makes a delivery at once.
    static func with<Value>(_ body: (HookLab) async throws -> Value) async throws -> Value {
        try await withStore { store in
            let lab = HookLab(store: store)
            let description = JobDescription(
                mode: "photo_photo", processors: ["face_swapper"], swapper: "mesh", enhancer: nil, lane: .image)
            let new = NewJob(id: lab.job, owner: lab.owner, description: description)
            _ = try await store.create(new, now: lab.clock.now)
            _ = try await store.cancel(lab.job, owner: lab.owner, now: lab.clock.now)
            return try await body(lab)
        }
    }

    @discardableResult
    func subscribe(_ url: String) async throws -> Webhook {
        let new = NewWebhook(url: url, events: [.canceled], secret: WebhookSigner.makeSecret())
        return try await store.subscribe(new, to: job, owner: owner, now: clock.now)
    }

    /// A subscription of another owner, with a job of his own.
    func subscribe(_ url: String, as owner: OwnerID) async throws -> Webhook {
        let description = try await store.job(job, owner: nil)?.description
        let new = NewJob(
            id: JobID(rawValue: "job_\(owner)"), owner: owner, description: try #require(description))
        _ = try await store.create(new, now: clock.now)
        _ = try await store.cancel(new.id, owner: owner, now: clock.now)
        return try await store.subscribe(
            NewWebhook(url: url, events: [.canceled], secret: WebhookSigner.makeSecret()), to: new.id, owner: owner,
            now: clock.now)
    }

    func delivery(to webhook: Webhook) async throws -> Delivery? {
        try await store.deliveries(state: nil, job: webhook.job, limit: 100).first { $0.webhook.id == webhook.id }
    }

    func dispatcher(
        timeout: Duration = .seconds(10), allowed: [String] = ["127.0.0.0/8"],
        resolver: any AddressResolver = SystemResolver(),
        poll: Duration = .milliseconds(20), data: @escaping @Sendable (Delivery) throws -> [UInt8] = HookLab.data
    ) throws -> WebhookDispatcher {
        var rules = SSRFGuard.Settings()
        rules.allowsPlainHTTP = true
        rules.allowPrivateTargets = allowed
        var settings = WebhookDispatcher.Settings()
        settings.timeout = timeout
        settings.pollInterval = poll
        settings.schedule.jitter = { 1 }
        let clock = clock
        return WebhookDispatcher(
            store: store, targets: try SSRFGuard(rules, resolver: resolver), settings: settings,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), now: { clock.now }, data: data)
    }

    static let data: @Sendable (Delivery) throws -> [UInt8] = { Array("{\"job_id\":\"\($0.job.id)\"}".utf8) }

    /// Runs a dispatcher for the time of `body`, then shuts it down gracefully.
    func running(_ dispatcher: WebhookDispatcher, _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(
            services: [dispatcher], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let task = Task { try await group.run() }
        do {
            try await body()
        } catch {
            await group.triggerGracefulShutdown()
            try await task.value
            throw error
        }
        await group.triggerGracefulShutdown()
        try await task.value
    }

    /// Waits until a delivery fits, at most ten seconds.
    func wait(for webhook: Webhook, until fits: (Delivery) -> Bool) async throws -> Delivery {
        for _ in 0..<2_000 {
            if let delivery = try await delivery(to: webhook), fits(delivery) { return delivery }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw MasqueError(
            .failed, "The delivery did not get there; it is \(String(describing: try await delivery(to: webhook))).")
    }
}

/// A clock that stands until it is moved.
final class HookClock: Sendable {
    private let time = Mutex(noon)
    var now: Date { time.withLock(\.self) }
    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
}

/// Holds up who waits at it until it is opened.
final class HookGate: Sendable {
    private let isOpen = Mutex(false)

    func open() { isOpen.withLock { $0 = true } }

    func wait() async {
        while !isOpen.withLock(\.self) {
            guard (try? await Task.sleep(for: .milliseconds(5))) != nil else { return }
        }
    }
}
