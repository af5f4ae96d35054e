// Puts the one face that an operator's own DFM model was trained on into a frame.

internal import Errors
package import Faces
package import Inference
package import Pixels

/// A loaded DFM model (DeepFaceLive's format) and how it is used. Safe to share; calls block for as long as the graph
/// takes. There is no list of models: the name is that of the operator's file.
///
/// The graph takes `in_face:0` [n, side, side, 3], B, G, R 0…1, and perhaps `morph_value:0` [1], and gives in this order
/// the target's mask, the face and the source's mask.
package struct DeepSwapper: Sendable {
    /// The file's name without its suffix.
    package let name: String
    /// Side of the crop in pixels, as the file has it.
    package let size: Int
    /// How far the face becomes the trained one, 0…1 (`--deep-swapper-morph` in hundredths, 1), where the file can.
    package let morph: Float
    /// Whether the file has an input for ``morph``.
    package let hasMorph: Bool
    package let masks: FaceMasks
    private let session: any InferenceSession

    private static let input = "in_face:0", morphInput = "morph_value:0"

    /// Takes a loaded model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is of another kind.
    package init(name: String, session: any InferenceSession, morph: Float = 1, masks: FaceMasks = FaceMasks()) throws {
        let spec = try session.requireInput(ExpectedTensor(name: Self.input, shape: [1, -1, -1, 3]), of: name)
        guard spec.shape.count == 4, spec.shape[1] > 0, spec.shape[1] == spec.shape[2] else {
            throw unexpectedTensor(name, "does not say the size of “\(Self.input)”, which must be square")
        }
        let side = spec.shape[1]
        try session.requireOutput(0, shape: [1, side, side, 1], of: name)
        try session.requireOutput(1, shape: [1, side, side, 3], of: name)
        try session.requireOutput(2, shape: [1, side, side, 1], of: name)
        hasMorph = session.inputs.contains { $0.name == Self.morphInput }
        if hasMorph { try session.requireInput(ExpectedTensor(name: Self.morphInput, shape: [1]), of: name) }
        self.name = name
        self.size = side
        self.session = session
        self.morph = morph.isNaN ? 1 : min(max(morph, 0), 1)
        self.masks = masks
    }

    /// Swaps the face of a crop of ``size`` pixels.
    ///
    /// - Returns: the swapped crop, 0…255, not rounded, its colours matched to the crop's; and where it may show.
    /// - Throws: ``MasqueError`` when the model fails.
    package func swapped(_ crop: Crop) throws -> (result: Crop, mask: Plane) {
        let count = size * size
        let sharp = crop.sharpened
        var pixels = [Float](repeating: 0, count: 3 * count)
        for i in 0..<count {
            for channel in 0..<3 { pixels[3 * i + channel] = sharp.values[(2 - channel) * count + i] / 255 }
        }
        var inputs = [Self.input: Tensor.float32(pixels, shape: [1, size, size, 3])]
        if hasMorph { inputs[Self.morphInput] = .float32([morph], shape: [1]) }
        let outputs = try session.run(inputs).map { $0.floats ?? [] }
        guard outputs.map(\.count) == [count, 3 * count, count] else { throw unexpectedOutputs(of: name) }
        var planar = [Float](repeating: 0, count: 3 * count)
        for i in 0..<count {
            for channel in 0..<3 { planar[(2 - channel) * count + i] = outputs[1][3 * i + channel] }
        }
        let result = Crop(output: planar, side: size).conditionallyColourMatched(to: crop)
        let both = zip(outputs[0], outputs[2]).map { a, b in
            let value = min(a, b)
            return value > 0 ? min(value, 1) : 0
        }
        let mask = Plane(width: size, height: size, values: both).eroded.eroded.blurred(sigma: 6.25)
        return (result, mask)
    }

    /// Swaps one face. With a strength of 0 nothing is changed and no model is run.
    ///
    /// - Parameter strength: 0 leaves the face as it is, 1 swaps it wholly.
    /// - Throws: ``MasqueError`` when a model fails; the surface is then as it was.
    package func apply(on surface: inout some Surface, face: FaceShape, strength: Float = 1) throws {
        guard strength > 0 else { return }
        let transform = AlignmentTemplate.dflWholeFace.crop(for: face.points, size: size)
        let crop = surface.sample(transform, width: size, height: size)
        let (result, own) = try swapped(crop)
        let mask = try masks.mask(
            target: crop, result: result, face: face, transform: transform, others: [own], strength: strength)
        surface.paste(result, mask: mask, through: transform)
    }
}

extension Crop {
    /// What DFM models are given: the crop with three quarters of its fine detail (finer than sigma 2) added once more.
    fileprivate var sharpened: Crop {
        let soft = blurred(sigma: 2)
        var result = self
        for i in values.indices {
            result.values[i] = min(max(1.75 * values[i] - 0.75 * soft.values[i], 0), 255)
        }
        return result
    }
}

extension Plane {
    /// The least of each value and its four neighbours.
    fileprivate var eroded: Plane {
        var result = self
        for y in 0..<height {
            for x in 0..<width {
                let i = y * width + x
                var least = values[i]
                if x > 0 { least = min(least, values[i - 1]) }
                if x < width - 1 { least = min(least, values[i + 1]) }
                if y > 0 { least = min(least, values[i - width]) }
                if y < height - 1 { least = min(least, values[i + width]) }
                result.values[i] = least
            }
        }
        return result
    }
}

extension NeuralModels {
    /// A deep swapper over an operator's file.
    ///
    /// - Throws: ``MasqueError`` when the file is missing, damaged or of another kind.
    package func deepSwapper(_ name: String, morph: Float = 1, masks: FaceMasks = FaceMasks()) throws -> DeepSwapper {
        try DeepSwapper(name: name, session: session(name), morph: morph, masks: masks)
    }
}
