// The landmarkers by the names that users give, and what they make of a face that is already found.

internal import Foundation
package import Pixels

/// A source of 68 landmarks that can be asked for.
package enum LandmarkerModel: String, Sendable, CaseIterable {
    /// The dense mesh that comes with Masque.
    case mesh
    /// FaceFusion's default.
    case fan = "2dfan4"
    case peppa = "peppa_wutz"
    /// Both of them; the surer counts, `2dfan4` where they are about equally sure.
    case many
    /// 68 points guessed from five.
    case fivePoints = "fan_68_5"

    /// All of them.
    package static let all = allCases

    /// The name, as `--face-landmarker-model` takes it.
    package var name: String { rawValue }

    /// The landmarker of a name, if there is one.
    package init?(named name: String) { self.init(rawValue: name) }

    /// The published files that must be there.
    package var files: [String] {
        switch self {
        case .mesh: []
        case .fan, .peppa, .fivePoints: [rawValue]
        case .many: [Self.fan.rawValue, Self.peppa.rawValue]
        }
    }
}

/// Gives a face its shape: the mesh's own, or that of published landmarkers. Safe to share; calls block for as long as
/// the graphs take.
package struct ShapeFinder: Sendable {
    /// Landmarks that are less sure are not taken (`--face-landmarker-score`).
    package let threshold: Float
    private let landmarkers: [CropLandmarker]
    private let fivePoints: FivePointLandmarker?
    /// How much surer `peppa_wutz` must be to count before `2dfan4`.
    private static let lead: Float = 0.2

    /// Makes a finder; without landmarkers shapes are the mesh's own.
    package init(
        landmarkers: [CropLandmarker] = [], fivePoints: FivePointLandmarker? = nil, threshold: Float = 0.5
    ) {
        self.landmarkers = landmarkers
        self.fivePoints = fivePoints
        self.threshold = threshold
    }

    /// The surest landmarks of a face, if there is a landmarker that looks at pixels.
    package func landmarks(of face: FaceMesh, box: Box, in surface: some Surface) throws -> ScoredLandmarks? {
        let turn = QuarterTurn(nearest: face.jawAngle)
        let found = try landmarkers.map { landmarker in
            let landmarks = try landmarker.landmarks(in: box, turn: turn, of: surface)
            return (landmarks, rank: landmarks.score - (landmarker.kind == .peppa ? Self.lead : 0))
        }
        return found.max { $0.rank < $1.rank }?.0
    }

    /// The shape of the face with a mesh in a box (the detector's).
    ///
    /// - Returns: the mesh's own shape where the landmarks are not surer than ``threshold``.
    /// - Throws: ``MasqueError`` when a model fails.
    package func shape(of face: FaceMesh, box: Box, in surface: some Surface) throws -> FaceShape {
        if let fivePoints { return FaceShape(mesh: face, landmarks: try fivePoints.landmarks(of: face.fivePoints)) }
        guard let found = try landmarks(of: face, box: box, in: surface), found.score > threshold else {
            return FaceShape(mesh: face)
        }
        return FaceShape(mesh: face, landmarks: found.points)
    }
}

extension FaceMesh {
    /// The direction from one end of the jaw to the other, in radians, positive clockwise as seen.
    var jawAngle: Float {
        let points = points68
        let line = points[16] - points[0]
        return line.length > 0 ? atan2(line.y, line.x) : 0
    }
}

extension QuarterTurn {
    /// The whole quarter nearest to an angle in radians.
    init(nearest angle: Float) {
        guard angle.isFinite else {
            self = .upright
            return
        }
        let quarters = Int((angle / (.pi / 2)).rounded())
        self = QuarterTurn(rawValue: ((quarters % 4 + 4) % 4) * 90) ?? .upright
    }
}
