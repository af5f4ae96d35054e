// The dense mesh of one face.

internal import Foundation
package import Pixels

/// 468 points on a face, as MediaPipe's face mesh numbers them, in frame pixels.
package struct FaceMesh: Sendable, Hashable, Codable {
    /// How many points a mesh has.
    package static let count = 468

    /// Positions in the frame, pixel centres at whole numbers.
    package var points: [Point]
    /// Depth of each point in frame pixels (the scale of x and y), smaller is nearer; zero is near the head's middle.
    package var depths: [Float]
    /// How sure the model is that it looked at a face, 0…1.
    package var presence: Float

    /// Makes a mesh; both arrays hold ``count`` values.
    package init(points: [Point], depths: [Float], presence: Float) {
        precondition(points.count == Self.count && depths.count == Self.count)
        self.points = points
        self.depths = depths
        self.presence = presence
    }

    /// The upright box around all points.
    package var box: Box { Box(around: points) }

    /// The direction of the line between the outer eye corners, in radians; positive is clockwise as seen.
    package var roll: Float {
        let line = points[MeshIndex.rightEyeOuter] - points[MeshIndex.leftEyeOuter]
        return line.length > 0 ? atan2(line.y, line.x) : 0
    }

    /// The five points for alignment, derived as FaceFusion derives them from 68: the mean of each eye's six contour
    /// points, the nose tip, the mouth corners.
    package var fivePoints: FivePoints {
        FivePoints(
            leftEye: mean(MeshIndex.leftEye), rightEye: mean(MeshIndex.rightEye), nose: points[MeshIndex.noseTip],
            leftMouth: points[MeshIndex.leftMouthCorner], rightMouth: points[MeshIndex.rightMouthCorner])
    }

    /// The 68 points of the iBUG scheme, taken from the mesh.
    package var points68: [Point] { MeshIndex.ibug68.map { points[$0] } }

    private func mean(_ indices: [Int]) -> Point {
        indices.reduce(Point(0, 0)) { $0 + points[$1] } * (1 / Float(indices.count))
    }

    /// The square that the model looks at to follow this face: 1.5 times the box around the points, turned by the eye
    /// line, as a map from `size`×`size` crop pixels to the frame.
    ///
    /// The box is taken in the face's own turn, so that the same face in any turn gives the same crop.
    package func region(size: Int, margin: Float = 1.5) -> Affine {
        let angle = roll
        let cosine = cos(angle), sine = sin(angle)
        let turned = Box(
            around: points.map { Point(cosine * $0.x + sine * $0.y, -sine * $0.x + cosine * $0.y) })
        let middle = turned.center
        let center = Point(cosine * middle.x - sine * middle.y, sine * middle.x + cosine * middle.y)
        return .crop(center: center, side: max(turned.width, turned.height, 1) * margin, angle: angle, size: size)
    }

    /// The mesh as `transform` moves it; depths grow with its scale.
    package func moved(by transform: Affine) -> FaceMesh {
        let scale = transform.scale
        return FaceMesh(points: points.map { transform($0) }, depths: depths.map { $0 * scale }, presence: presence)
    }
}
