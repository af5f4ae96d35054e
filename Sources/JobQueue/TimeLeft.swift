// How long a job still waits, and how long until it is done.

package import struct Foundation.Date

extension LaneFigures {
    /// Seconds until a job begins, when so many go before it and so many workers serve the lane.
    ///
    /// Those before it cost what the queue's jobs cost on average by their estimates, else `typical`; those that run are
    /// half done. nil: nothing is known of the cost, or nobody works.
    package func waiting(position: Int, workers: Int, typical: Double?) -> Double? {
        guard workers > 0 else { return nil }
        guard position + running >= workers else { return 0 }
        let average = queued > 0 && queuedWork > 0 ? queuedWork / Double(queued) : typical
        guard let average, average.isFinite, average >= 0 else { return nil }
        return (Double(max(0, position)) + Double(running) / 2) * average / Double(workers)
    }
}

extension Job {
    /// Seconds until the job is done. nil: not known, or it does not run and will not by itself.
    ///
    /// Of a running job the estimate counts less and less and the progress more and more.
    /// - Parameter waiting: seconds until it begins (``LaneFigures/waiting(position:workers:typical:)``).
    package func secondsLeft(waiting: Double?, now: Date) -> Double? {
        switch state {
        case .draft, .completed, .failed, .canceled: return nil
        case .queued:
            guard let waiting, let workEstimate else { return nil }
            let backoff = availableAt.map { max(0, $0.timeIntervalSince(now)) } ?? 0
            return max(waiting, backoff) + workEstimate
        case .running:
            guard let startedAt else { return nil }
            let elapsed = max(0, now.timeIntervalSince(startedAt))
            let byEstimate = workEstimate.map { max(0, $0 - elapsed) }
            guard progress >= 3 else { return byEstimate }
            let byProgress = elapsed * (100 - progress) / progress
            guard let byEstimate else { return byProgress }
            let share = progress / 100
            return share * byProgress + (1 - share) * byEstimate
        }
    }
}
