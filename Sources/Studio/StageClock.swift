// Seconds spent per stage, added up from several threads.

internal import Synchronization

/// Adds up how long each stage took.
final class StageClock: Sendable {
    private let totals = Mutex<[(name: String, seconds: Double)]>([])

    /// Runs `body` and adds its time to a stage.
    func measure<T>(_ stage: String, _ body: () throws -> T) rethrows -> T {
        let start = ContinuousClock.now
        defer { add(stage, (ContinuousClock.now - start).seconds) }
        return try body()
    }

    /// Adds seconds to a stage.
    func add(_ stage: String, _ seconds: Double) {
        totals.withLock { totals in
            if let i = totals.firstIndex(where: { $0.name == stage }) {
                totals[i].seconds += seconds
            } else {
                totals.append((stage, seconds))
            }
        }
    }

    /// The stages in the order in which they were first met.
    var stages: [SwapReport.Stage] {
        totals.withLock { $0.map { SwapReport.Stage(name: $0.name, seconds: $0.seconds) } }
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
