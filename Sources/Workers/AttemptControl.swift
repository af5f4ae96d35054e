// What others decided about a running attempt: cancel, lost lease, hand back.

internal import JobQueue
internal import Synchronization

/// The switch of one attempt, turned by heartbeats, pokes and shutdown from any thread.
final class AttemptControl: Sendable {
    /// Later cases override earlier ones.
    enum Fate: Int, Sendable, Comparable {
        case goOn, giveBack, cancel, lost
        static func < (a: Fate, b: Fate) -> Bool { a.rawValue < b.rawValue }
    }
    let lease: Lease
    private let process: MediaProcess
    private let state = Mutex(Fate.goOn)
    /// Stops whatever else works for the attempt.
    private let other = Mutex<(@Sendable () -> Void)?>(nil)

    init(lease: Lease, process: MediaProcess) {
        self.lease = lease
        self.process = process
    }

    var fate: Fate { state.withLock { $0 } }

    /// Decides; the process is asked to stop at the first decision.
    func decide(_ fate: Fate) {
        let isNew = state.withLock { state in
            guard fate > state else { return false }
            state = fate
            return true
        }
        guard isNew else { return }
        process.cancel(lease.token)
        other.withLock { $0 }?()
    }

    /// Names what else is to be stopped at the first decision; at once when there was one.
    func onDecision(_ stop: @escaping @Sendable () -> Void) {
        other.withLock { $0 = stop }
        if fate > .goOn { stop() }
    }

    /// Takes what the store said of the lease.
    func take(_ status: LeaseStatus) {
        switch status {
        case .held: break
        case .cancelRequested: decide(.cancel)
        case .lost: decide(.lost)
        }
    }
}
