// Wakes the one task that follows a job: something happened, or nothing more will.

internal import Synchronization

/// A kept ring for one waiter, with a flag for the end.
final class Signals: Sendable {
    private struct State {
        var isRung = false
        var isOver = false
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    /// Something happened.
    func ring() { wake { $0.isRung = true } }

    /// Nothing more will happen.
    func end() { wake { $0.isOver = true } }

    var isOver: Bool { state.withLock(\.isOver) }

    /// Waits for a ring since the last wait, or for the end. Returns at once when the task is cancelled.
    func wait() async { await wait { $0.isRung || $0.isOver } }

    /// Waits for the end, whatever rings.
    /// - Returns: false when the time came first.
    func waitForEnd(until time: ContinuousClock.Instant) async -> Bool {
        guard time > .now, !isOver else { return isOver }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(until: time, clock: .continuous) }
            group.addTask {
                while !self.isOver, !Task.isCancelled { await self.wait { $0.isOver } }
            }
            await group.next()
            group.cancelAll()
        }
        return isOver
    }

    private func wait(for isReady: @escaping @Sendable (State) -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let goesOn = state.withLock { state in
                    if Task.isCancelled || isReady(state) { return true }
                    state.waiter = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
            state.withLock { $0.isRung = false }
        } onCancel: {
            wake { _ in }
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
