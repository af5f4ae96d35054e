// The command line and environment of a media process.

internal import Foundation
internal import JobQueue

extension ProcessSettings {
    /// The arguments of `masque worker`, the program's name first.
    func arguments(lane: Lane, root: ProcessRoot) -> [String] {
        var list = [
            "masque", "worker", "--lane", lane.rawValue, "--parent", "\(ProcessInfo.processInfo.processIdentifier)",
            "--nice", "\(niceLevel)", "--memory-limit", "\(memoryLimit ?? 0)", "--file-limit", "\(fileLimit)",
            "--open-files", "\(openFileLimit)", "--provider", provider, "--memory", memoryStrategy,
            "--readable", root.inputs, "--writable", root.outputs,
        ]
        if let threads { list += ["--threads", "\(threads)"] }
        return list
    }

    /// Everything that the process gets of the environment.
    package func childEnvironment(of own: [String: String] = ProcessInfo.processInfo.environment) -> [String: String] {
        var result = own.filter { environmentKeys.contains($0.key) }
        // Would start a program of its own at a crash.
        result["SWIFT_BACKTRACE"] = "enable=no"
        return result.merging(environment) { $1 }
    }
}
