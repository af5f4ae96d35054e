// What `masque doctor` says of the runtimes.
internal import Foundation

/// One inference runtime as it is found on this machine.
package struct RuntimeReport: Sendable, Codable {
    /// Its name.
    package let name: String
    /// Where its library is looked for.
    package let path: String
    /// The version that the library states; `nil` when it cannot be opened.
    package let version: String?
    /// What it can compute on, in its own words, such as `CPUExecutionProvider`.
    package let providers: [String]
    /// A sentence that says why it cannot be used; `nil` when it can.
    package let problem: String?
}

extension Installation {
    /// Opens the runtimes and says what they are. Blocks for the time of loading them.
    package func runtimes() -> [RuntimeReport] {
        func report(_ name: String, _ url: URL, _ ask: () throws -> (String, [String])) -> RuntimeReport {
            do {
                let (version, providers) = try ask()
                return RuntimeReport(name: name, path: url.path, version: version, providers: providers, problem: nil)
            } catch {
                return RuntimeReport(name: name, path: url.path, version: nil, providers: [], problem: "\(error)")
            }
        }
        return [
            report("ONNX Runtime", onnxRuntime) {
                let runtime = try OnnxRuntime.open(onnxRuntime.path)
                return (runtime.version, try runtime.providers())
            },
            report("OpenVINO", openVINO) { (try OpenVINORuntime.open(openVINO.path).version, ["CPU"]) },
        ]
    }
}
