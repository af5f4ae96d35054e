// Threads of the engine's own for blocking work.
internal import Errors
internal import Foundation
internal import Synchronization

/// Says to blocking work that its task was cancelled. The work asks; nothing interrupts it.
package final class CancellationFlag: Sendable {
    private let cancelled = Atomic(false)

    package init() {}

    /// Whether the work should stop.
    package var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
    /// Asks the work to stop.
    package func cancel() { cancelled.store(true, ordering: .relaxed) }
    /// Throws a `.stopped` error once the work should stop.
    package func check() throws {
        if isCancelled { throw MasqueError(.stopped, "The work was stopped before it was done.") }
    }
}

/// Runs blocking work on a thread of its own (8 MB of stack) and awaits its result, so that inference, codecs and
/// locks never hold a thread of the cooperative pool.
///
/// - Parameters:
///   - name: the thread's name, as debuggers show it; its first 15 letters are kept.
///   - body: the work. It is given a flag that is set when the awaiting task is cancelled; the call returns only when
///     the work does, so nothing runs on behind a caller's back.
/// - Throws: what `body` throws; `.stopped` without running it when the task is cancelled already.
package func onEngineThread<T: Sendable>(
    _ name: String, _ body: @Sendable @escaping (CancellationFlag) throws -> T
) async throws -> T {
    let flag = CancellationFlag()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                // Foundation names a thread for the system only from within; Linux keeps 15 bytes.
                Thread.current.name = String(name.prefix(15))
                continuation.resume(
                    with: Result {
                        try flag.check()
                        return try body(flag)
                    })
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
    } onCancel: {
        flag.cancel()
    }
}

/// Runs blocking work that does not ask whether it should stop on a thread of its own.
package func onEngineThread<T: Sendable>(
    _ name: String, _ body: @Sendable @escaping () throws -> T
) async throws -> T {
    try await onEngineThread(name) { (_: CancellationFlag) in try body() }
}
