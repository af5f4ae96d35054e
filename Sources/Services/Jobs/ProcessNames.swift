// The names of process calls: `api_20250101_120000_abc123…` for the job, `<uuid>.jpg` for its output, each made from the
// other, so that nothing need be stored and no two calls of one second collide.

package import Foundation
package import JobQueue

/// What both names of one process call are made from.
package struct ProcessName: Sendable, Hashable {
    /// Whole seconds since 1970, UTC.
    private let second: UInt32
    /// 64 random bits.
    private let random: UInt64

    /// A new name.
    package init(now: Date) {
        second = UInt32(clamping: Int64(now.timeIntervalSince1970.rounded(.down)))
        random = UInt64.random(in: 0 ... .max)
    }

    /// Reads `<uuid>.<extension>`; nil when it is none that was made here.
    package init?(fileName: String) {
        let stem = fileName.prefix { $0 != "." }
        let digits = stem.filter { $0 != "-" }
        guard stem.utf8.count == 36, digits.utf8.count == 32, digits.utf8.allSatisfy(isHexadecimal) else { return nil }
        let bytes = stride(from: 0, to: 32, by: 2).compactMap { start -> UInt8? in
            let from = digits.index(digits.startIndex, offsetBy: start)
            return UInt8(digits[from..<digits.index(from, offsetBy: 2)], radix: 16)
        }
        guard bytes.count == 16 else { return nil }
        second = bytes[0..<4].reduce(0) { $0 << 8 | UInt32($1) }
        random = (bytes[9..<16] + [bytes[7]]).reduce(0) { $0 << 8 | UInt64($1) }
        guard uuid == stem else { return nil }
    }

    /// Reads a job's name; nil when it is none of a process call.
    package init?(job: JobID) {
        let parts = job.rawValue.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "api", parts[1].utf8.count == 8, parts[2].utf8.count == 6,
            parts[3].utf8.count == 16, let random = UInt64(parts[3], radix: 16),
            let day = Int(parts[1]), let time = Int(parts[2])
        else { return nil }
        let components = DateComponents(
            timeZone: .gmt, year: day / 10000, month: day / 100 % 100, day: day % 100, hour: time / 10000,
            minute: time / 100 % 100, second: time % 100)
        guard let date = Calendar(identifier: .gregorian).date(from: components) else { return nil }
        second = UInt32(clamping: Int64(date.timeIntervalSince1970))
        self.random = random
        guard self.job == job else { return nil }
    }

    /// `api_<date>_<time>_<16 hexadecimal digits>`.
    package var job: JobID {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(second)))
        let day = padded(parts.year, 4) + padded(parts.month, 2) + padded(parts.day, 2)
        let time = padded(parts.hour, 2) + padded(parts.minute, 2) + padded(parts.second, 2)
        let digits = String(random, radix: 16)
        return JobID(rawValue: "api_\(day)_\(time)_\(String(repeating: "0", count: 16 - digits.utf8.count))\(digits)")
    }

    /// A version 8 UUID (RFC 9562) of the same second and random bits.
    package var uuid: String {
        let time = (0..<4).map { UInt8(truncatingIfNeeded: second >> (24 - 8 * $0)) }
        let noise = (0..<8).map { UInt8(truncatingIfNeeded: random >> (56 - 8 * UInt64($0))) }
        return uuidString(time + [0x6d, 0x71, 0x80, noise[7], 0x80] + noise[0..<7])
    }
}

/// Whether a byte is a digit of a small hexadecimal number; "\r\n" and letters beyond ASCII would upset the count.
private func isHexadecimal(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
}

private func padded(_ value: Int?, _ length: Int) -> String {
    let text = String(value ?? 0)
    return String(repeating: "0", count: max(0, length - text.utf8.count)) + text
}
