// What can run on this machine, and what is missing for the rest.

internal import Errors
package import Inference
package import WorkerProtocol

/// The processors of FaceFusion and the execution providers, as this machine has them.
package struct Abilities: Sendable {
    /// What works, e.g. `["cpu"]`.
    let providers: [String]

    /// Asks the installed runtime. Blocks for the time of loading it.
    package init(_ installation: Installation = Installation()) {
        let found = RuntimeFacts.onnxRuntime(installation).providers
        var providers = ["cpu"]
        if found.contains("CUDAExecutionProvider") { providers.append("cuda") }
        self.providers = providers
    }

    /// FaceFusion's processors and, for those that cannot run, what is missing.
    private static let missing: [(name: String, what: String)] = [
        ("age_modifier", "the age model"), ("background_remover", "a model that tells people from backgrounds"),
        ("deep_swapper", "the deep swap models"), ("expression_restorer", "the expression model"),
        ("face_debugger", "the drawing of what was found"), ("face_editor", "the face editing model"),
        ("face_enhancer", "a face restoration model"), ("frame_colorizer", "a colouring model"),
        ("frame_enhancer", "an upscaling model"), ("lip_syncer", "the lip model"),
    ]

    /// All processors in FaceFusion's order.
    package var reported: WorkerAbilities {
        var list = Self.missing.map { name, what in
            ProcessorAbility(
                name: name, available: false,
                reason: "This processor needs \(what), which this version of Masque does not bring.")
        }
        list.append(ProcessorAbility(name: "face_swapper", available: true, reason: nil))
        return WorkerAbilities(processors: list.sorted { $0.name < $1.name }, executionProviders: providers)
    }

    /// - Throws: `.badInput` for a name that is no processor, `.missingModel` for one that cannot run here.
    func check(processors: [String]) throws {
        guard !processors.isEmpty else { throw MasqueError(.badInput, "The job names no processor.") }
        let all = reported.processors
        for name in processors {
            guard let ability = all.first(where: { $0.name == name }) else {
                throw MasqueError(
                    .badInput, "There is no processor “\(name.prefix(64))”.",
                    advice: "Processors are \(all.map(\.name).joined(separator: ", ")).")
            }
            if !ability.available {
                throw MasqueError(
                    .missingModel, "The processor \(name) cannot run on this server. \(ability.reason ?? "")",
                    advice: "Use face_swapper.")
            }
        }
    }
}
