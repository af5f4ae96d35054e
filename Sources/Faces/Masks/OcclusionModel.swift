// What lies before a face, by the published occlusion models.

package import Inference
package import Pixels

/// XSeg: tells a face from hands, hair and things before it.
///
/// Source: FaceFusion's `xseg_1` to `xseg_3`: a 256×256 crop, B, G, R 0…1, channels last, one plane out.
package struct OcclusionModel: Sendable {
    /// The files' names.
    package static let names = ["xseg_1", "xseg_2", "xseg_3"]
    /// Side of the model's crop in pixels.
    package static let side = 256

    private let session: any InferenceSession
    private let name: String

    /// Takes a loaded model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`) when its tensors are of another shape.
    package init(session: any InferenceSession, name: String) throws {
        let side = Self.side
        try session.requireInput(ExpectedTensor(name: "input", shape: [1, side, side, 3]), of: name)
        try session.requireOutput(shape: [1, side, side, 1], of: name)
        self.session = session
        self.name = name
    }

    /// 1 where the face of a square crop is bare, 0 where something covers it, at the crop's size.
    package func mask(of crop: Crop) throws -> Plane {
        let side = Self.side, count = side * side
        let small = crop.scaledLikeOpenCV(to: side)
        var input = [Float](repeating: 0, count: 3 * count)
        for i in 0..<count {
            for channel in 0..<3 { input[3 * i + channel] = small.values[(2 - channel) * count + i] / 255 }
        }
        guard
            let values = try session.run(["input": .float32(input, shape: [1, side, side, 3])]).first?.floats,
            values.count == count
        else { throw unexpectedOutputs(of: name) }
        let cut = Plane(width: side, height: side, values: values.map { min(max($0, 0), 1) })
        return cut.scaledLikeOpenCV(to: crop.width).upperHalf(blurredBy: 5)
    }
}
