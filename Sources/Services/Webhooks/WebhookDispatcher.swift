// Sends due deliveries, tries again what fails, and remembers the outcome of every attempt.

internal import Errors
package import Foundation
package import JobQueue
package import Logging
internal import ServiceLifecycle
internal import Synchronization

/// The service that delivers webhooks from a store: at least once, in no particular order, the same id at every attempt.
///
/// On graceful shutdown what is in flight is finished; on cancellation it is dropped, and sent again when its lease has run
/// out.
package final class WebhookDispatcher: Service, Sendable {
    /// Limits and times.
    package struct Settings: Sendable {
        package var schedule = WebhookSchedule()
        /// For one attempt, the answer's body included.
        package var timeout = Duration.seconds(15)
        /// How often the store is asked without being poked.
        package var pollInterval = Duration.seconds(1)
        package var userAgent = "Masque (webhooks)"
        package init() {}
    }

    private let store: any WebhookStore
    private let sender: WebhookSender
    private let settings: Settings
    private let data: @Sendable (Delivery) throws -> [UInt8]
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let queue: Mutex<DeliveryQueue>
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - data: the job of a delivery as JSON, in the shape in which clients know it.
    ///   - now: the time; tests put their own in its place.
    package init(
        store: any WebhookStore, targets: SSRFGuard, settings: Settings = Settings(), logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }, data: @escaping @Sendable (Delivery) throws -> [UInt8]
    ) {
        self.store = store
        self.settings = settings
        self.logger = logger
        self.now = now
        self.data = data
        sender = WebhookSender(targets: targets, timeout: settings.timeout, userAgent: settings.userAgent)
        queue = Mutex(DeliveryQueue(limits: DeliveryQueue.Limits()))
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Has the store asked at once; for after a job has changed its state. Costs nothing when called often.
    package func poke() { wake.yield() }

    /// Runs until shutdown; once per object.
    package func run() async throws {
        wake.yield()
        await withDiscardingTaskGroup { group in
            group.addTask { [wake, interval = settings.pollInterval] in
                await cancelWhenGracefulShutdown {
                    while (try? await Task.sleep(for: interval)) != nil { wake.yield() }
                }
            }
            for await _ in wakes.cancelOnGracefulShutdown() {
                for entry in await due() {
                    group.addTask { [self] in
                        await attempt(entry.delivery)
                        queue.withLock { $0.finished(entry) }
                        wake.yield()
                    }
                }
            }
        }
    }

    /// Claims what is due and says what of it goes out now.
    private func due() async -> [DeliveryQueue.Entry] {
        let seconds = settings.timeout / .seconds(1)
        do {
            while true {
                let limit = min(32, queue.withLock(\.room))
                guard limit > 0 else { break }
                let now = now()
                // Long enough to wait for a slot; short enough that a killed server's deliveries go on soon.
                let lease = now.addingTimeInterval(2 * seconds + 30)
                let claimed = try await store.claimDeliveries(limit: limit, leaseUntil: lease, now: now)
                queue.withLock { queue in
                    for delivery in claimed {
                        let host = (try? TargetURL(delivery.webhook.url).hostKey) ?? delivery.webhook.url
                        queue.add(DeliveryQueue.Entry(delivery: delivery, host: host, leaseUntil: lease))
                    }
                }
                guard claimed.count == limit else { break }
            }
        } catch is CancellationError {
            return []
        } catch {
            logger.error("Due webhooks could not be read; they will be at the next try.", error: error)
        }
        let latest = now().addingTimeInterval(seconds + 10)
        return queue.withLock { $0.start(latest: latest) }
    }

    /// Sends one delivery and records what became of it, out of reach of a cancellation that comes in between.
    private func attempt(_ delivery: Delivery) async {
        let outcome = await outcome(of: delivery)
        // A stopped attempt says nothing about the target.
        if Task.isCancelled, outcome != .delivered { return }
        var logger = logger
        logger[metadataKey: "job_id"] = "\(delivery.job.id)"
        logger[metadataKey: "delivery_id"] = "\(delivery.id)"
        logger.info("A webhook was tried.", metadata: ["outcome": "\(outcome)", "attempt": "\(delivery.attempts + 1)"])
        let (store, now) = (store, now())
        let recorded = await Task { try await store.record(outcome, of: delivery.id, now: now) }.result
        if case .failure(let error) = recorded {
            logger.error("The outcome of a webhook could not be recorded; it will be sent again.", error: error)
        }
    }

    /// Makes one attempt.
    func outcome(of delivery: Delivery) async -> DeliveryOutcome {
        do {
            let signer = try WebhookSigner(secret: delivery.webhook.secret)
            let body = webhookPayload(of: delivery, data: try data(delivery))
            let result = await sender.send(
                body, to: delivery.webhook.url, id: delivery.id, signer: signer, now: now())
            return settings.schedule.outcome(of: result, attempts: delivery.attempts, now: now())
        } catch {
            return .dead(error: "The delivery could not be made: \(error)")
        }
    }
}

extension Logger {
    fileprivate func error(_ message: Message, error: any Error) {
        self.error(message, metadata: ["error": "\(error)"])
    }
}
