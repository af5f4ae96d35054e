// The state of one followed face.

internal import Foundation
internal import Pixels

/// One face that a tracker follows.
struct FaceTrack: Codable {
    let id: Int
    /// The mesh as last measured.
    var measured: FaceMesh
    /// The mesh as last given out.
    var smoothed: FaceMesh
    /// The mesh whose crop the landmarker looked at last.
    private var anchor: FaceMesh
    /// The detector's last score.
    var score: Float
    var embedding: FaceEmbedding?
    var attributes: FaceAttributes?
    /// How far the face was turned to the side when its embedding was taken, in degrees.
    var embeddingYaw: Float = 90
    var age = 0
    var lostFrames = 0
    /// When the face was last seen, in seconds.
    var lastSeen: Double
    /// Detections in a row that saw nothing where the mesh is.
    var unconfirmed = 0
    /// Pixels a second.
    private var velocity = Point(0, 0)
    private var smoother: MeshSmoother?
    private let smoothing: MeshSmoother.Parameters?

    init(id: Int, mesh: FaceMesh, score: Float, time: Double, smoothing: MeshSmoother.Parameters?) {
        self.id = id
        measured = mesh
        anchor = mesh
        self.score = score
        lastSeen = time
        self.smoothing = smoothing
        smoother = smoothing.map { MeshSmoother($0) }
        smoothed = smoother?(mesh, at: time) ?? mesh
    }

    /// The mesh where it is expected at `time`; the motion is trusted for a tenth of a second.
    func expected(at time: Double) -> FaceMesh {
        let ahead = Float(min(max(time - lastSeen, 0), 0.1))
        guard ahead > 0, velocity != Point(0, 0) else { return smoothed }
        return smoothed.moved(
            by: Affine(a: 1, b: 0, tx: velocity.x * ahead, c: 0, d: 1, ty: velocity.y * ahead))
    }

    /// The mesh whose crop the landmarker shall look at: the one it looked at last, as long as the expected one's crop is
    /// nearly the same and the face moves slowly. A crop that stands still does not make the mesh tremble.
    mutating func anchored(_ expected: FaceMesh) -> FaceMesh {
        let size = 100
        let change = anchor.region(size: size).inverse.after(expected.region(size: size))
        let middle = Point(Float(size - 1) / 2, Float(size - 1) / 2)
        let isNear =
            (change(middle) - middle).length < 0.03 * Float(size) && abs(change.scale - 1) < 0.04
            && abs(atan2(change.c, change.a)) < 0.035
        if !isNear || velocity.length > 0.4 * expected.fivePoints.size { anchor = expected }
        return anchor
    }

    /// Takes the mesh measured at `time`. After a longer loss the smoothing starts afresh.
    mutating func see(_ mesh: FaceMesh, at time: Double) {
        let dt = Float(time - lastSeen)
        if lostFrames > 0, dt > 0.1 {
            smoother = smoothing.map { MeshSmoother($0) }
            velocity = Point(0, 0)
        }
        let before = smoothed
        measured = mesh
        smoothed = smoother?(mesh, at: time) ?? mesh
        if dt > 0, lostFrames == 0 {
            let step = (Self.middle(smoothed) - Self.middle(before)) * (1 / dt)
            velocity = velocity * 0.5 + step * 0.5
        }
        lastSeen = time
        lostFrames = 0
    }

    /// Whether `mesh` can be the same face one frame after the last: of like size, near, not turned by a jump, of the
    /// shape of a face, and in the picture.
    func accepts(_ mesh: FaceMesh, expected: FaceMesh, width: Int, height: Int) -> Bool {
        let before = expected.fivePoints, after = mesh.fivePoints
        let size = before.size
        guard size > 0, after.size > 3 else { return false }
        let growth = after.size / size
        guard growth > 0.6, growth < 1.65 else { return false }
        guard (Self.middle(mesh) - Self.middle(expected)).length < 1.2 * size else { return false }
        var turn = abs(after.roll - before.roll)
        if turn > .pi { turn = 2 * .pi - turn }
        guard turn < 0.9 else { return false }
        return mesh.liesIn(width: width, height: height)
    }

    static func middle(_ mesh: FaceMesh) -> Point {
        mesh.points.reduce(Point(0, 0), +) * (1 / Float(FaceMesh.count))
    }
}

extension FaceMesh {
    /// Whether at least a third of the points lie in the picture.
    func liesIn(width: Int, height: Int) -> Bool {
        let inside = points.count {
            $0.x >= 0 && $0.y >= 0 && $0.x < Float(width) && $0.y < Float(height)
        }
        return 3 * inside >= points.count
    }

    /// How far the five points lie from a detection's, in units of the face's size.
    func offset(from detection: Detection) -> Float {
        let own = fivePoints
        return own.distance(to: detection.points) / max(own.size, detection.points.size, 1)
    }
}
