// Runs the built program as a person would, and keeps what it printed.

import Foundation
import Testing

/// What a run of the program left.
struct Outcome: Sendable {
    let code: Int32
    let crashed: Bool
    let out: String
    let err: String
    let seconds: Double

    /// Every line of standard output as a JSON object.
    var events: [[String: Any]] {
        out.split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }
    /// The last object of a kind.
    func event(_ name: String) -> [String: Any]? { events.last { $0["event"] as? String == name } }
    /// The code of the error object.
    var errorCode: String? { (event("error")?["error"] as? [String: Any])?["code"] as? String }
}

/// A folder for one test, and the program run in it.
final class Workplace: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "masque-cli-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }
    /// All names in the folder, hidden ones too.
    var listing: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted() }

    @discardableResult
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: folder.appending(path: name))
        return path(name)
    }

    /// Runs `masque`; `signal` is sent `after` that many seconds.
    func masque(
        _ arguments: [String], signal: Int32? = nil, after: Double = 0, environment: [String: String] = [:]
    ) async throws -> Outcome {
        try await run(Self.binary, arguments, signal: signal, after: after, environment: environment)
    }

    /// Runs a program to its end without holding a thread of the pool; its output goes through files, so that no pipe
    /// can fill up.
    func run(
        _ program: URL, _ arguments: [String], signal: Int32? = nil, after: Double = 0,
        environment: [String: String] = [:]
    ) async throws -> Outcome {
        let prints = FileManager.default.temporaryDirectory.appending(path: "masque-print-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: prints, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: prints) }
        let files = ["out", "err"].map { prints.appending(path: $0) }
        for file in files { try Data().write(to: file) }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        let start = ContinuousClock.now
        let ended: (code: Int32, crashed: Bool) = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = {
                continuation.resume(returning: ($0.terminationStatus, $0.terminationReason == .uncaughtSignal))
            }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
                return
            }
            if let signal {
                let pid = process.processIdentifier
                DispatchQueue.global().asyncAfter(deadline: .now() + after) { kill(pid, signal) }
            }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        return Outcome(
            code: ended.code, crashed: ended.crashed, out: texts[0], err: texts[1], seconds: seconds)
    }

    /// The program next to the test bundle.
    private static var binary: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "masque")
    }
}

/// The sample portraits that setup fetched.
enum Samples {
    private static var folder: String {
        let environment = ProcessInfo.processInfo.environment
        return (environment["MASQUE_CACHE"] ?? (environment["HOME"] ?? "") + "/.cache/masque") + "/samples/"
    }
    static var astronaut: String { folder + "astronaut.png" }
    static var hopper: String { folder + "grace_hopper.jpg" }
}
