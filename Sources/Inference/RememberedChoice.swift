// A choice of runtime kept in the cache, so that a machine measures a model once and then gives the same numbers always.
internal import Foundation
internal import ModelFiles

/// The file that keeps one verdict of ``BackendChoice``. It is named after everything that the verdict depends on: the
/// model file, the libraries, the processor, the threads and the thresholds. When any changes, the choice is made anew.
struct RememberedChoice {
    private struct Record: Codable {
        let model: String
        let openVINO: String?
        let reason: String
    }

    private let file: URL
    private let name: String

    init(
        path: String, name: String, policy: ExecutionPolicy, hasProbe: Bool, installation: Installation
    ) {
        let features = CPUFeatures.current
        let parts =
            [path, installation.onnxRuntime.path, installation.openVINO.path].map(Self.stamp)
            + [features.model, features.flags.sorted().joined(separator: " "), "\(features.usableCores)"]
            + ["\(policy.threads) \(policy.spinning) \(hasProbe) probe 2"]
            + ["\(BackendChoice.closeness) \(BackendChoice.slowRun) \(BackendChoice.gain) \(BackendChoice.probeSide)"]
        let key = SHA256.hex(Array(parts.joined(separator: "\n").utf8))
        file = installation.cache.appendingPathComponent("choices/\(key.prefix(32)).json")
        self.name = name
    }

    /// The verdict that was kept; `nil` when there is none or it cannot be read.
    func recall() -> BackendChoice.Verdict? {
        guard let data = try? Data(contentsOf: file), let record = try? JSONDecoder().decode(Record.self, from: data)
        else { return nil }
        guard let text = record.openVINO else {
            return BackendChoice.Verdict(backend: .onnxRuntime, reason: record.reason)
        }
        return ExecutionPolicy.Precision(rawValue: text).map {
            BackendChoice.Verdict(backend: .openVINO($0), reason: record.reason)
        }
    }

    /// Keeps a verdict. A cache that cannot be written only costs the measurement next time.
    func keep(_ verdict: BackendChoice.Verdict) {
        var precision: String?
        if case .openVINO(let chosen) = verdict.backend { precision = chosen.rawValue }
        let record = Record(model: name, openVINO: precision, reason: verdict.reason)
        guard let data = try? JSONEncoder().encode(record) else { return }
        try? FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? data.write(to: file, options: .atomic)
    }

    /// Path, size and time of change of the file behind `path`.
    private static func stamp(_ path: String) -> String {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let facts = try? FileManager.default.attributesOfItem(atPath: real)
        let size = facts?[.size] as? Int ?? -1
        let changed = (facts?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return "\(real) \(size) \(changed)"
    }
}
