// Restores one face of a picture or frame through a published generator.

internal import Errors
package import Faces
package import Inference
package import Pixels

/// A loaded enhancer and how it is used. Safe to share; calls block for as long as the graph takes.
package struct FaceEnhancer: Sendable {
    package let model: EnhancerModel
    /// How much of the restored face shows, 0…1 (`--face-enhancer-blend` in hundredths, 0.8).
    package let blend: Float
    /// The graph's `weight`, 0…1 (`--face-enhancer-weight`, 0.5).
    package let weight: Double
    /// Softness of the box mask's edge, 0…1.
    package let blur: Float
    private let session: any InferenceSession
    private let weightType: ElementType?
    private let occluders: [OcclusionModel]

    /// Takes a loaded enhancer.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(
        model: EnhancerModel, session: any InferenceSession, blend: Float = 0.8, weight: Double = 0.5,
        blur: Float = 0.3, occluders: [OcclusionModel] = []
    ) throws {
        let shape = [1, 3, model.size, model.size]
        try session.requireInput(ExpectedTensor(name: "input", shape: shape), of: model.name)
        try session.requireOutput(shape: shape, of: model.name)
        weightType =
            try model.hasWeight
            ? session.requireInput(ExpectedTensor(name: "weight", shape: [1]), of: model.name).elementType : nil
        self.model = model
        self.session = session
        self.blend = blend
        self.weight = weight
        self.blur = blur
        self.occluders = occluders
    }

    /// Restores a crop of the model's size, 0…255; the result is in whole numbers.
    ///
    /// - Throws: ``MasqueError`` when the model fails.
    package func restored(_ crop: Crop) throws -> Crop {
        var inputs = ["input": crop.tensor(.nchw, scale: 1 / 127.5, shift: -1)]
        switch weightType {
        case nil: break
        case .float64: inputs["weight"] = .float64([weight], shape: [1])
        default: inputs["weight"] = .float32([Float(weight)], shape: [1])
        }
        guard let values = try session.run(inputs).first?.floats, values.count == crop.values.count else {
            throw unexpectedOutputs(of: model.name)
        }
        var result = Crop(output: values, side: model.size, scale: 0.5, shift: 0.5)
        for i in result.values.indices { result.values[i].round() }
        return result
    }

    /// Restores the face with these landmarks.
    ///
    /// - Parameter strength: 0 leaves the face as it is, 1 restores it as far as ``blend`` says.
    /// - Throws: ``MasqueError`` when a model fails; the surface is then as it was.
    package func enhance(on surface: inout some Surface, face: FaceShape, strength: Float = 1) throws {
        let transform = model.template.crop(for: face.points, size: model.size)
        let crop = surface.sample(transform, width: model.size, height: model.size)
        let result = try restored(crop)
        let masks = [Plane.boxMask(side: model.size, blur: blur)] + (try occluders.map { try $0.mask(of: crop) })
        var mask = Plane.minimum(of: masks) ?? Plane(width: model.size, height: model.size, fill: 1)
        let share = blend * min(max(strength, 0), 1)
        for i in mask.values.indices { mask.values[i] *= share }
        surface.paste(result, mask: mask, through: transform)
    }
}
