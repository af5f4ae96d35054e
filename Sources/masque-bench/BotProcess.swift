// The bot as a child of the bench: started, looked at, killed.
internal import Errors
internal import Foundation

/// A running `masque bot` with a folder of its own.
struct BotProcess {
    private let process: Process

    /// Starts it.
    /// - Parameter log: what it says is appended here.
    init(home: String, url: String, token: String, log: String) throws {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("masque")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw MasqueError(.failed, "“\(program.path)” is missing.", advice: "Build it: `make build`.")
        }
        if !FileManager.default.fileExists(atPath: log) { try Data().write(to: URL(fileURLWithPath: log)) }
        guard let output = FileHandle(forWritingAtPath: log) else {
            throw MasqueError(.failed, "“\(log)” cannot be written.")
        }
        try output.seekToEnd()
        process = Process()
        process.executableURL = program
        process.arguments = ["bot", "--home", home]
        // Of the settings outside, none is to matter.
        let outside = ProcessInfo.processInfo.environment
        process.environment = outside.filter { ["PATH", "HOME", "MASQUE_CACHE", "TMPDIR"].contains($0.key) }.merging([
            "TELEGRAM_API_URL": url, "TELEGRAM_BOT_TOKEN": token, "TELEGRAM_JOBS_PER_HOUR": "0",
            "MASQUE_RESERVED_MB": "100",
        ]) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: home)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try output.close()
    }

    var id: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Ends it at once, as a crash does.
    func kill() async { await end(SIGKILL) }

    /// Ends it in order, or at once when it does not end within half a minute.
    /// - Returns: whether it ended in order.
    @discardableResult
    func stop() async -> Bool {
        await end(SIGTERM)
        return process.terminationReason == .exit && process.terminationStatus == 0
    }

    private func end(_ signal: Int32) async {
        guard process.isRunning else { return }
        Foundation.kill(id, signal)
        let limit = ContinuousClock.now + .seconds(30)
        while process.isRunning {
            if ContinuousClock.now > limit { Foundation.kill(id, SIGKILL) }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// What the bot itself, and all processes below it, have used.
    struct Usage {
        /// Resident bytes.
        var own = 0, children = 0
        /// Processor seconds since each began.
        var ownSeconds = 0.0, childrenSeconds = 0.0
    }

    var usage: Usage {
        let all = Self.processes
        var usage = Usage(own: Self.resident(id))
        usage.ownSeconds = all.first { $0.id == id }?.seconds ?? 0
        var parents: Set<Int32> = [id]
        // Two levels: the media processes, and what they might start.
        for _ in 0..<2 {
            let found = all.filter { parents.contains($0.parent) }
            usage.children += found.map { Self.resident($0.id) }.reduce(0, +)
            usage.childrenSeconds += found.map(\.seconds).reduce(0, +)
            parents = Set(found.map(\.id))
        }
        return usage
    }

    private static var processes: [(id: Int32, parent: Int32, seconds: Double)] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { name in
            guard let id = Int32(name), let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { return nil }
            // After the name in brackets: state, parent, …, and as 14th and 15th fields of all the user's and the system's
            // time in hundredths (proc(5)).
            let fields = text[text.index(after: end)...].split(separator: " ")
            guard fields.count > 12, let parent = Int32(fields[1]), let user = Double(fields[11]),
                let system = Double(fields[12])
            else { return nil }
            return (id, parent, (user + system) / 100)
        }
    }

    private static func resident(_ id: Int32) -> Int {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else { return 0 }
        for line in text.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
        }
        return 0
    }
}
