// What is known of the installed inference runtimes.
internal import Errors
internal import Foundation

/// One runtime as it is installed.
package struct RuntimeFacts: Sendable, Codable, Hashable {
    /// The runtime's name.
    package let name: String
    /// Where its library is looked for.
    package let path: String
    /// Its version; `nil` when it cannot be opened.
    package let version: String?
    /// What it can compute on, such as `CPUExecutionProvider`.
    package let providers: [String]
    /// Why it cannot be opened.
    package let problem: String?

    /// Opens ONNX Runtime and asks.
    package static func onnxRuntime(_ installation: Installation) -> RuntimeFacts {
        ask("ONNX Runtime", installation.onnxRuntime) { path in
            let runtime = try OnnxRuntime.open(path)
            // A client of a hosted service that the library always lists and Masque never uses.
            return (runtime.version, try runtime.providers().filter { $0 != "AzureExecutionProvider" })
        }
    }

    /// Opens OpenVINO and asks.
    package static func openVINO(_ installation: Installation) -> RuntimeFacts {
        ask("OpenVINO", installation.openVINO) { path in (try OpenVINORuntime.open(path).version, ["CPU"]) }
    }

    private static func ask(
        _ name: String, _ url: URL, _ question: (String) throws -> (version: String, providers: [String])
    ) -> RuntimeFacts {
        do {
            let answer = try question(url.path)
            return RuntimeFacts(
                name: name, path: url.path, version: answer.version, providers: answer.providers, problem: nil)
        } catch {
            let message = (error as? MasqueError)?.message ?? "\(error)"
            return RuntimeFacts(name: name, path: url.path, version: nil, providers: [], problem: message)
        }
    }
}
