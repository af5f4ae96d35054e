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
        return await estimator(description.lane)?.seconds(
            description,
            of: WorkEstimator.Target(
                width: target.width, height: target.height, duration: target.duration,
                framesPerSecond: target.framesPerSecond, byteCount: target.byteCount))
    }

    /// Seconds until a job is done, waiting included; nil when it is final or nothing is known.
    package func timeLeft(of job: Job, position: Int?, workers: [Lane: Int], now: Date) async -> Double? {
        var waiting: Double?
        if let position {
            let lane = job.description.lane
            let typical = await estimator(lane)?.typicalSeconds(lane)
            let figures = try? await store.laneFigures(now: now)[lane]
            waiting = figures?.waiting(position: position, workers: workers[lane] ?? 1, typical: typical)
        }
        return job.secondsLeft(waiting: waiting, now: now)
    }

    private func estimator(_ lane: Lane) async -> WorkEstimator? {
        if let known = learned[lane], known.at.duration(to: .now) < .seconds(30) { return known.estimator }
        guard let samples = try? await store.pastWork(lane: lane, limit: 200) else { return learned[lane]?.estimator }
        let estimator = WorkEstimator(samples)
        learned[lane] = (estimator, .now)
        return estimator
    }
}
