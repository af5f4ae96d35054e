// What can run on this machine, and what is missing for the rest.

internal import Errors
internal import Foundation
package import Inference
internal import Studio
package import WorkerProtocol

/// The processors of FaceFusion and the execution providers, as this machine has them.
package struct Abilities: Sendable {
    /// What works, e.g. `["cpu"]`.
    let providers: [String]
    private let installation: Installation

    /// Asks the installed runtime. Blocks for the time of loading it.
    package init(_ installation: Installation = Installation()) {
        let found = RuntimeFacts.onnxRuntime(installation).providers
        var providers = ["cpu"]
        if found.contains("CUDAExecutionProvider") { providers.append("cuda") }
        self.providers = providers
        self.installation = installation
    }

    /// What is installed now: models come and go while a media process lives.
    var catalogue: ProcessorCatalogue { ProcessorCatalogue(installation) }

    /// When what is installed changed last, as ``ProcessorCatalogue`` tells it.
    var stamp: [Date?] { ProcessorCatalogue.stamp(of: installation) }

    /// All processors in FaceFusion's order.
    package var reported: WorkerAbilities {
        let catalogue = catalogue
        return WorkerAbilities(
            processors: ProcessorName.allCases.map { name in
                let reason = catalogue.reason(name)
                return ProcessorAbility(
                    name: name.rawValue, available: reason == nil, reason: reason,
                    models: catalogue.runnable(name).map(\.model))
            }, executionProviders: providers)
    }

}

extension ProcessorCatalogue {
    /// - Throws: `.badInput` without any, `.missingModel` for one that cannot run here.
    func check(_ processors: [ProcessorName]) throws {
        guard !processors.isEmpty else { throw MasqueError(.badInput, "The job names no processor.") }
        for name in processors {
            if let reason = reason(name) {
                throw MasqueError(
                    .missingModel, "The processor \(name.rawValue) cannot run on this server. \(reason)",
                    advice: "Ask its operator, or leave it out.")
            }
        }
    }
}
