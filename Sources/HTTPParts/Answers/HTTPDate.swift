// Dates of HTTP headers (RFC 9110 5.6.7), to and from seconds since 1970.

/// A moment in whole seconds, as HTTP headers carry it.
package struct HTTPDate: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01 00:00 UTC.
    package let seconds: Int

    /// `seconds` since 1970.
    package init(seconds: Int) { self.seconds = seconds }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    /// Reads the fixed form and the two obsolete ones; nil for anything else.
    package init?(_ text: String) {
        var parts = text.split { " ,-".contains($0) }
        guard parts.count == 6 || parts.count == 5 else { return nil }
        // asctime: "Sun Nov  6 08:49:37 1994"
        if parts.count == 5 { parts = [parts[0], parts[2], parts[1], parts[4], parts[3]] }
        let time = parts[4].split(separator: ":").compactMap { Int($0) }
        guard let day = Int(parts[1]), (1...31).contains(day), var year = Int(parts[3]), (0...9999).contains(year),
            let month = Self.months.firstIndex(of: String(parts[2])), time.count == 3, (0..<24).contains(time[0]),
            (0..<60).contains(time[1]), (0...60).contains(time[2])
        else { return nil }
        if parts[3].count == 2 { year += year < 70 ? 2000 : 1900 }
        let days = Self.daysFrom1970(year: year, month: month + 1, day: day)
        seconds = days * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
    }

    /// "Sun, 06 Nov 1994 08:49:37 GMT".
    package var text: String {
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let time = seconds - days * 86_400
        let date = Self.date(days)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))"
        return
            "\(Self.days[((days % 7) + 7) % 7]), \(two(date.day)) \(Self.months[date.month - 1]) \(date.year) \(clock) GMT"
    }

    package static func < (left: HTTPDate, right: HTTPDate) -> Bool { left.seconds < right.seconds }

    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"

    private static func daysFrom1970(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
    }
}
