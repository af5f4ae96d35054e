// The fast detector: BlazeFace, for near faces in video.

internal import Foundation
package import Inference
package import Pixels

/// Finds near faces (about a sixth of the frame's longest side and larger) in one or two milliseconds.
///
/// Source: Bazarevsky et al., "BlazeFace: sub-millisecond neural face detection on mobile GPUs", 2019, and the model
/// card "MediaPipe BlazeFace Short Range" (Apache-2.0). Input 128×128 in −1…1; 896 anchors of 16 values (box, six
/// points) and a score as a logit. The model has the mouth's middle only: its corners are set from the eyes.
package struct BlazeFaceDetector: FaceDetector {
    /// The model's id in the model library.
    package static let model = "blazeface_short"
    /// Side of the view in pixels.
    package static let side = 128

    private let network: SingleInputModel

    /// Makes a detector over the loaded model `blazeface_short`.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`) when the graph has no input.
    package init(session: any InferenceSession) throws {
        network = try SingleInputModel(session, name: Self.model)
    }

    /// Finds near faces in one upright view of the whole frame; of `options` only the threshold counts.
    package func detect(in surface: some Surface, options: DetectionOptions) throws -> [Detection] {
        let middle = Point(Float(surface.width - 1) / 2, Float(surface.height - 1) / 2)
        let view = Affine.crop(
            center: middle, side: Float(max(surface.width, surface.height)), angle: 0, size: Self.side)
        let crop = surface.sample(view, width: Self.side, height: Self.side, outsideIsBlack: true)
        let outputs = try network.outputs(for: crop, scale: 2 / 255, shift: -1)
        guard let boxes = outputs.first(where: { $0.count == 896 * 16 }),
            let scores = outputs.first(where: { $0.count == 896 })
        else { throw unexpectedOutputs(of: Self.model) }
        return Self.decode(boxes: boxes, scores: scores, threshold: options.threshold)
            .suppressed(overlap: 0.3)
            .map { $0.moved(by: view) }
    }

    /// The centres of the 896 anchors as fractions of the view: two on each cell of 16×16, six on each of 8×8.
    private static let anchors: [Point] = [(16, 2), (8, 6)].flatMap { cells, each in
        (0..<cells * cells * each).map { index in
            let cell = index / each
            return Point((Float(cell % cells) + 0.5) / Float(cells), (Float(cell / cells) + 0.5) / Float(cells))
        }
    }

    /// Decodes the model's outputs into view pixels.
    package static func decode(boxes: [Float], scores: [Float], threshold: Float) -> [Detection] {
        var found: [Detection] = []
        for (index, anchor) in anchors.enumerated() {
            let score = 1 / (1 + exp(-scores[index]))
            guard score > threshold else { continue }
            let values = boxes[index * 16..<index * 16 + 16].map { $0 }
            guard values.allSatisfy(\.isFinite) else { continue }
            let origin = anchor * Float(side) - Point(0.5, 0.5)
            let width = values[2], height = values[3]
            let keys = stride(from: 4, to: 12, by: 2).map { origin + Point(values[$0], values[$0 + 1]) }
            let half = (keys[1] - keys[0]) * 0.4
            found.append(
                Detection(
                    box: Box(
                        x: origin.x + values[0] - width / 2, y: origin.y + values[1] - height / 2, width: width,
                        height: height),
                    score: score,
                    points: FivePoints(
                        leftEye: keys[0], rightEye: keys[1], nose: keys[2], leftMouth: keys[3] - half,
                        rightMouth: keys[3] + half)))
        }
        return found
    }
}
