// What the machine says: processor time, memory, load.
internal import Foundation
internal import Inference

/// Readings of this process and of the machine.
enum Machine {
    /// Processor seconds of this process, all threads, user and system.
    static var processorSeconds: Double { processor(RUSAGE_SELF) }
    /// Processor seconds of all children that have ended and were waited for.
    static var childrenSeconds: Double { processor(RUSAGE_CHILDREN) }

    /// Processor seconds of the calling thread.
    static var threadSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static func processor(_ who: __rusage_who) -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(who.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// The most memory in bytes that this process has had resident. Read from `/proc`, as `getrusage` also counts what
    /// a parent held before the exec.
    static var peakBytes: Int { status("VmHWM") }

    /// Memory in bytes that this process has resident now: its own, and pages of files.
    static var resident: (anonymous: Int, file: Int) { (status("RssAnon"), status("RssFile")) }

    private static func status(_ key: String) -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return 0 }
        for line in status.split(separator: "\n") where line.hasPrefix(key + ":") {
            return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
        }
        return 0
    }

    /// When and where a measurement is made, and how busy the machine was before.
    static func circumstances() -> String {
        let format = DateFormatter()
        format.dateFormat = "yyyy-MM-dd HH:mm"
        format.timeZone = TimeZone(identifier: "UTC")
        format.locale = Locale(identifier: "en_US_POSIX")
        var loads = [0.0]
        getloadavg(&loads, 1)
        let features = CPUFeatures.current
        return "Measured \(format.string(from: Date())) UTC on \(features.model), \(features.usableCores) cores, "
            + "load average before \(text(loads[0]))"
    }
}
