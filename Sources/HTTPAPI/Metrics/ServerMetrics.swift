// What the server counts about itself, for Prometheus.

package import JobQueue
internal import Synchronization

/// Counters and histograms; told from any thread, never blocks for long. Labels come from routes, lanes, stages and
/// outcomes alone, so that no client can make them grow.
package final class ServerMetrics: Sendable {
    private struct Route: Hashable {
        let method: String
        let route: String
        var text: String { "\(route) \(method)" }
    }
    private struct Answers: Hashable {
        let route: Route
        let status: Int
        var text: String { "\(route.text) \(status)" }
    }
    private struct Stage: Hashable {
        let lane: Lane
        let stage: String
        var text: String { "\(lane.rawValue) \(stage)" }
    }
    private struct Outcome: Hashable {
        let lane: Lane
        let outcome: String
        var text: String { "\(lane.rawValue) \(outcome)" }
    }
    private struct State {
        var answers: [Answers: Int] = [:]
        var latencies: [Route: Histogram] = [:]
        var outcomes: [Outcome: Int] = [:]
        var attempts: [Lane: Histogram] = [:]
        var stages: [Stage: Histogram] = [:]
        var frameRates: [Lane: Double] = [:]
        var restarts: [String: Int] = [:]
        var storeFailures = 0
    }

    private static let requestBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    private static let workBounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    /// Stages come from workers; more than these many names are taken for one.
    private static let mostStages = 64

    private let state = Mutex(State())

    package init() {}

    /// A request was answered.
    package func answered(method: String, route: String, status: Int, seconds: Double) {
        let key = Route(method: ServerMetrics.methods.contains(method) ? method : "other", route: route)
        state.withLock {
            $0.answers[Answers(route: key, status: status), default: 0] += 1
            $0.latencies[key, default: Histogram(ServerMetrics.requestBounds)].add(seconds)
        }
    }

    /// An attempt of a job ended: `completed`, `failed`, `retrying`, `canceled`, `returned` or `lost`.
    package func attemptEnded(lane: Lane, outcome: String, seconds: Double, stageSeconds: [String: Double]) {
        state.withLock { state in
            state.outcomes[Outcome(lane: lane, outcome: outcome), default: 0] += 1
            state.attempts[lane, default: Histogram(ServerMetrics.workBounds)].add(seconds)
            for (name, seconds) in stageSeconds {
                var stage = Stage(lane: lane, stage: name)
                if state.stages[stage] == nil, state.stages.count >= ServerMetrics.mostStages {
                    stage = Stage(lane: lane, stage: "other")
                }
                state.stages[stage, default: Histogram(ServerMetrics.workBounds)].add(seconds)
            }
        }
    }

    /// The pace of a running video.
    package func frames(perSecond rate: Double, lane: Lane) { state.withLock { $0.frameRates[lane] = rate } }

    /// A media process ended without having been asked to, and is replaced.
    package func workerDied(name: String) { state.withLock { $0.restarts[name, default: 0] += 1 } }

    /// A call of the job store failed and is tried again.
    package func storeFailed() { state.withLock { $0.storeFailures += 1 } }

    /// All that was counted.
    func write(to text: inout PrometheusText) {
        let state = state.withLock { $0 }
        text.family("masque_http_requests_total", "counter", "Requests answered, by route and status.")
        for (key, count) in state.answers.sorted(by: { ($0.key.text) < ($1.key.text) }) {
            text.value(
                "masque_http_requests_total",
                [("method", key.route.method), ("route", key.route.route), ("status", String(key.status))],
                Double(count))
        }
        text.family("masque_http_request_seconds", "histogram", "Seconds until an answer was sent, by route.")
        for (key, histogram) in state.latencies.sorted(by: { $0.key.text < $1.key.text }) {
            text.histogram("masque_http_request_seconds", [("method", key.method), ("route", key.route)], histogram)
        }
        text.family("masque_attempts_total", "counter", "Attempts of jobs that ended, by lane and outcome.")
        for (key, count) in state.outcomes.sorted(by: { $0.key.text < $1.key.text }) {
            text.value(
                "masque_attempts_total", [("lane", key.lane.rawValue), ("outcome", key.outcome)], Double(count))
        }
        text.family("masque_attempt_seconds", "histogram", "Seconds that attempts took, by lane.")
        for (lane, histogram) in state.attempts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            text.histogram("masque_attempt_seconds", [("lane", lane.rawValue)], histogram)
        }
        text.family("masque_stage_seconds", "histogram", "Seconds that completed jobs spent in a stage.")
        for (key, histogram) in state.stages.sorted(by: { $0.key.text < $1.key.text }) {
            text.histogram("masque_stage_seconds", [("lane", key.lane.rawValue), ("stage", key.stage)], histogram)
        }
        text.family("masque_frames_per_second", "gauge", "Frames a second of the newest progress, by lane.")
        for (lane, rate) in state.frameRates.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            text.value("masque_frames_per_second", [("lane", lane.rawValue)], rate)
        }
        text.family("masque_worker_restarts_total", "counter", "Media processes that died and were replaced.")
        if state.restarts.isEmpty { text.value("masque_worker_restarts_total", [], 0) }
        for (name, count) in state.restarts.sorted(by: { $0.key < $1.key }) {
            text.value("masque_worker_restarts_total", [("worker", name)], Double(count))
        }
        text.family("masque_store_failures_total", "counter", "Calls of the job store that failed and were repeated.")
        text.value("masque_store_failures_total", [], Double(state.storeFailures))
    }
}
