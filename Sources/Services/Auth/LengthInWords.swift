// Lengths of time in words, for sentences about what expired when.

internal import Foundation

/// How long ago `past` was, e.g. “5 minutes ago”.
func ago(_ past: Date, _ now: Date) -> String { "\(lengthInWords(now.timeIntervalSince(past))) ago" }

/// Seconds in words, rounded to the unit in which a person would say them, e.g. “90 seconds”, “5 minutes”, “3 days”.
func lengthInWords(_ seconds: Double) -> String {
    // Years are enough; also keeps the conversion to Int in range for any number.
    let seconds = seconds.isFinite ? min(max(seconds, 0), 1e12) : 1e12
    func count(_ value: Double, _ one: String, _ several: (Int) -> String) -> String {
        let number = Int(value.rounded())
        return number == 1 ? one : several(number)
    }
    return switch seconds {
    case ..<120: count(seconds, "1 second") { "\($0) seconds" }
    case ..<7_200: count(seconds / 60, "1 minute") { "\($0) minutes" }
    case ..<172_800: count(seconds / 3_600, "1 hour") { "\($0) hours" }
    case ..<63_072_000: count(seconds / 86_400, "1 day") { "\($0) days" }
    default: count(seconds / 31_536_000, "1 year") { "\($0) years" }
    }
}
