// Runs the swaps of one command, one after the other.

internal import ArgumentParser
internal import Errors
internal import Inference
internal import Studio

/// Does one swap, or a batch in which a failing item does not stop the others.
struct SwapRunner: Sendable {
    let requests: [MediaRequest]
    let isBatch: Bool
    let printing: SwapPrinting
    let policy: ExecutionPolicy

    /// Runs all.
    ///
    /// - Throws: what the only swap throws; `ExitCode` 1 after a batch in which a swap failed; `.stopped`.
    func run() async throws {
        let runner = self
        let failures = try await Interruption.stoppable { try await runner.all() }
        if failures > 0 { throw ExitCode(1) }
    }

    private func all() async throws -> Int {
        let engine = Engine(policy: policy)
        let start = ContinuousClock.now
        var failures = 0
        for (index, request) in requests.enumerated() {
            let display = ProgressDisplay(
                style: printing.progressStyle, item: isBatch ? (index, requests.count) : nil)
            do {
                let report = try await engine.process(request) { display.show($0) }
                display.end()
                printing.show(report, item: isBatch ? index : nil)
            } catch {
                display.end()
                guard isBatch, !Task.isCancelled else { throw Task.isCancelled ? Interruption.error : error }
                failures += 1
                printing.show(error, target: request.target, item: index)
            }
        }
        if isBatch {
            let seconds = Double((ContinuousClock.now - start) / .seconds(1))
            printing.showSummary(done: requests.count - failures, failed: failures, seconds: seconds)
        }
        return failures
    }
}
