// Wakes those who wait for something to do.

internal import Synchronization

/// A bell that many may wait for, each no longer than a given time. A ring between two waits is not missed.
final class Bell: Sendable {
    private struct State {
        var rings = 0
        var next = 0
        var sleepers: [Int: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = Mutex(State())

    /// How often it rang.
    var rings: Int { state.withLock { $0.rings } }

    func ring() {
        let sleepers = state.withLock { state in
            state.rings += 1
            defer { state.sleepers = [:] }
            return state.sleepers.values.map { $0 }
        }
        for sleeper in sleepers { sleeper.resume() }
    }

    /// Waits until it has rung more often than `seen`, or time is up.
    func wait(after seen: Int, atMost limit: Duration) async {
        await withCheckedContinuation { continuation in
            let number: Int? = state.withLock { state in
                guard state.rings == seen else { return nil }
                state.next += 1
                state.sleepers[state.next] = continuation
                return state.next
            }
            guard let number else {
                continuation.resume()
                return
            }
            Task {
                try? await Task.sleep(for: limit)
                self.state.withLock { $0.sleepers.removeValue(forKey: number) }?.resume()
            }
        }
    }
}
