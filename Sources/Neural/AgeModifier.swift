// Makes a face younger or older.

internal import Errors
package import Faces
package import Inference
package import Pixels

/// A published age modifier, by the name of its file (`--age-modifier-model`).
package struct AgeModifierModel: Sendable, Hashable {
    package let name: String
    /// The files that must be there.
    package var files: [String] { [name] }

    /// All of them.
    package static let all = [AgeModifierModel(name: "styleganex_age")]

    /// The model of a name, if there is one.
    package init?(named name: String) {
        guard let model = Self.all.first(where: { $0.name == name }) else { return nil }
        self = model
    }

    private init(name: String) { self.name = name }
}

/// A loaded age modifier and how it is used. Safe to share; calls block for as long as the graph takes.
///
/// Source: S. Yang et al., "StyleGANEX", ICCV 2023; FaceFusion 3.5.2's templates: the face alone at 256 pixels, and the
/// face with what is around it at 384, R, G, B from -1 to 1; what comes out is the wider crop, larger.
package struct AgeModifier: Sendable {
    package let model: AgeModifierModel
    /// -1 makes the face younger, 1 older (`--age-modifier-direction` in hundredths).
    package let direction: Float
    /// Softness of the box mask's edge, 0…1.
    package let blur: Float
    private let session: any InferenceSession
    private let directionShape: [Int]
    private let occluders: [OcclusionModel]

    private static let side = 256, wideSide = 384, resultSide = 1024

    /// Takes a loaded model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(
        model: AgeModifierModel, session: any InferenceSession, direction: Float, blur: Float = 0.3,
        occluders: [OcclusionModel] = []
    ) throws {
        let (side, wide) = (Self.side, Self.wideSide)
        try session.requireInput(ExpectedTensor(name: "target", shape: [1, 3, side, side]), of: model.name)
        try session.requireInput(
            ExpectedTensor(name: "target_with_background", shape: [1, 3, wide, wide]), of: model.name)
        // One number, with or without dimensions.
        let rank = session.inputs.first { $0.name == "direction" }?.shape.count ?? 0
        directionShape = [Int](repeating: 1, count: rank)
        try session.requireInput(ExpectedTensor(name: "direction", shape: directionShape), of: model.name)
        try session.requireOutput(shape: [1, 3, -1, -1], of: model.name)
        self.model = model
        self.session = session
        self.direction = direction.isNaN ? 0 : min(max(direction, -1), 1)
        self.blur = blur
        self.occluders = occluders
    }

    /// Changes the age of a face.
    ///
    /// - Parameters:
    ///   - crop: the face at 256 pixels, `ffhq_512`.
    ///   - wide: the face with its surroundings at 384 pixels, `styleganex_384`.
    /// - Returns: `wide` at 1024 pixels with the age changed and its colours kept, 0…255, not rounded.
    /// - Throws: ``MasqueError`` when the model fails.
    package func modified(_ crop: Crop, wide: Crop) throws -> Crop {
        let outputs = try session.run([
            "target": crop.tensor(.nchw, scale: 1 / 127.5, shift: -1),
            "target_with_background": wide.tensor(.nchw, scale: 1 / 127.5, shift: -1),
            "direction": .float32([-2.5 * direction], shape: directionShape),
        ])
        guard let shape = outputs.first?.shape, shape.count == 4, shape[2] == shape[3], shape[2] > 0,
            let values = outputs.first?.floats, values.count == 3 * shape[2] * shape[2]
        else { throw unexpectedOutputs(of: model.name) }
        let side = Self.resultSide
        return Crop(output: values, side: shape[2], scale: 0.5, shift: 0.5).averaged(width: side, height: side)
            .colourMatched(to: wide)
    }

    /// Changes the age of one face. With a direction or strength of 0 nothing is changed and no model is run.
    ///
    /// - Parameter strength: 0 leaves the face as it is, 1 shows the change wholly.
    /// - Throws: ``MasqueError`` when a model fails; the surface is then as it was.
    package func apply(on surface: inout some Surface, face: FaceShape, strength: Float = 1) throws {
        guard strength > 0, direction != 0 else { return }
        let narrow = AlignmentTemplate.ffhq512.crop(for: face.points, size: Self.side)
        let crop = surface.sample(narrow, width: Self.side, height: Self.side)
        let around = AlignmentTemplate.styleganex384.crop(for: face.points.spread(0.875), size: Self.wideSide)
        let wide = surface.sample(around, width: Self.wideSide, height: Self.wideSide)
        let result = try modified(crop, wide: wide)
        let toNarrow = narrow.inverse.after(around)
        let masks =
            [Plane.boxMask(side: Self.wideSide, blur: blur)]
            + (try occluders.map { try $0.mask(of: crop).laid(through: toNarrow, side: Self.wideSide) })
        let mask = Plane.minimum(of: masks, strength: strength, side: Self.wideSide)
        let scale = Float(Self.wideSide) / Float(Self.resultSide)
        surface.paste(
            result, mask: mask.scaledLikeOpenCV(to: Self.resultSide),
            through: around.after(Affine(a: scale, b: 0, tx: 0, c: 0, d: scale, ty: 0)))
    }
}

extension Plane {
    /// What a crop of `side`×`side` pixels shows of this plane, `transform` leading from the crop to the plane; 0 outside.
    fileprivate func laid(through transform: Affine, side: Int) -> Plane {
        var result = Plane(width: side, height: side)
        for y in 0..<side {
            for x in 0..<side {
                let place = transform(Point(Float(x), Float(y)))
                guard place.x > -1, place.y > -1, place.x < Float(width), place.y < Float(height) else { continue }
                let overhang = { (v: Float, limit: Int) in max(0, max(-v, v - Float(limit - 1))) }
                let share = (1 - overhang(place.x, width)) * (1 - overhang(place.y, height))
                result.values[y * side + x] = value(at: place) * share
            }
        }
        return result
    }
}

extension NeuralModels {
    /// An age modifier over its published file.
    ///
    /// - Throws: ``MasqueError`` when the file is missing, damaged or another model.
    package func ageModifier(
        _ model: AgeModifierModel, direction: Float, blur: Float = 0.3, occluders: [OcclusionModel] = []
    ) throws -> AgeModifier {
        try AgeModifier(
            model: model, session: session(model.name), direction: direction, blur: blur, occluders: occluders)
    }
}
