// Gives a swapped face the expression that the frame's own face had.

package import Faces
internal import Inference
package import Pixels

/// A loaded expression restorer and how it is used. Safe to share; calls block for as long as the graphs take.
package struct ExpressionRestorer: Sendable {
    /// How far the old expression comes back, 0…1 (`--expression-restorer-factor` in hundredths, 0.8). 1 exaggerates it
    /// by a fifth, as FaceFusion's scale does.
    package let factor: Float
    /// Which parts of the face get it back.
    package let areas: Set<ExpressionArea>
    /// Softness of the box mask's edge, 0…1.
    package let blur: Float
    private let network: LivePortraitNetwork
    private let occluders: [OcclusionModel]

    /// Makes a restorer over loaded graphs.
    package init(
        network: LivePortraitNetwork, factor: Float = 0.8, areas: Set<ExpressionArea> = Set(ExpressionArea.allCases),
        blur: Float = 0.3, occluders: [OcclusionModel] = []
    ) {
        self.network = network
        self.factor = min(max(factor, 0), 1)
        self.areas = areas
        self.blur = blur
        self.occluders = occluders
    }

    /// The crop of a face that ``apply(on:face:original:strength:)`` takes as the original: to be taken before the frame
    /// is changed. R, G, B 0…255 at ``LivePortraitNetwork/side``.
    package func crop(of surface: some Surface, face: FaceShape) -> Crop {
        surface.sample(transform(of: face), width: LivePortraitNetwork.side, height: LivePortraitNetwork.side)
    }

    /// Gives the face of `crop` the expression of `original`'s; both are crops of ``LivePortraitNetwork/side`` pixels.
    ///
    /// - Returns: the changed crop, 0…255, not rounded.
    /// - Throws: ``MasqueError`` when a model fails.
    package func restored(_ crop: Crop, original: Crop) throws -> Crop {
        let wanted = try network.motion(of: original).expression
        let old = try network.motion(of: crop)
        var new = old
        let share = 1.2 * factor
        for point in areas.flatMap(\.points) {
            for i in 3 * point..<3 * point + 3 {
                new.expression[i] = wanted[i] * share + old.expression[i] * (1 - share)
            }
        }
        new.expression = LivePortraitExpression.limited(new.expression)
        return try network.face(
            features: network.features(of: crop), new: new.placedPoints, old: old.placedPoints)
    }

    /// Restores the expression of one face. With a factor or strength of 0 nothing is changed and no model is run.
    ///
    /// - Parameters:
    ///   - face: where the face lies, in this frame as in the original.
    ///   - original: ``crop(of:face:)`` of the frame as it was before it was changed.
    ///   - strength: 0 leaves the face as it is, 1 restores it as far as ``factor`` says.
    /// - Throws: ``MasqueError`` when a model fails; the surface is then as it was.
    package func apply(
        on surface: inout some Surface, face: FaceShape, original: Crop, strength: Float = 1
    ) throws {
        guard strength > 0, factor > 0, !areas.isEmpty else { return }
        let transform = transform(of: face)
        let side = LivePortraitNetwork.side
        let crop = surface.sample(transform, width: side, height: side)
        let result = try restored(crop, original: original)
        let masks = [Plane.boxMask(side: side, blur: blur)] + (try occluders.map { try $0.mask(of: crop) })
        surface.paste(result, mask: .minimum(of: masks, strength: strength, side: side), through: transform)
    }

    /// As ``apply(on:face:original:strength:)`` over a crop, with the whole frame as it was.
    package func apply(
        on surface: inout some Surface, face: FaceShape, original: some Surface, strength: Float = 1
    ) throws {
        try apply(on: &surface, face: face, original: crop(of: original, face: face), strength: strength)
    }

    private func transform(of face: FaceShape) -> Affine {
        AlignmentTemplate.arcface128.crop(for: face.points, size: LivePortraitNetwork.side)
    }
}

extension NeuralModels {
    /// A restorer over the published files.
    ///
    /// - Throws: ``MasqueError`` when a file is missing, damaged or another model.
    package func expressionRestorer(
        factor: Float = 0.8, areas: Set<ExpressionArea> = Set(ExpressionArea.allCases), blur: Float = 0.3,
        occluders: [OcclusionModel] = []
    ) throws -> ExpressionRestorer {
        ExpressionRestorer(
            network: try livePortrait(), factor: factor, areas: areas, blur: blur, occluders: occluders)
    }
}
