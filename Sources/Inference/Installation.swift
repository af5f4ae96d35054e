// Where runtimes, models and samples lie.
internal import Errors
package import Foundation
package import ModelFiles

/// The folders that `scripts/setup` fills, and the manifest in them.
package struct Installation: Sendable {
    /// What to do when something is not there.
    package static let setupAdvice = "Run scripts/setup, which fetches it."

    /// The cache: runtimes, models and samples. `MASQUE_CACHE`, by default `~/.cache/masque`.
    package let cache: URL
    /// The models and their manifest. `MASQUE_MODELS`, by default `models` in the cache.
    package let models: URL
    /// The models that the operator added.
    package let stored: StoredModels

    /// Reads the places from the environment.
    package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        func folder(_ key: String) -> URL? {
            environment[key].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0, isDirectory: true) }
        }
        let home = environment["HOME"] ?? NSHomeDirectory()
        let cache = folder("MASQUE_CACHE") ?? URL(fileURLWithPath: home + "/.cache/masque", isDirectory: true)
        self.init(
            cache: cache, models: folder("MASQUE_MODELS"), stored: StoredModels(environment: environment))
    }

    /// Uses the given folders.
    package init(cache: URL, models: URL? = nil, stored: StoredModels = StoredModels()) {
        self.cache = cache
        self.stored = stored
        self.models = models ?? cache.appendingPathComponent("models", isDirectory: true)
    }

    /// ONNX Runtime's library.
    package var onnxRuntime: URL { cache.appendingPathComponent("runtime/libonnxruntime.so.1") }
    /// OpenVINO's C library.
    package var openVINO: URL { cache.appendingPathComponent("runtime/openvino/libopenvino_c.so") }
    /// The sample pictures.
    package var samples: URL { cache.appendingPathComponent("samples", isDirectory: true) }
}
