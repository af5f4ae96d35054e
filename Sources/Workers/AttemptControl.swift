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
        if isNew { process.cancel(lease.token) }
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
