// The source's proportions on the target's pose and expression.

internal import Foundation
internal import Pixels

/// A point in three dimensions: x, y in pixels, z of the same scale, smaller is nearer.
struct Point3: Sendable {
    var x: Float
    var y: Float
    var z: Float
}

/// Moves a target's mesh part of the way to the source's own shape, so that not only the skin but where nose, eyes
/// and mouth sit is the source's. The outline stays, and so do lids and lips against each other: pose and expression
/// remain the target's.
enum ShapeTransfer {
    /// The target's points with the source's proportions.
    ///
    /// The source's 3-D mesh is laid over the target's by the similarity of least squares (Horn 1987); the remaining
    /// offset of each feature — an eye, the mouth, the nose — moves that feature as a whole, is smoothed over the mesh
    /// and vanishes towards the oval.
    ///
    /// - Parameter amount: 0 keeps the target's shape, 1 takes all of the source's.
    static func points(
        target: [Point3], source: [Point3], regions: MeshRegions, amount: Float
    ) -> [Point] {
        let count = MeshRegions.vertexCount
        let flat = target.prefix(count).map { Point($0.x, $0.y) }
        guard amount > 0, source.count >= count, target.count >= count else { return flat }
        let rigid = (0..<count).filter { regions.isRigid[$0] }
        let moved = aligned(source, to: target, by: rigid)
        var offset = (0..<count).map { Point(moved[$0].x - target[$0].x, moved[$0].y - target[$0].y) }
        for group in regions.groups {
            let mean = group.reduce(Point(0, 0)) { $0 + offset[$1] } * (1 / Float(max(group.count, 1)))
            for vertex in group { offset[vertex] = mean }
        }
        // Offsets beyond what proportions explain are errors of a landmarker's depth.
        let limit = 0.06 * (flat[152] - flat[10]).length
        var shift = (0..<count).map { i -> Point in
            let share = min(1, max(0, Float(regions.depth[i] - 1) / 3))
            let length = offset[i].length
            return offset[i] * (share * (length > limit ? limit / length : 1))
        }
        for _ in 0..<6 {
            let before = shift
            for i in 0..<count where regions.depth[i] > 0 && !regions.isGrouped[i] {
                var sum = Point(0, 0)
                for other in regions.neighbours[i] { sum = sum + before[other] }
                shift[i] = before[i] * 0.4 + sum * (0.6 / Float(max(regions.neighbours[i].count, 1)))
            }
            for i in 0..<count where regions.depth[i] == 0 { shift[i] = Point(0, 0) }
        }
        return (0..<count).map { flat[$0] + shift[$0] * amount }
    }

    /// `points` turned, scaled and shifted onto `onto` with least squared error over `chosen` vertices.
    private static func aligned(_ points: [Point3], to onto: [Point3], by chosen: [Int]) -> [Point3] {
        let n = Float(max(chosen.count, 1))
        func mean(_ all: [Point3]) -> Point3 {
            var sum = Point3(x: 0, y: 0, z: 0)
            for i in chosen { sum = Point3(x: sum.x + all[i].x, y: sum.y + all[i].y, z: sum.z + all[i].z) }
            return Point3(x: sum.x / n, y: sum.y / n, z: sum.z / n)
        }
        let a = mean(points), b = mean(onto)
        var s = [Float](repeating: 0, count: 9)
        var spread: Float = 1e-6, spreadOnto: Float = 0
        for i in chosen {
            let p = [points[i].x - a.x, points[i].y - a.y, points[i].z - a.z]
            let q = [onto[i].x - b.x, onto[i].y - b.y, onto[i].z - b.z]
            for j in 0..<3 {
                for k in 0..<3 { s[3 * j + k] += p[j] * q[k] }
                spread += p[j] * p[j]
                spreadOnto += q[j] * q[j]
            }
        }
        let scale = (spreadOnto / spread).squareRoot()
        let r = rotation(s)
        return points.map { point in
            let (x, y, z) = (point.x - a.x, point.y - a.y, point.z - a.z)
            return Point3(
                x: scale * (r[0] * x + r[1] * y + r[2] * z) + b.x, y: scale * (r[3] * x + r[4] * y + r[5] * z) + b.y,
                z: scale * (r[6] * x + r[7] * y + r[8] * z) + b.z)
        }
    }

    /// The rotation that best carries p to q, from s = Σ p·qᵀ (row-major): the leading eigenvector of Horn's matrix,
    /// found by shifted power iteration.
    private static func rotation(_ s: [Float]) -> [Float] {
        let k: [[Float]] = [
            [s[0] + s[4] + s[8], s[5] - s[7], s[6] - s[2], s[1] - s[3]],
            [s[5] - s[7], s[0] - s[4] - s[8], s[1] + s[3], s[6] + s[2]],
            [s[6] - s[2], s[1] + s[3], -s[0] + s[4] - s[8], s[5] + s[7]],
            [s[1] - s[3], s[6] + s[2], s[5] + s[7], -s[0] - s[4] + s[8]],
        ]
        let shift = k.flatMap { $0 }.reduce(0) { $0 + abs($1) } / 2 + 1e-6
        var q: [Float] = [1, 0, 0, 0]
        for _ in 0..<60 {
            var next = (0..<4).map { i in (0..<4).reduce(shift * q[i]) { $0 + k[i][$1] * q[$1] } }
            let length = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for i in 0..<4 { next[i] /= max(length, 1e-12) }
            q = next
        }
        let (w, x, y, z) = (q[0], q[1], q[2], q[3])
        return [
            1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
            2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
            2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
        ]
    }
}
