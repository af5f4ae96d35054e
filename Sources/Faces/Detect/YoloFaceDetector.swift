// The published detector `yoloface_8n`.

package import Inference
package import Pixels

/// YOLOv8-face, the nano size.
///
/// Source: FaceFusion's `yoloface_8n`: 640×640, B, G, R 0…1; output [1, 20, 8400], for each of 8400 places the box'
/// middle, width and height, a score, and five points of x, y and confidence, all in pixels of the view.
package struct YoloFaceDetector: SquareViewDetector {
    /// The file's name.
    package static let model = "yoloface_8n"
    private static let values = 20
    private static let places = 8400

    package let size = 640
    private let session: any InferenceSession

    /// Takes a loaded model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(session: any InferenceSession) throws {
        try session.requireInput(ExpectedTensor(name: "input", shape: [1, 3, size, size]), of: Self.model)
        try session.requireOutput(shape: [1, Self.values, Self.places], of: Self.model)
        self.session = session
    }

    package func found(in view: Crop, threshold: Float) throws -> [Detection] {
        let places = Self.places
        guard let rows = try session.run(["input": view.blueFirst(scale: 1 / 255)]).first?.floats,
            rows.count == Self.values * places
        else { throw unexpectedOutputs(of: Self.model) }
        return (0..<places).compactMap { place in
            let score = rows[4 * places + place]
            guard score > threshold else { return nil }
            let v = (0..<Self.values).map { rows[$0 * places + place] }
            let box = Box(x: v[0] - v[2] / 2, y: v[1] - v[3] / 2, width: v[2], height: v[3])
            let points = [5, 6, 8, 9, 11, 12, 14, 15, 17, 18].map { v[$0] }
            return Detection(box: box, score: score, points: FivePoints(inARow: points))
        }
    }
}
