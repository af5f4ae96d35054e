// The published graph that guesses 68 points from five.

package import Inference
package import Pixels

/// FaceFusion's `fan_68_5`: the five points in the unit square of `ffhq_512` in, [1, 68, 2] in that square out. It looks
/// at no pixels, so it cannot fail on a dark or covered face, and cannot see an open mouth.
package struct FivePointLandmarker: Sendable {
    /// The file's name.
    package static let model = "fan_68_5"
    private let session: any InferenceSession

    /// Takes a loaded model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(session: any InferenceSession) throws {
        try session.requireInput(ExpectedTensor(name: "input", shape: [1, 5, 2]), of: Self.model)
        try session.requireOutput(shape: [1, 68, 2], of: Self.model)
        self.session = session
    }

    /// 68 points in frame pixels for five.
    ///
    /// - Throws: ``MasqueError`` when the model fails or gives no numbers.
    package func landmarks(of points: FivePoints) throws -> [Point] {
        let toFrame = AlignmentTemplate.ffhq512.crop(for: points, size: 1)
        let toSquare = toFrame.inverse
        let input = points.all.map { toSquare($0) }.flatMap { [$0.x, $0.y] }
        guard let values = try session.run(["input": .float32(input, shape: [1, 5, 2])]).first?.floats,
            values.count == 136, values.allSatisfy(\.isFinite)
        else { throw unexpectedOutputs(of: Self.model) }
        return (0..<68).map { toFrame(Point(values[2 * $0], values[2 * $0 + 1])) }
    }
}
