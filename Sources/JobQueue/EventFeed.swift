// Tells many listeners at once what happens to jobs, from one look at the store.

/// Follows the store's events and hands them to whoever listens to a job.
///
/// ``run()`` must be running for anything to arrive. It looks every `interval` whether there are new events (also those
/// of other processes), and at once after ``poke()``; they are read once, however many listen. Nothing is asked while
/// nobody listens. It needs a store whose events become visible in the order of their numbers.
package actor EventFeed {
    private struct Seat {
        weak var listener: EventListener?
    }

    private let store: any JobStore
    private let interval: Duration
    private let deletionInterval: Duration
    private let clock: any Clock<Duration>
    private let report: @Sendable (any Error) -> Void
    private let bell = Bell()
    private var seats: [JobID: [Seat]] = [:]
    /// The newest event that was handed out; nil while nobody listens.
    private var position: Int64?
    private var isStopped = false

    /// - Parameters:
    ///   - deletionInterval: how often it is looked whether the jobs listened to are still there; a deletion leaves no
    ///     event. ``forget(_:)`` tells of it at once.
    ///   - report: gets the errors of the store. The feed goes on after them.
    package init(
        store: any JobStore, interval: Duration = .milliseconds(250), deletionInterval: Duration = .seconds(5),
        clock: any Clock<Duration> = ContinuousClock(), report: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.store = store
        self.interval = interval
        self.deletionInterval = deletionInterval
        self.clock = clock
        self.report = report
    }

    /// Runs until the task is cancelled; then every stream ends.
    package func run() async throws {
        isStopped = false
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.followEvents() }
            group.addTask { await self.followDeletions() }
        }
        isStopped = true
        for listener in listeners() { listener.end() }
    }

    /// Has the feed look at once: called after a write to the store in this process.
    package nonisolated func poke() { bell.ring() }

    /// The job was deleted by this process: its streams end.
    package func forget(_ job: JobID) {
        for seat in seats.removeValue(forKey: job) ?? [] { seat.listener?.end() }
    }

    /// What has happened to a job after an event, then what happens, without gap or repeat.
    ///
    /// Ends after `completed`, `failed` or `canceled`, when the job is deleted or not there, and when the feed stops. A
    /// slow listener misses progress lines of the same stage but the newest, nothing else, and takes up no more memory.
    /// - Parameter number: the last event that was seen, 0 for all.
    package func events(of job: JobID, after number: Int64) -> AsyncThrowingStream<JobEvent, any Error> {
        let listener = EventListener(job: job, after: number, store: store)
        if isStopped { listener.end() } else { seats[job, default: []].append(Seat(listener: listener)) }
        return AsyncThrowingStream { try await listener.next() }
    }

    /// Waits until a job is completed, failed or canceled. nil: it isn't within this time, or there is no such job.
    /// - Throws: errors of the store, `CancellationError`.
    package func final(of job: JobID, within limit: Duration) async throws -> Job? {
        func ended() async throws -> Job? {
            let found = try await store.job(job, owner: nil)
            return found?.state.isFinal == true ? found : nil
        }
        if let found = try await ended() { return found }
        guard limit > .zero else { return nil }
        let stream = events(of: job, after: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for try await _ in stream {} }
            group.addTask { [clock] in try await clock.sleep(for: limit) }
            try await group.next()
            group.cancelAll()
        }
        return try await ended()
    }

    private func listeners() -> [EventListener] { seats.values.flatMap(\.self).compactMap(\.listener) }

    private func followEvents() async {
        while !Task.isCancelled {
            do { try await look() } catch { report(error) }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [clock, interval] in try? await clock.sleep(for: interval) }
                group.addTask { [bell] in await bell.wait() }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func followDeletions() async {
        while !Task.isCancelled {
            guard (try? await clock.sleep(for: deletionInterval)) != nil else { return }
            do {
                for job in Array(seats.keys) where try await store.events(of: job, after: 0, limit: 1).isEmpty {
                    forget(job)
                }
            } catch {
                report(error)
            }
        }
    }

    /// Reads what is new and hands it out.
    private func look() async throws {
        // Who dropped the stream is gone.
        seats = seats.compactMapValues { seats in
            let left = seats.filter { $0.listener != nil }
            return left.isEmpty ? nil : left
        }
        guard !seats.isEmpty else {
            position = nil
            return
        }
        let newest = try await store.newestEvent()
        guard var from = position else {
            // What came between a listener's own look at the store and this one, nobody has told it.
            position = newest
            for listener in listeners() { listener.reread() }
            return
        }
        guard newest > from else { return }
        let limit = 500
        var page: [JobEvent]
        repeat {
            page = try await store.events(of: nil, after: from, limit: limit)
            for event in page {
                for seat in seats[event.job] ?? [] { seat.listener?.offer(event) }
            }
            from = page.last?.number ?? from
            position = from
        } while page.count == limit
        position = max(from, newest)
    }
}
