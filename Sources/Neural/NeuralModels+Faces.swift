// Swappers, enhancers and what masks need, loaded by name.

package import Errors
package import Faces
internal import Foundation
internal import Inference

extension NeuralModels {
    /// A published swapper.
    ///
    /// - Throws: ``MasqueError``: `.badInput` for a name or size that there is not, `.missingModel`, `.damagedModel`.
    package func swapper(
        _ name: String, boost: Int? = nil, weight: Float = 0.5, masks: MaskSettings = MaskSettings(),
        occluders: [String] = [], parser: String, matchesColour: Bool = false
    ) throws -> NeuralSwapper {
        guard let model = SwapModel(named: name) else {
            throw unknown("face swapper", name, SwapModel.all.map(\.name))
        }
        if let boost, !model.boosts.contains(boost) {
            throw MasqueError(
                .badInput, "“\(name)” cannot work at \(boost)×\(boost) pixels.",
                advice: "Choose one of \(model.boosts.map { "\($0)x\($0)" }.joined(separator: ", ")).")
        }
        var converter: (any InferenceSession)?
        if case .converted(let by, _) = model.identity { converter = try session(by) }
        var projection: [Float] = []
        if case .projected = model.identity {
            let last = try OnnxGraph.lastInitializer(inFileAt: library.file(name).path, name: name)
            guard let last, last.shape == [SwapNetwork.identityCount, SwapNetwork.identityCount] else {
                throw unexpectedTensor(name, "carries no matrix of 512×512 values as its last initializer")
            }
            projection = last.values
        }
        let network = try SwapNetwork(
            model: model, session: session(name), converter: converter, projection: projection)
        return NeuralSwapper(
            network: network, boost: boost, weight: weight, masks: masks, occluders: try self.occluders(occluders),
            parser: masks.regions.isEmpty ? nil : try faceParser(parser), matchesColour: matchesColour)
    }

    /// A published enhancer.
    ///
    /// - Throws: ``MasqueError``: `.badInput` for a name that there is not, `.missingModel`, `.damagedModel`.
    package func enhancer(
        _ name: String, blend: Float, weight: Double, blur: Float = 0.3, occluders: [String] = []
    ) throws -> FaceEnhancer {
        guard let model = EnhancerModel(named: name) else {
            throw unknown("face enhancer", name, EnhancerModel.all.map(\.name))
        }
        return try FaceEnhancer(
            model: model, session: session(name), blend: blend, weight: weight, blur: blur,
            occluders: self.occluders(occluders))
    }

    /// The identity model of published swappers.
    package func arcFace() throws -> ArcFaceEmbedder {
        try ArcFaceEmbedder(session: session(ArcFaceEmbedder.model))
    }

    /// The masks of a swapped crop.
    ///
    /// - Throws: ``MasqueError``: `.badInput` for a model that there is not, `.missingModel`, `.damagedModel`.
    package func masks(_ settings: MaskSettings, occluders: [String], parser: String) throws -> FaceMasks {
        FaceMasks(
            settings: settings, occluders: try self.occluders(occluders),
            parser: settings.regions.isEmpty ? nil : try faceParser(parser))
    }

    /// The occlusion models of these names.
    ///
    /// - Throws: ``MasqueError``: `.badInput` for a name that there is not, `.missingModel`, `.damagedModel`.
    package func occluders(_ names: [String]) throws -> [OcclusionModel] {
        try names.map { name in
            guard OcclusionModel.names.contains(name) else {
                throw unknown("occlusion model", name, OcclusionModel.names)
            }
            return try OcclusionModel(session: session(name), name: name)
        }
    }

    /// The face parser of a name.
    ///
    /// - Throws: ``MasqueError``: `.badInput` for a name that there is not, `.missingModel`, `.damagedModel`.
    package func faceParser(_ name: String) throws -> FaceParser {
        guard FaceParser.names.contains(name) else { throw unknown("face parser", name, FaceParser.names) }
        return try FaceParser(session: session(name), name: name)
    }
}

/// The error for a model's name that is not one of a family's.
package func unknown(_ family: String, _ name: String, _ all: [String]) -> MasqueError {
    MasqueError(
        .badInput, "There is no \(family) “\(name.prefix(64))”.",
        advice: "Known names are \(all.joined(separator: ", ")).")
}
