// Seconds spent per stage, added up from several threads.

internal import Foundation
internal import Synchronization

/// Adds up how long each stage took, by the wall and by its threads' processor time.
final class StageClock: Sendable {
    private let totals = Mutex<[(name: String, seconds: Double, processor: Double)]>([])

    /// Runs `body` and adds its time to a stage.
    func measure<T>(_ stage: String, _ body: () throws -> T) rethrows -> T {
        let start = ContinuousClock.now, processor = Self.threadSeconds
        defer { add(stage, (ContinuousClock.now - start).seconds, processor: Self.threadSeconds - processor) }
        return try body()
    }

    private func add(_ stage: String, _ seconds: Double, processor: Double) {
        totals.withLock { totals in
            if let i = totals.firstIndex(where: { $0.name == stage }) {
                totals[i].seconds += seconds
                totals[i].processor += processor
            } else {
                totals.append((stage, seconds, processor))
            }
        }
    }

    /// Processor seconds of the calling thread so far.
    private static var threadSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// The stages in the order in which they were first met.
    var stages: [MediaReport.Stage] {
        totals.withLock {
            $0.map { MediaReport.Stage(name: $0.name, seconds: $0.seconds, processorSeconds: $0.processor) }
        }
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
