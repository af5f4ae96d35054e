// Lengths of time in words, for sentences about what expired when.

internal import Foundation

/// How long ago `past` was, e.g. “5 minutes ago”.
func ago(_ past: Date, _ now: Date) -> String { "\(lengthInWords(now.timeIntervalSince(past))) ago" }

/// Seconds in words, rounded to the unit in which a person would say them, e.g. “90 seconds”, “5 minutes”, “3 days”.
func lengthInWords(_ seconds: Double) -> String {
    // Years are enough; also keeps the conversion to Int in range for any number.
    let seconds = seconds.isFinite ? min(max(seconds, 0), 1e12) : 1e12
    let (value, unit): (Double, String) =
        switch seconds {
        case ..<120: (seconds, "second")
        case ..<7_200: (seconds / 60, "minute")
        case ..<172_800: (seconds / 3_600, "hour")
        case ..<63_072_000: (seconds / 86_400, "day")
        default: (seconds / 31_536_000, "year")
        }
    let number = Int(value.rounded())
    return "\(number) \(unit)\(number == 1 ? "" : "s")"
}
