// Loads a model file on the runtime that a policy names.
internal import Errors
internal import Foundation

/// Loads model files.
package enum ModelLoader {
    /// Loads the ONNX file at `path`.
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - probe: makes the input on which ``BackendChoice`` measures, for the automatic backend only.
    /// - Throws: `.missingModel` when the file or the runtime is not there; `.damagedModel` when the file is no model
    ///   that the runtime can load; `.failed` when the provider is not there.
    package static func load(
        path: String, name: String, policy: ExecutionPolicy, installation: Installation = Installation(),
        probe: BackendChoice.Probe? = nil
    ) throws -> any ModelLibrary.LoadedSession {
        switch policy.backend {
        case .onnxRuntime:
            return try onnx(path, name, policy, installation)
        case .openVINO(let precision):
            return try openVINO(path, name, precision, policy, installation)
        case .automatic:
            return try automatic(path, name, policy, installation, probe)
        }
    }

    /// Measures which runtime runs the model at `path` best on this machine, and keeps the choice for who loads it; says
    /// the choice that is kept where one is. A media process may not keep one, so this is for when a model is added.
    ///
    /// - Throws: as ``load(path:name:policy:installation:probe:)``.
    package static func measure(
        path: String, name: String, policy: ExecutionPolicy = ExecutionPolicy(),
        installation: Installation = Installation()
    ) throws -> BackendChoice.Verdict {
        let memory = RememberedChoice(
            path: path, name: name, policy: policy, hasProbe: false, installation: installation)
        if let kept = memory.recall() { return kept }
        let verdict = try BackendChoice.choose(path: path, name: name, policy: policy, installation: installation)
            .verdict
        memory.keep(verdict)
        return verdict
    }

    /// Whether a session's weights were mapped where they lie in the model's file, not copied.
    package static func hasWeightsInPlace(_ session: any InferenceSession) -> Bool {
        (session as? OpenVINOSession)?.hasWeightsInPlace ?? false
    }

    /// Loads as chosen before on this machine, or chooses.
    private static func automatic(
        _ path: String, _ name: String, _ policy: ExecutionPolicy, _ installation: Installation,
        _ probe: BackendChoice.Probe?
    ) throws -> any ModelLibrary.LoadedSession {
        guard policy.provider == .cpu else { return try onnx(path, name, policy, installation) }
        let memory = RememberedChoice(
            path: path, name: name, policy: policy, hasProbe: probe != nil, installation: installation)
        switch memory.recall()?.backend {
        case .onnxRuntime: return try onnx(path, name, policy, installation)
        case .openVINO(let precision):
            if let session = try? openVINO(path, name, precision, policy, installation) { return session }
        case .automatic, nil: break
        }
        let (session, verdict) = try BackendChoice.choose(
            path: path, name: name, policy: policy, installation: installation, probe: probe)
        memory.keep(verdict)
        return session
    }

    static func onnx(
        _ path: String, _ name: String, _ policy: ExecutionPolicy, _ installation: Installation
    ) throws -> any ModelLibrary.LoadedSession {
        try OnnxSession(
            path: path, name: name, runtime: OnnxRuntime.open(installation.onnxRuntime.path), policy: policy)
    }

    static func openVINO(
        _ path: String, _ name: String, _ precision: ExecutionPolicy.Precision, _ policy: ExecutionPolicy,
        _ installation: Installation
    ) throws -> any ModelLibrary.LoadedSession {
        guard policy.provider == .cpu else {
            throw MasqueError(
                .badInput, "OpenVINO runs models on the CPU only, not on \(policy.provider.rawValue).",
                advice: "Choose the provider cpu, or the runtime ONNX Runtime.")
        }
        return try OpenVINOSession(
            path: path, name: name, runtime: OpenVINORuntime.open(installation.openVINO.path), precision: precision,
            threads: policy.threads)
    }
}
