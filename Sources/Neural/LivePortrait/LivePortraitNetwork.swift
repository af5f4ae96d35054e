// LivePortrait's three main graphs, loaded: looks, motion, picture.

internal import Errors
internal import Faces
package import Inference
package import Pixels

/// The graphs that every use of LivePortrait needs. Safe to share; calls block for as long as the graphs take.
package struct LivePortraitNetwork: Sendable {
    /// Side of the crops that go in at the processors' end and come out, in pixels.
    package static let side = 512
    private static let inputSide = 256
    private static let volume = [1, 32, 16, 64, 64]
    private static let points = [1, LivePortraitMotion.pointCount, 3]
    /// Values of the motion extractor's outputs: pitch, yaw, roll, scale, translation, expression, points.
    private static let motionCounts = [1, 1, 1, 1, 3, LivePortraitMotion.count, LivePortraitMotion.count]

    private let featureExtractor: any InferenceSession
    private let motionExtractor: any InferenceSession
    private let generator: any InferenceSession

    /// Takes the loaded graphs.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when a file is another model.
    package init(
        featureExtractor: any InferenceSession, motionExtractor: any InferenceSession, generator: any InferenceSession
    ) throws {
        let picture = ExpectedTensor(name: "input", shape: [1, 3, Self.inputSide, Self.inputSide])
        let features = LivePortraitFile.featureExtractor.rawValue
        try featureExtractor.requireInput(picture, of: features)
        try featureExtractor.requireOutput(shape: Self.volume, of: features)
        let motion = LivePortraitFile.motionExtractor.rawValue
        try motionExtractor.requireInput(picture, of: motion)
        // Seven outputs, told apart by their places alone; other exports of LivePortrait have another order.
        guard motionExtractor.outputs.count == Self.motionCounts.count else {
            throw unexpectedTensor(
                motion, "gives \(motionExtractor.outputs.count) outputs where \(Self.motionCounts.count) are due")
        }
        for (place, count) in Self.motionCounts.enumerated() {
            try motionExtractor.requireOutput(place, count: count, of: motion)
        }
        try motionExtractor.requireOutput(5, shape: Self.points, of: motion)
        try motionExtractor.requireOutput(6, shape: Self.points, of: motion)
        let name = LivePortraitFile.generator.rawValue
        try generator.requireInput(ExpectedTensor(name: "feature_volume", shape: Self.volume), of: name)
        try generator.requireInput(ExpectedTensor(name: "source", shape: Self.points), of: name)
        try generator.requireInput(ExpectedTensor(name: "target", shape: Self.points), of: name)
        try generator.requireOutput(shape: [1, 3, Self.side, Self.side], of: name)
        self.featureExtractor = featureExtractor
        self.motionExtractor = motionExtractor
        self.generator = generator
    }

    /// A face's looks as the generator takes them, from a crop of ``side`` pixels, 0…255.
    package func features(of crop: Crop) throws -> Tensor {
        guard let volume = try featureExtractor.run(["input": Self.input(crop)]).first,
            volume.floats?.count == Self.volume.reduce(1, *)
        else { throw unexpectedOutputs(of: LivePortraitFile.featureExtractor.rawValue) }
        return volume
    }

    /// A face's pose and expression, from a crop of ``side`` pixels, 0…255.
    package func motion(of crop: Crop) throws -> LivePortraitMotion {
        let outputs = try motionExtractor.run(["input": Self.input(crop)]).map { $0.floats ?? [] }
        guard outputs.map(\.count) == Self.motionCounts else {
            throw unexpectedOutputs(of: LivePortraitFile.motionExtractor.rawValue)
        }
        return LivePortraitMotion(
            turn: LivePortraitTurn(pitch: outputs[0][0], yaw: outputs[1][0], roll: outputs[2][0]),
            scale: outputs[3][0], translation: outputs[4], expression: outputs[5], points: outputs[6])
    }

    /// The face with its points moved from `old` to `new`, 63 coordinates each: a crop of ``side`` pixels, 0…255, not
    /// rounded.
    package func face(features: Tensor, new: [Float], old: [Float]) throws -> Crop {
        let inputs: [String: Tensor] = [
            "feature_volume": features, "source": .float32(new, shape: Self.points),
            "target": .float32(old, shape: Self.points),
        ]
        guard let values = try generator.run(inputs).first?.floats, values.count == 3 * Self.side * Self.side else {
            throw unexpectedOutputs(of: LivePortraitFile.generator.rawValue)
        }
        return Crop(output: values, side: Self.side)
    }

    private static func input(_ crop: Crop) -> Tensor {
        crop.averaged(width: inputSide, height: inputSide).tensor(.nchw, scale: 1 / 255)
    }
}

extension NeuralModels {
    /// LivePortrait's main graphs, loaded when first asked for.
    ///
    /// - Throws: ``MasqueError`` when a file is missing, damaged or another model.
    package func livePortrait() throws -> LivePortraitNetwork {
        try LivePortraitNetwork(
            featureExtractor: session(LivePortraitFile.featureExtractor.rawValue),
            motionExtractor: session(LivePortraitFile.motionExtractor.rawValue),
            generator: session(LivePortraitFile.generator.rawValue))
    }
}
