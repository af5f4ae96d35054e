// Which way a face looks.

internal import Foundation
internal import Pixels

/// The turn of a head in degrees.
package struct FaceAngles: Sendable, Hashable, Codable {
    /// To the side: positive when the face looks to the right of the picture.
    package var yaw: Float
    /// Up and down: positive when the face looks up.
    package var pitch: Float
    /// In the picture plane: positive when the head is turned clockwise as seen.
    package var roll: Float

    /// Makes angles from degrees.
    package init(yaw: Float, pitch: Float, roll: Float) {
        self.yaw = yaw
        self.pitch = pitch
        self.roll = roll
    }

    /// Measures the turn of a mesh from its two long axes: cheek to cheek and forehead to chin, in three dimensions.
    ///
    /// The roll is taken out first, so that yaw and pitch mean the same for a head in any turn.
    package init(of mesh: FaceMesh) {
        let angle = mesh.roll
        let cosine = cos(angle), sine = sin(angle)
        func axis(_ from: Int, _ to: Int) -> (x: Float, y: Float, z: Float) {
            let d = mesh.points[to] - mesh.points[from]
            return (cosine * d.x + sine * d.y, -sine * d.x + cosine * d.y, mesh.depths[to] - mesh.depths[from])
        }
        let across = axis(MeshIndex.leftCheekEdge, MeshIndex.rightCheekEdge)
        let down = axis(MeshIndex.forehead, MeshIndex.chin)
        let degrees = 180 / Float.pi
        yaw = atan2(across.z, across.x) * degrees
        pitch = atan2(-down.z, down.y) * degrees
        roll = angle * degrees
    }
}
