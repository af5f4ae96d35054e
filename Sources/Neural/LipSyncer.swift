// Moves a face's mouth to speech.

internal import Errors
package import Faces
package import Inference
package import Pixels

/// A loaded lip syncer and how it is used. Safe to share; calls block for as long as the graph takes.
package struct LipSyncer: Sendable {
    package let model: LipSyncModel
    /// How strongly the speech moves the mouth, 0…1 (`--lip-syncer-weight`, 0.5).
    package let weight: Float
    /// Softness and padding of the box mask, which only EDTalk uses.
    package let masks: MaskSettings
    private let session: any InferenceSession
    private let occluders: [OcclusionModel]

    /// Side of the crop in which masks are made and which is pasted.
    private static let side = 512

    /// Takes a loaded model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(
        model: LipSyncModel, session: any InferenceSession, weight: Float = 0.5, masks: MaskSettings = MaskSettings(),
        occluders: [OcclusionModel] = []
    ) throws {
        let size = model.size
        try session.requireInput(
            ExpectedTensor(name: "source", shape: [1, 1, MelFilterBank.count, MelWindow.columns]), of: model.name)
        let channels = model.family == .wav2lip ? 6 : 3
        try session.requireInput(ExpectedTensor(name: "target", shape: [1, channels, size, size]), of: model.name)
        if model.family == .edtalk {
            try session.requireInput(ExpectedTensor(name: "weight", shape: [1]), of: model.name)
        }
        try session.requireOutput(shape: [1, 3, size, size], of: model.name)
        self.model = model
        self.session = session
        self.weight = weight.isNaN ? 0.5 : min(max(weight, 0), 1)
        self.masks = masks
        self.occluders = occluders
    }

    /// Moves one face's mouth. With a strength of 0 nothing is changed and no model is run.
    ///
    /// - Parameters:
    ///   - window: what is heard at this frame; see ``MelSpectrogram/window(at:)``.
    ///   - strength: 0 leaves the face as it is, 1 moves it wholly.
    /// - Throws: ``MasqueError`` when a model fails; the surface is then as it was.
    package func apply(
        on surface: inout some Surface, face: FaceShape, window: MelWindow, strength: Float = 1
    ) throws {
        guard strength > 0 else { return }
        let transform = AlignmentTemplate.ffhq512.crop(for: face.points, size: Self.side)
        let crop = surface.sample(transform, width: Self.side, height: Self.side)
        var all = try occluders.map { try $0.mask(of: crop) }
        let result: Crop
        switch model.family {
        case .edtalk:
            result = try talking(crop, window: window)
            all.append(.boxMask(side: Self.side, blur: masks.blur, padding: masks.padding))
        case .wav2lip:
            let inverse = transform.inverse
            let box = Box(around: face.landmarks.map { inverse($0) })
            guard box.width >= 1, box.height >= 1 else { return }
            let size = Float(model.size)
            let toCrop = Affine(a: box.width / size, b: 0, tx: box.x, c: 0, d: box.height / size, ty: box.y)
            // Read from the frame itself: one sampling less than through the crop.
            let part = surface.sample(transform.after(toCrop), width: model.size, height: model.size)
            result = try moved(part, window: window).laid(through: toCrop.inverse, side: Self.side)
            all.append(
                .areaMask(of: face.landmarks, areas: [.lowerFace], transform: transform, size: Self.side))
        }
        let mask = Plane.minimum(of: all, strength: strength, side: Self.side)
        surface.paste(result, mask: mask, through: transform)
    }

    /// Wav2Lip over the box about a face, at the model's size, 0…255.
    private func moved(_ part: Crop, window: MelWindow) throws -> Crop {
        let count = model.size * model.size
        var target = [Float](repeating: 0, count: 6 * count)
        for channel in 0..<3 {
            for i in 0..<count {
                let value = part.values[(2 - channel) * count + i] / 255
                if i < count / 2 { target[channel * count + i] = value }
                target[(3 + channel) * count + i] = value
            }
        }
        let values = try output([
            "source": speech(window, scale: 2 * weight),
            "target": .float32(target, shape: [1, 6, model.size, model.size]),
        ])
        let rgb = Array(values[(2 * count)...]) + Array(values[count..<2 * count]) + Array(values[..<count])
        return Crop(output: rgb, side: model.size)
    }

    /// EDTalk over the whole crop.
    private func talking(_ crop: Crop, window: MelWindow) throws -> Crop {
        let small = crop.averaged(width: model.size, height: model.size)
        let values = try output([
            "source": speech(window, scale: 1), "target": small.tensor(.nchw, scale: 1 / 255),
            "weight": .float32([weight], shape: [1]),
        ])
        var result = Crop(output: values, side: model.size).enlargedCubically(width: Self.side, height: Self.side)
        for i in result.values.indices { result.values[i] = min(max(result.values[i], 0), 255) }
        return result
    }

    private func speech(_ window: MelWindow, scale: Float) -> Tensor {
        .float32(window.values.map { $0 * scale }, shape: [1, 1, MelFilterBank.count, MelWindow.columns])
    }

    private func output(_ inputs: [String: Tensor]) throws -> [Float] {
        guard let values = try session.run(inputs).first?.floats, values.count == 3 * model.size * model.size else {
            throw unexpectedOutputs(of: model.name)
        }
        return values
    }
}

extension Crop {
    /// What a crop of `side`×`side` pixels shows of this one, `transform` leading from the new crop to this; bilinear,
    /// edges repeat.
    fileprivate func laid(through transform: Affine, side: Int) -> Crop {
        let planes = (0..<3).map { plane($0) }
        var result = Crop(width: side, height: side)
        for (channel, plane) in planes.enumerated() {
            for y in 0..<side {
                for x in 0..<side {
                    result.values[(channel * side + y) * side + x] = plane.value(
                        at: transform(Point(Float(x), Float(y))))
                }
            }
        }
        return result
    }
}

extension NeuralModels {
    /// A lip syncer over its published file.
    ///
    /// - Throws: ``MasqueError`` when the file is missing, damaged or another model.
    package func lipSyncer(
        _ model: LipSyncModel, weight: Float = 0.5, masks: MaskSettings = MaskSettings(),
        occluders: [OcclusionModel] = []
    ) throws -> LipSyncer {
        try LipSyncer(
            model: model, session: session(model.name), weight: weight, masks: masks, occluders: occluders)
    }
}
