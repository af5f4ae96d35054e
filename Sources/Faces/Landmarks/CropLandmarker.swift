// The published landmarkers that look at a crop: `2dfan4` and `peppa_wutz`.

internal import Foundation
package import Inference
package import Pixels

/// 68 points in frame pixels and how sure their finder is, 0…1.
package struct ScoredLandmarks: Sendable {
    package let points: [Point]
    package let score: Float
}

/// Lays 68 points on a face in a crop of 256×256 pixels in which the box is 195 pixels large and stands upright.
///
/// Source: Bulat and Tzimiropoulos, "How far are we from solving the 2D & 3D face alignment problem?", 2017; FaceFusion's
/// files `2dfan4` (points [1, 68, 3] and heat maps [1, 68, 64, 64]) and `peppa_wutz` (68 times x, y, score): B, G, R
/// 0…1, points in pixels of a grid of 64×64.
package struct CropLandmarker: Sendable {
    /// Which of the files it is.
    package enum Kind: String, Sendable {
        case fan = "2dfan4"
        case peppa = "peppa_wutz"

        /// The mean score that counts as 1.
        var best: Float { self == .fan ? 0.9 : 0.95 }
    }

    package let kind: Kind
    private let session: any InferenceSession
    private static let side = 256
    private static let count = 68
    private static let grid: Float = 64
    /// How large a box is in the crop.
    private static let boxSide: Float = 195
    /// The mean lightness (of 0…255) below which a crop's contrast is raised.
    private static let dark: Float = 30

    /// Takes a loaded model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(session: any InferenceSession, kind: Kind) throws {
        try session.requireInput(
            ExpectedTensor(name: "input", shape: [1, 3, Self.side, Self.side]), of: kind.rawValue)
        switch kind {
        case .fan:
            try session.requireOutput(shape: [1, Self.count, 3], of: kind.rawValue)
            try session.requireOutput(1, shape: [1, Self.count, 64, 64], of: kind.rawValue)
        case .peppa:
            guard let shape = session.outputs.first?.shape else {
                throw unexpectedTensor(kind.rawValue, "gives no output")
            }
            // 204 numbers, in whatever shape.
            let isFree = shape.isEmpty || shape.contains { $0 < 0 }
            guard isFree || shape.reduce(1, *) == 3 * Self.count else {
                throw unexpectedTensor(kind.rawValue, "gives \(shape) where \(3 * Self.count) numbers are due")
            }
        }
        self.kind = kind
        self.session = session
    }

    /// The landmarks of the face in a box, which is turned by `turn` (in whole quarters, clockwise) in the picture.
    ///
    /// - Throws: ``MasqueError`` when the model fails or gives no numbers.
    package func landmarks(in box: Box, turn: QuarterTurn, of surface: some Surface) throws -> ScoredLandmarks {
        let region = Self.region(of: box, turn: turn)
        let crop = surface.sample(region, width: Self.side, height: Self.side, outsideIsBlack: true).raisedWhenDark(
            below: Self.dark)
        let outputs = try session.run(["input": crop.blueFirst(scale: 1 / 255)]).map { $0.floats ?? [] }
        guard let values = outputs.first, values.count == 3 * Self.count, values.allSatisfy(\.isFinite) else {
            throw unexpectedOutputs(of: kind.rawValue)
        }
        let scale = Float(Self.side) / Self.grid
        let points = (0..<Self.count).map { region(Point(values[3 * $0] * scale, values[3 * $0 + 1] * scale)) }
        let scores: [Float]
        switch kind {
        case .peppa: scores = (0..<Self.count).map { values[3 * $0 + 2] }
        case .fan:
            let cells = Int(Self.grid * Self.grid)
            guard outputs.count > 1, outputs[1].count == Self.count * cells else {
                throw unexpectedOutputs(of: kind.rawValue)
            }
            scores = (0..<Self.count).map { outputs[1][$0 * cells..<($0 + 1) * cells].max() ?? 0 }
        }
        let mean = scores.reduce(0, +) / Float(Self.count)
        return ScoredLandmarks(points: points, score: min(max(mean / kind.best, 0), 1))
    }

    /// The crop's map to the frame: pixel 128 of 256 shows the box' middle.
    private static func region(of box: Box, turn: QuarterTurn) -> Affine {
        let scale = max(box.width, box.height, 1) / boxSide
        let (cosine, sine): (Float, Float) =
            switch turn {
            case .upright: (1, 0)
            case .right: (0, 1)
            case .down: (-1, 0)
            case .left: (0, -1)
            }
        let middle = Float(side) / 2
        let (a, b) = (cosine * scale, sine * scale)
        return Affine(
            a: a, b: -b, tx: box.center.x - a * middle + b * middle, c: b, d: a,
            ty: box.center.y - b * middle - a * middle)
    }
}

extension Crop {
    /// The crop with more contrast in its lightness when that is below `level` (0…255) on average.
    func raisedWhenDark(below level: Float) -> Crop {
        let count = width * height
        let colours = (0..<count).map { Lab(red: values[$0], green: values[count + $0], blue: values[2 * count + $0]) }
        let lightness = Plane(width: width, height: height, values: colours.map { $0.l * 2.55 })
        guard lightness.values.reduce(0, +) < level * Float(count) else { return self }
        let raised = lightness.equalised(limit: 2)
        var result = self
        for (i, colour) in colours.enumerated() {
            let rgb = Lab(l: raised.values[i] / 2.55, a: colour.a, b: colour.b).rgb
            result.values[i] = rgb.red
            result.values[count + i] = rgb.green
            result.values[2 * count + i] = rgb.blue
        }
        return result
    }
}
