// A face's shape as published models know it: 68 landmarks, and the five points that crops are aligned by.

package import Pixels

/// Where the parts of one face lie, from the built-in mesh or from a published landmarker.
package struct FaceShape: Sendable {
    /// The dense mesh.
    package let mesh: FaceMesh
    /// 68 points in frame pixels, numbered as iBUG does: jaw 0…16, brows 17…26, nose 27…35, eyes 36…47, outer lips
    /// 48…59, inner lips 60…67.
    package let landmarks: [Point]
    /// Eyes, nose and mouth corners, which align crops.
    package let points: FivePoints

    /// The shape that a mesh has, or that a published landmarker found for the same face: then its 68 points (and the
    /// five derived from them) count.
    package init(mesh: FaceMesh, landmarks: [Point]? = nil) {
        self.mesh = mesh
        guard let landmarks, landmarks.count == 68 else {
            self.landmarks = mesh.points68
            points = mesh.fivePoints
            return
        }
        self.landmarks = landmarks
        points = FivePoints(landmarks68: landmarks)
    }
}

extension FivePoints {
    /// Five points as FaceFusion derives them from 68: the means of each eye's six points, nose tip, mouth corners.
    package init(landmarks68 points: [Point]) {
        precondition(points.count == 68)
        func mean(_ range: Range<Int>) -> Point {
            points[range].reduce(Point(0, 0)) { $0 + $1 } * (1 / Float(range.count))
        }
        self.init(
            leftEye: mean(36..<42), rightEye: mean(42..<48), nose: points[30], leftMouth: points[48],
            rightMouth: points[54])
    }
}
