// How long a job will take, learned from the jobs this server has done.

package import JobQueue

package import struct Foundation.Date

/// Estimates of work and waiting; what was learned is read again every half minute.
package actor Estimates {
    private let store: any JobStore
    private var learned: [Lane: (estimator: WorkEstimator, at: ContinuousClock.Instant)] = [:]

    package init(store: any JobStore) { self.store = store }

    /// Seconds of work; nil when nothing like it was done yet.
    package func work(of description: JobDescription, target: JobInput?) async -> Double? {
        guard let target else { return nil }
        return await estimator(description.lane)?.seconds(for: description, target: target)
    }

    /// Seconds until a queued job is done: the work before it shared among the workers, and its own.
    package func waiting(for job: Job, position: Int?, workers: [Lane: Int], now: Date) async -> Double? {
        guard let position, let own = job.workEstimate, let figures = try? await store.laneFigures(now: now) else {
            return nil
        }
        let lane = job.description.lane
        let state = figures[lane] ?? LaneFigures()
        // The jobs before it cost what those in the queue cost on average; those that run are half done.
        let average = state.queued > 0 ? state.queuedWork / Double(state.queued) : own
        let before = Double(position) * average + Double(state.running) * average / 2
        let delay = max(0, job.availableAt?.timeIntervalSince(now) ?? 0)
        return delay + before / Double(max(1, workers[lane] ?? 1)) + own
    }

    /// Seconds until a running job is done: from its own pace, and at first from the estimate.
    package nonisolated func remaining(of job: Job, now: Date) -> Double? {
        guard let started = job.startedAt else { return nil }
        let spent = max(0, now.timeIntervalSince(started))
        let share = min(1, max(0, job.progress / 100))
        let byEstimate = job.workEstimate.map { max(0, $0 - spent) }
        guard share > 0.02 else { return byEstimate }
        let byPace = spent / share - spent
        // The further it is, the more its own pace counts.
        return byEstimate.map { byPace * share + $0 * (1 - share) } ?? byPace
    }

    private func estimator(_ lane: Lane) async -> WorkEstimator? {
        if let known = learned[lane], known.at.duration(to: .now) < .seconds(30) { return known.estimator }
        guard let samples = try? await store.pastWork(lane: lane, limit: 200) else { return learned[lane]?.estimator }
        let estimator = WorkEstimator(samples)
        learned[lane] = (estimator, .now)
        return estimator
    }
}
