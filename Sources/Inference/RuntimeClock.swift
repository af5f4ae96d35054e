// How long this process was inside an inference runtime, and how long it loaded models.
internal import Synchronization

/// Wall time of runs and loads, all sessions and threads together. Costs well under a microsecond a run.
package enum RuntimeClock {
    /// What was counted since the process began.
    package struct Reading: Sendable {
        /// Time during which at least one run was in progress.
        package var running = Duration.zero
        /// Time during which at least one model was loaded or verified.
        package var loading = Duration.zero
        /// The time of runs by the model's name; those that overlap count twice.
        package var models: [String: Duration] = [:]

        /// What was counted since an earlier reading.
        package func since(_ earlier: Reading) -> Reading {
            Reading(
                running: running - earlier.running, loading: loading - earlier.loading,
                models: models.merging(earlier.models) { $0 - $1 })
        }
    }

    /// The union of periods that may overlap.
    private struct Union {
        var open = 0
        var start = ContinuousClock.now
        var total = Duration.zero

        mutating func begin(_ now: ContinuousClock.Instant) {
            if open == 0 { start = now }
            open += 1
        }
        mutating func end(_ now: ContinuousClock.Instant) {
            open -= 1
            if open == 0 { total += now - start }
        }
        /// The total with the period that is open.
        func total(at now: ContinuousClock.Instant) -> Duration { open > 0 ? total + (now - start) : total }
    }
    private struct Count {
        var running = Union()
        var loading = Union()
        var models: [String: Duration] = [:]
    }
    private static let count = Mutex(Count())

    /// What was counted so far.
    package static func read() -> Reading {
        count.withLock { count in
            let now = ContinuousClock.now
            return Reading(
                running: count.running.total(at: now), loading: count.loading.total(at: now), models: count.models)
        }
    }

    /// Counts a run of the model `name`.
    static func running<T>(_ name: String, _ body: () throws -> T) rethrows -> T {
        let start = ContinuousClock.now
        count.withLock { $0.running.begin(start) }
        defer {
            let end = ContinuousClock.now
            count.withLock { count in
                count.running.end(end)
                count.models[name, default: .zero] += end - start
            }
        }
        return try body()
    }

    /// Counts a load.
    static func loading<T>(_ body: () throws -> T) rethrows -> T {
        count.withLock { $0.loading.begin(.now) }
        defer { count.withLock { $0.loading.end(.now) } }
        return try body()
    }
}
