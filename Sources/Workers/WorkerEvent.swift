// What the workers tell those who count: metrics and tests.

package import JobQueue

/// How an attempt ended.
package enum AttemptOutcome: String, Sendable, CaseIterable {
    case completed
    case failed
    /// Goes back in the queue after a failure.
    case retrying
    case canceled
    /// Handed back by a shutdown.
    case returned
    /// The lease was lost; whatever was made was thrown away.
    case lost
}

/// Something that happened to the workers. Told from any thread, so a listener must be quick.
package enum WorkerEvent: Sendable {
    /// A media process is ready; `seconds` from its start.
    case processReady(name: String, pid: Int32, seconds: Double)
    /// A media process ended that was not asked to.
    case processDied(name: String, reason: String)
    case attemptBegan(Lane, JobID)
    /// `stageSeconds` is empty unless completed.
    case attemptEnded(Lane, JobID, AttemptOutcome, seconds: Double, stageSeconds: [String: Double])
    case framesPerSecond(Lane, JobID, Double)
    case inspected(seconds: Double, succeeded: Bool)
    /// A call of the store failed and is tried again.
    case storeFailed(String)
    /// The wall clock jumped by so many seconds against the monotonic one.
    case clockJumped(seconds: Double)
}

/// Listens to the workers.
package typealias WorkerListener = @Sendable (WorkerEvent) -> Void
