// The most memory of its own that this process has had, which the kernel does not keep.
internal import Foundation
internal import Synchronization

/// Looks at the process's anonymous memory every ten milliseconds, from its making on.
final class MemoryWatch: Sendable {
    private let state = Mutex((peak: 0, isOver: false))

    init() {
        let thread = Thread { [self] in
            while !look() { Thread.sleep(forTimeInterval: 0.01) }
        }
        thread.start()
    }

    private func look() -> Bool {
        let now = Machine.resident.anonymous
        return state.withLock { state in
            state.peak = max(state.peak, now)
            return state.isOver
        }
    }

    /// Ends looking and says the most that there was, in bytes.
    func end() -> Int {
        state.withLock { state in
            state.isOver = true
            return state.peak
        }
    }
}
