// Times as clients see them: ISO 8601 in UTC with Z.

internal import struct Foundation.Date

/// A moment as `2025-01-01T12:00:05.250Z`; milliseconds are left out when they are zero. Written without a formatter,
/// because a list of jobs has hundreds of them.
struct Timestamp: Encodable, Sendable, Hashable {
    let date: Date
    init(_ date: Date) { self.date = date }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// Civil date from days by Howard Hinnant's `civil_from_days`.
    var text: String {
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
        let (seconds, fraction) = Timestamp.divide(milliseconds, 1000)
        let (days, second) = Timestamp.divide(seconds, 86400)
        let (era, dayOfEra) = Timestamp.divide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        func put(_ value: Int64, _ width: Int, _ after: Unicode.Scalar) {
            var digits = [UInt8](repeating: 48, count: width)
            var rest = value
            for index in digits.indices.reversed() {
                digits[index] = 48 + UInt8(rest % 10)
                rest /= 10
            }
            text += digits
            text.append(UInt8(ascii: after))
        }
        put(max(0, min(9999, year)), 4, "-")
        put(month, 2, "-")
        put(day, 2, "T")
        put(second / 3600, 2, ":")
        put(second / 60 % 60, 2, ":")
        put(second % 60, 2, fraction == 0 ? "Z" : ".")
        if fraction != 0 { put(fraction, 3, "Z") }
        return String(decoding: text, as: UTF8.self)
    }

    private static func divide(_ value: Int64, _ by: Int64) -> (Int64, Int64) {
        let quotient = (Double(value) / Double(by)).rounded(.down)
        return (Int64(quotient), value - Int64(quotient) * by)
    }
}
