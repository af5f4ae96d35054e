// Changes a face's look by sliders: gaze, lids, brows, mouth, turn of the head.

package import Faces
package import Inference
package import Pixels

/// A loaded face editor and how it is used. Safe to share; calls block for as long as the graphs take.
package struct FaceEditor: Sendable {
    /// Where the sliders stand.
    package let edits: FaceEdits
    /// Softness of the box mask's edge, 0…1.
    package let blur: Float
    private let network: LivePortraitNetwork
    private let eyeRetargeter: any InferenceSession
    private let lipRetargeter: any InferenceSession
    private let stitcher: any InferenceSession

    /// Takes the loaded graphs.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when a file is another model.
    package init(
        network: LivePortraitNetwork, eyeRetargeter: any InferenceSession, lipRetargeter: any InferenceSession,
        stitcher: any InferenceSession, edits: FaceEdits, blur: Float = 0.3
    ) throws {
        let count = LivePortraitMotion.count
        try eyeRetargeter.requireInput(
            ExpectedTensor(name: "input", shape: [1, count + 3]), of: LivePortraitFile.eyeRetargeter.rawValue)
        try lipRetargeter.requireInput(
            ExpectedTensor(name: "input", shape: [1, count + 2]), of: LivePortraitFile.lipRetargeter.rawValue)
        for name in ["source", "target"] {
            try stitcher.requireInput(
                ExpectedTensor(name: name, shape: [1, LivePortraitMotion.pointCount, 3]),
                of: LivePortraitFile.stitcher.rawValue)
        }
        for (session, file) in [
            (eyeRetargeter, LivePortraitFile.eyeRetargeter), (lipRetargeter, .lipRetargeter), (stitcher, .stitcher),
        ] {
            try session.requireOutput(count: count, of: file.rawValue)
        }
        self.network = network
        self.eyeRetargeter = eyeRetargeter
        self.lipRetargeter = lipRetargeter
        self.stitcher = stitcher
        self.edits = edits
        self.blur = blur
    }

    /// Edits the face of a crop of ``LivePortraitNetwork/side`` pixels.
    ///
    /// - Parameter landmarks: the face's 68 points, anywhere; how far eyes and lips are open is read from them.
    /// - Returns: the changed crop, 0…255, not rounded.
    /// - Throws: ``MasqueError`` when a model fails.
    package func edited(_ crop: Crop, landmarks: [Point]) throws -> Crop {
        let own = try network.motion(of: crop)
        let old = own.placedPoints
        var motion = own
        motion.expression = edits.applied(to: own.expression)
        motion.turn = edits.applied(to: own.turn)
        var new = motion.placedPoints
        for move in try [eyeMove(old, landmarks), lipMove(old, landmarks)] {
            for (i, value) in move.enumerated() { new[i] += value }
        }
        let shape = [1, LivePortraitMotion.pointCount, 3]
        let stitched = try values(
            stitcher, ["source": .float32(new, shape: shape), "target": .float32(old, shape: shape)], .stitcher)
        return try network.face(features: network.features(of: crop), new: stitched, old: old)
    }

    /// Edits one face. With all sliders at 0, or a strength of 0, nothing is changed and no model is run.
    ///
    /// - Parameter strength: 0 leaves the face as it is, 1 shows the edit wholly.
    /// - Throws: ``MasqueError`` when a model fails; the surface is then as it was.
    package func apply(on surface: inout some Surface, face: FaceShape, strength: Float = 1) throws {
        guard strength > 0, !edits.isEmpty else { return }
        let side = LivePortraitNetwork.side
        let transform = AlignmentTemplate.ffhq512.crop(for: face.points.spread(1.5), size: side)
        let result = try edited(
            surface.sample(transform, width: side, height: side), landmarks: face.landmarks)
        let mask = Plane.minimum(of: [.boxMask(side: side, blur: blur)], strength: strength, side: side)
        surface.paste(result, mask: mask, through: transform)
    }

    /// Opening moves towards a ratio of 0.6, closing ones towards 0.
    private func eyeMove(_ points: [Float], _ landmarks: [Point]) throws -> [Float] {
        let value = edits[.eyeOpenRatio]
        guard value != 0 else { return [] }
        let ratios = [
            landmarks.openRatio(top: 37, bottom: 40, left: 39, right: 36),
            landmarks.openRatio(top: 43, bottom: 46, left: 45, right: 42), value < 0 ? 0 : 0.6,
        ]
        let input = Tensor.float32(points + ratios, shape: [1, points.count + 3])
        return try values(eyeRetargeter, ["input": input], .eyeRetargeter).map { $0 * abs(value) }
    }

    /// Opening moves towards a ratio of 1, closing ones towards 0.
    private func lipMove(_ points: [Float], _ landmarks: [Point]) throws -> [Float] {
        let value = edits[.lipOpenRatio]
        guard value != 0 else { return [] }
        let ratios = [landmarks.openRatio(top: 62, bottom: 66, left: 54, right: 48), value < 0 ? 0 : 1]
        let input = Tensor.float32(points + ratios, shape: [1, points.count + 2])
        return try values(lipRetargeter, ["input": input], .lipRetargeter).map { $0 * abs(value) }
    }

    private func values(
        _ session: any InferenceSession, _ inputs: [String: Tensor], _ file: LivePortraitFile
    ) throws -> [Float] {
        guard let values = try session.run(inputs).first?.floats, values.count == LivePortraitMotion.count else {
            throw unexpectedOutputs(of: file.rawValue)
        }
        return values
    }
}

extension [Point] {
    /// How far an eye or the mouth is open: its height over its width, by places among 68 landmarks.
    fileprivate func openRatio(top: Int, bottom: Int, left: Int, right: Int) -> Float {
        (self[top] - self[bottom]).length / ((self[left] - self[right]).length + 1e-6)
    }
}

extension FivePoints {
    /// The points with their distances from the nose times a factor: above 1 the crop shows more around the face.
    func spread(_ factor: Float) -> FivePoints {
        moved(
            by: Affine(
                a: factor, b: 0, tx: nose.x * (1 - factor), c: 0, d: factor, ty: nose.y * (1 - factor)))
    }
}

extension NeuralModels {
    /// An editor over the published files.
    ///
    /// - Throws: ``MasqueError`` when a file is missing, damaged or another model.
    package func faceEditor(edits: FaceEdits, blur: Float = 0.3) throws -> FaceEditor {
        try FaceEditor(
            network: livePortrait(), eyeRetargeter: session(LivePortraitFile.eyeRetargeter.rawValue),
            lipRetargeter: session(LivePortraitFile.lipRetargeter.rawValue),
            stitcher: session(LivePortraitFile.stitcher.rawValue), edits: edits, blur: blur)
    }
}
