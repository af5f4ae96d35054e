// A still portrait set in motion: the head turns, nods and speaks, the light changes; the truth is known.

internal import Faces
internal import Foundation
internal import Pixels

/// Turns the head of a still picture by moving its 3-D mesh and letting the rest of the picture follow smoothly.
///
/// The displacement of the mesh's points is spread over the picture by pull–push from coarse to fine and fades towards
/// the frame's edges, so background and shoulders stay. Good to about ±25° of yaw.
struct HeadTurner {
    /// How the head stands in one frame; angles in radians.
    struct Pose {
        var yaw: Float = 0
        var pitch: Float = 0
        var roll: Float = 0
        /// How far the mouth opens, in parts of the face's height.
        var mouth: Float = 0
        var shift = Point(0, 0)
        /// Brightness added from the left to the right edge, -1…1.
        var sideLight: Float = 0
        /// Brightness of the whole, 1 as it is.
        var gain: Float = 1
    }

    let picture: Picture
    let mesh: FaceMesh
    let topology: FaceTopology

    /// Where the mesh's points lie in a pose: the truth that tests and measurements compare with.
    func points(_ pose: Pose) -> [Point] {
        let center = mesh.box.center
        let depth = mesh.depths.reduce(0, +) / Float(mesh.depths.count) + mesh.box.width * 0.35
        let (sy, cy) = (sin(pose.yaw), cos(pose.yaw))
        let (sp, cp) = (sin(pose.pitch), cos(pose.pitch))
        let (sr, cr) = (sin(pose.roll), cos(pose.roll))
        let jaw = mesh.points[14].y, height = mesh.box.height
        return zip(mesh.points, mesh.depths).map { point, z in
            var x = point.x - center.x, y = point.y - center.y
            let w = z - depth
            // The jaw drops below the line of the lips, most in the middle.
            let below = max(0, point.y - jaw) / max(height * 0.3, 1)
            let middle = max(0, 1 - abs(x) / (mesh.box.width * 0.5))
            y += pose.mouth * height * min(below * 4, 1) * middle
            x = cy * x + sy * w
            let turned = -sy * (point.x - center.x) + cy * w
            y = cp * y - sp * turned
            return Point(
                cr * x - sr * y + center.x + pose.shift.x + sy * depth * 0.5,
                sr * x + cr * y + center.y + pose.shift.y)
        }
    }

    /// The picture in a pose.
    func frame(_ pose: Pose) -> Crop {
        let (width, height) = (picture.width, picture.height)
        let to = points(pose)
        let step = 4
        let (w, h) = (width / step, height / step)
        let scale = 1 / Float(step)
        let attributes = [
            zip(mesh.points, to).map { $0.x - $1.x }, zip(mesh.points, to).map { $0.y - $1.y },
        ]
        let triangles = TriangleMesh(indices: topology.indices)
        let (drawn, cover) = triangles.rasterize(attributes, at: to.map { $0 * scale }, width: w, height: h)
        // Known on the face and, as nothing, along the frame's edge.
        var weight = cover
        for y in 0..<h {
            for x in 0..<w where min(x, y, w - 1 - x, h - 1 - y) < 2 { weight.values[y * w + x] = 1 }
        }
        let field = filled(drawn, weight: weight).map { $0.blurred(sigma: 1.2).resized(width: width, height: height) }
        var mapX = Plane(width: width, height: height), mapY = mapX
        for y in 0..<height {
            for x in 0..<width {
                mapX.values[y * width + x] = Float(x) + field[0].values[y * width + x]
                mapY.values[y * width + x] = Float(y) + field[1].values[y * width + x]
            }
        }
        var result = picture.sample(.identity, width: width, height: height).remapped(x: mapX, y: mapY, cubic: true)
        light(&result, pose: pose)
        return result
    }

    private func light(_ crop: inout Crop, pose: Pose) {
        guard pose.sideLight != 0 || pose.gain != 1 else { return }
        let count = crop.width * crop.height
        for y in 0..<crop.height {
            for x in 0..<crop.width {
                let side = (Float(x) / Float(crop.width) - 0.5) * 2
                let factor = pose.gain * (1 + pose.sideLight * side * 0.5)
                for channel in 0..<3 {
                    let k = channel * count + y * crop.width + x
                    crop.values[k] = min(255, max(0, crop.values[k] * factor))
                }
            }
        }
    }
}
