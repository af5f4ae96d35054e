// Decides whether a key may do one more thing now: the generic cell rate algorithm, a token bucket in one number.

internal import Synchronization

/// So many requests in so many seconds; unused ones gather up to `quota`.
package struct RatePolicy: Hashable, Sendable {
    /// Its name in the headers: letters, digits, "-".
    package var name: String
    /// Requests in a window, 1 or more.
    package var quota: Int
    /// The window in seconds, 1 or more.
    package var windowSeconds: Int

    package init(name: String, quota: Int, windowSeconds: Int) {
        self.name = name
        self.quota = max(1, quota)
        self.windowSeconds = max(1, windowSeconds)
    }
}

/// What came of asking.
package struct RateDecision: Hashable, Sendable {
    package let isAllowed: Bool
    /// Requests that would still be let through at once.
    package let remaining: Int
    /// Seconds until the whole quota is there again.
    package let resetSeconds: Int
    /// Seconds until the next request is let through; 0 when one would be now.
    package let retryAfterSeconds: Int
}

/// Token buckets by key, in bounded memory: of more than `maxKeys` keys the ones longest unused are forgotten.
package final class RateLimiter: Sendable {
    private struct Key: Hashable {
        let key: String
        let policy: RatePolicy
    }
    private struct State {
        // The theoretical arrival time of each key; `old` holds those not seen since `recent` was last emptied
        var recent: [Key: Double] = [:]
        var old: [Key: Double] = [:]
    }
    private let state = Mutex(State())
    private let maxKeys: Int
    private let now: @Sendable () -> Double

    /// - Parameter now: seconds on a clock that never goes back.
    package init(maxKeys: Int = 100_000, now: (@Sendable () -> Double)? = nil) {
        self.maxKeys = max(2, maxKeys)
        let start = ContinuousClock.now
        self.now =
            now ?? {
                let elapsed = start.duration(to: .now).components
                return Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
            }
    }

    /// How many keys are remembered.
    package var keyCount: Int { state.withLock { $0.recent.count + $0.old.count } }

    /// Takes one request of `policy` for `key`, if there is one left.
    package func take(_ key: String, policy: RatePolicy) -> RateDecision {
        let now = now()
        let window = Double(policy.windowSeconds)
        let interval = window / Double(policy.quota)
        let key = Key(key: key, policy: policy)
        return state.withLock { state in
            let known = state.recent[key] ?? state.old[key] ?? now
            let busyUntil = max(known, now)
            // A tiny grace against rounding in sums of intervals
            let isAllowed = busyUntil - now <= window - interval + interval * 1e-6
            let next = isAllowed ? busyUntil + interval : busyUntil
            if state.recent.count >= maxKeys / 2, state.recent[key] == nil {
                state.old = state.recent
                state.recent = [:]
            }
            state.recent[key] = next
            state.old[key] = nil
            let left = max(0, window - (next - now))
            let wait = next - now - (window - interval)
            return RateDecision(
                isAllowed: isAllowed, remaining: Int(left / interval + 1e-6),
                resetSeconds: Int((next - now - 1e-6).rounded(.up)),
                retryAfterSeconds: wait > interval * 1e-6 ? max(1, Int(wait.rounded(.up))) : 0)
        }
    }
}
