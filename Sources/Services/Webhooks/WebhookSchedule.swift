// When a delivery is tried again, and what its outcome is called.

internal import Errors
internal import Foundation
internal import JobQueue

/// The delays between the attempts of one delivery.
package struct WebhookSchedule: Sendable {
    /// Seconds before each attempt; after the last one the delivery is dead. The example of Standard Webhooks: ten attempts
    /// in about three days.
    package var delays: [Double] = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    /// A factor for each delay, so that what failed together does not come back together.
    package var jitter: @Sendable () -> Double = { Double.random(in: 1...1.2) }
    /// The longest `Retry-After` that is honoured, in seconds.
    package var longestRetryAfter = 86_400.0
    package init() {}

    /// What an attempt means for its delivery.
    /// - Parameter attempts: how many were made before this one.
    func outcome(of result: AttemptResult, attempts: Int, now: Date) -> DeliveryOutcome {
        switch result {
        case .answered(let status, _, _, _) where (200..<300).contains(status): return .delivered
        case .answered(410, _, let host, _):
            return .gone(error: "\(host) answered 410 Gone, so nothing more is sent there.")
        case .answered(let status, let reason, let host, let details):
            let what = reason.isEmpty ? "\(status)" : "\(status) \(reason)"
            if (300..<400).contains(status) {
                let place = details.location.map { " and pointed to \($0)" } ?? ""
                let sentence = "\(host) answered \(what)\(place); redirects are not followed."
                return again(sentence, attempts: attempts, retryAfter: details.retryAfter, now: now)
            }
            return again("\(host) answered \(what).", attempts: attempts, retryAfter: details.retryAfter, now: now)
        case .failed(let sentence): return again(sentence, attempts: attempts, retryAfter: nil, now: now)
        case .hopeless(let sentence): return .dead(error: sentence)
        }
    }

    private func again(_ sentence: String, attempts: Int, retryAfter: Double?, now: Date) -> DeliveryOutcome {
        let next = attempts + 1
        guard delays.indices.contains(next) else { return .dead(error: sentence) }
        let delay = max(delays[next] * jitter(), min(retryAfter ?? 0, longestRetryAfter))
        return .retry(at: now.addingTimeInterval(delay), error: sentence)
    }
}

/// What one attempt met.
enum AttemptResult: Sendable, Hashable {
    struct Details: Sendable, Hashable {
        /// Seconds.
        var retryAfter: Double?
        /// Where a redirect pointed, shortened.
        var location: String?
    }
    case answered(status: Int, reason: String, host: String, Details)
    /// Nothing came back that would be an answer.
    case failed(String)
    /// It would never go otherwise.
    case hopeless(String)
}

/// Seconds to wait, of a `Retry-After` header (RFC 9110, 10.2.3): a whole number of them, or a date.
func retryAfterSeconds(_ header: String, now: Date) -> Double? {
    let text = header.trimmingCharacters(in: .whitespaces)
    if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) { return Double(text) }
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return formatter.date(from: text).map { max(0, $0.timeIntervalSince(now)) }
}
