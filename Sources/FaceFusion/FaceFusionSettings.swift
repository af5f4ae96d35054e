// Where a FaceFusion is installed and how it is started.

package import Errors
internal import Foundation
package import JobQueue

/// One installation, checked, and how it may be used.
package struct FaceFusionSettings: Sendable {
    /// The folder with `facefusion.py`.
    package let folder: String
    /// The Python that runs it.
    package let python: String
    /// `--execution-providers` by lane, e.g. `["cuda"]`.
    package var providers: [Lane: [String]] = [:]
    /// `--video-memory-strategy` by lane.
    package var memoryStrategies: [Lane: String] = [:]
    /// How long it may say nothing before it counts as hung. It is silent while it loads models.
    package var silence: Duration = .seconds(600)
    /// Added to its environment.
    package var environment: [String: String] = [:]

    /// The variables of this program's environment that FaceFusion gets: no secret is among them.
    static let environmentKeys: Set<String> = [
        "PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "CONDA_PREFIX",
        "XDG_CACHE_HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    ]

    /// Looks at an installation.
    ///
    /// - Parameter python: the Python that runs it; nil: that of a virtual environment in the folder (`.venv` or
    ///   `venv`), else `python3` of `path`.
    /// - Throws: ``MasqueError`` `.badInput` when there is no FaceFusion or no Python.
    package init(
        folder: String, python: String? = nil, path: String? = ProcessInfo.processInfo.environment["PATH"]
    ) throws(MasqueError) {
        let folder = URL(fileURLWithPath: folder).standardizedFileURL.path
        guard FileManager.default.isReadableFile(atPath: folder + "/facefusion.py") else {
            throw MasqueError(
                .badInput, "FACEFUSION_DIR names “\(folder)”, but no facefusion.py can be read there.",
                advice: "Name the folder of a FaceFusion installation, or leave the setting empty.")
        }
        let places =
            python.map { [$0] } ?? ["\(folder)/.venv/bin/python", "\(folder)/venv/bin/python"]
            + (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map { "\($0)/python3" }
        guard let found = places.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw MasqueError(
                .badInput, "There is no Python to run the FaceFusion in “\(folder)” with.",
                advice: "Name it by FACEFUSION_PYTHON.")
        }
        self.folder = folder
        self.python = found
    }
}
