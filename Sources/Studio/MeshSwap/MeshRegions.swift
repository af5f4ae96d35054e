// What the mesh swap knows of each vertex of the face mesh: its mirror twin, its depth behind the oval, skin or not.

internal import Faces
internal import Pixels

/// Per-vertex knowledge of the 468-point mesh, worked out once from its triangles and contours.
struct MeshRegions: Sendable {
    /// Vertices of the mesh itself.
    static let vertexCount = 468

    /// All triangles, with holes filled and a collar of triangles outside the oval (see ``collar``).
    let triangles: TriangleMesh
    /// The triangles of the mesh itself.
    let face: TriangleMesh
    /// The triangles of the lips and between them.
    let lips: TriangleMesh
    /// The triangles between the inner lips.
    let mouth: TriangleMesh
    /// The triangles inside both eyes.
    let eyes: TriangleMesh
    /// The vertices of the face oval in order; collar vertex `468 + i` lies outside `oval[i]`.
    let oval: [Int]
    /// The inner lip contour.
    let innerLips: [Int]
    /// The eye contours.
    let leftEye: [Int], rightEye: [Int]
    /// The vertex on the other side of the face.
    let mirror: [Int]
    /// Steps from the oval: 0 on it, growing inwards.
    let depth: [Int]
    /// The vertices that share an edge with each vertex.
    let neighbours: [[Int]]
    /// Features that move as a whole: both eyes with their lids, both brows, the lips.
    let groups: [[Int]]
    /// Whether a vertex is in one of ``groups``.
    let isGrouped: [Bool]
    /// Whether a vertex keeps its place on the head whatever the expression: not lips, chin, lids or brows.
    let isRigid: [Bool]
    /// 1 on plain skin, 0 on and next to eyes, brows, lips and nostrils.
    let skin: [Float]

    init(_ topology: FaceTopology) {
        let oval = topology.oval
        self.oval = oval
        innerLips = topology.lipsInner
        leftEye = topology.leftEye
        rightEye = topology.rightEye
        let face = topology.triangles.flatMap { $0.map(Int32.init) }
        func part(_ numbers: [Int]) -> [Int32] { numbers.flatMap { face[3 * $0..<3 * $0 + 3] } }
        mouth = TriangleMesh(indices: part(topology.holes.mouth))
        eyes = TriangleMesh(indices: part(topology.holes.leftEye) + part(topology.holes.rightEye))
        self.face = TriangleMesh(indices: face)
        let lipPoints = Set((topology.lipsOuter + topology.lipsInner).map(Int32.init))
        var all = face
        for i in oval.indices {
            let next = (i + 1) % oval.count
            let (a, b) = (Int32(oval[i]), Int32(oval[next]))
            let (c, d) = (Int32(Self.vertexCount + i), Int32(Self.vertexCount + next))
            all += [a, b, c, b, d, c]
        }
        triangles = TriangleMesh(indices: all)
        let neighbours = Self.neighbours(of: face)
        self.neighbours = neighbours.map { $0.sorted() }
        depth = Self.steps(from: oval, neighbours)
        mirror = Self.mirror(of: face)
        let nearEyes = Self.steps(from: topology.leftEye + topology.rightEye, neighbours)
        let nearBrows = Self.steps(from: topology.leftBrow + topology.rightBrow, neighbours)
        let nearLips = Self.steps(from: topology.lipsInner, neighbours)
        let lips = Set(topology.lipsOuter)
        let nearOuter = Self.steps(from: topology.lipsOuter, neighbours)
        let within = Set(
            (0..<Self.vertexCount).filter { nearLips[$0] + nearOuter[$0] <= 3 || lipPoints.contains(Int32($0)) })
        self.lips = TriangleMesh(
            indices: stride(from: 0, to: face.count, by: 3).flatMap { t in
                face[t..<t + 3].allSatisfy { within.contains(Int($0)) } ? Array(face[t..<t + 3]) : []
            })
        func near(_ steps: [Int], _ limit: Int) -> [Int] { (0..<Self.vertexCount).filter { steps[$0] <= limit } }
        let (leftLids, rightLids) = (
            near(Self.steps(from: topology.leftEye, neighbours), 2),
            near(Self.steps(from: topology.rightEye, neighbours), 2)
        )
        let mouthArea = near(Self.steps(from: topology.lipsOuter + topology.lipsInner, neighbours), 0)
        let groups = [leftLids, rightLids, topology.leftBrow, topology.rightBrow, mouthArea]
        self.groups = groups
        let grouped = Set(groups.flatMap { $0 })
        isGrouped = (0..<Self.vertexCount).map { grouped.contains($0) }
        let aroundMouth = Set(near(Self.steps(from: topology.lipsOuter, neighbours), 3))
        isRigid = (0..<Self.vertexCount).map { !grouped.contains($0) && !aroundMouth.contains($0) }
        let nostrils: Set = [
            97, 98, 99, 2, 326, 327, 328, 240, 460, 75, 305, 60, 290, 20, 250, 238, 458, 79, 309, 166, 392,
        ]
        skin = (0..<Self.vertexCount).map { vertex in
            let feature =
                nearEyes[vertex] <= 1 || nearBrows[vertex] == 0 || nearLips[vertex] <= 1 || lips.contains(vertex)
                || nostrils.contains(vertex)
            return feature ? 0 : 1
        }
    }

    /// The mesh points with the collar: each oval vertex again, `spread` of its distance from the middle further out.
    func collared(_ points: [Point], spread: Float = 0.2) -> [Point] {
        var middle = Point(0, 0)
        for vertex in oval { middle = middle + points[vertex] }
        middle = middle * (1 / Float(oval.count))
        return points.prefix(Self.vertexCount) + oval.map { points[$0] + (points[$0] - middle) * spread }
    }

    /// The points with those of the oval drawn in most of the way to their inner neighbours, and a collar that runs inwards
    /// again: where a texture is looked up, so that neither ears nor background come along.
    func inset(_ points: [Point]) -> [Point] {
        var result = Array(points.prefix(Self.vertexCount))
        for vertex in oval {
            let inner = neighbours[vertex].filter { depth[$0] == 1 }
            guard !inner.isEmpty else { continue }
            let mean = inner.reduce(Point(0, 0)) { $0 + points[$1] } * (1 / Float(inner.count))
            result[vertex] = points[vertex] * 0.2 + mean * 0.8
        }
        return collared(result, spread: -0.05)
    }

    /// Vertex values with the collar's: each oval vertex's value again.
    func collared(_ values: [Float]) -> [Float] {
        values + oval.map { values[$0] }
    }

    private static func neighbours(of indices: [Int32]) -> [Set<Int>] {
        var result = [Set<Int>](repeating: [], count: vertexCount)
        for t in stride(from: 0, to: indices.count, by: 3) {
            let corners = [Int(indices[t]), Int(indices[t + 1]), Int(indices[t + 2])]
            for a in corners { for b in corners where a != b { result[a].insert(b) } }
        }
        return result
    }

    /// The least number of edges from any of `start` to each vertex.
    private static func steps(from start: [Int], _ neighbours: [Set<Int>]) -> [Int] {
        var result = [Int](repeating: .max, count: vertexCount)
        var front = start
        for vertex in front { result[vertex] = 0 }
        var step = 0
        while !front.isEmpty {
            step += 1
            var next: [Int] = []
            for vertex in front {
                for other in neighbours[vertex] where result[other] == .max {
                    result[other] = step
                    next.append(other)
                }
            }
            front = next
        }
        return result
    }

    /// Twins across the middle line, found by walking both halves of the mesh at once from the edge (10, 151).
    private static func mirror(of indices: [Int32]) -> [Int] {
        var third: [Set<Int>: Set<Int>] = [:]
        for t in stride(from: 0, to: indices.count, by: 3) {
            let c = [Int(indices[t]), Int(indices[t + 1]), Int(indices[t + 2])]
            for i in 0..<3 { third[[c[i], c[(i + 1) % 3]], default: []].insert(c[(i + 2) % 3]) }
        }
        var twin = [Int: Int]()
        let sides = Array(third[[10, 151]] ?? []).sorted()
        guard sides.count == 2 else { return Array(0..<vertexCount) }
        twin[10] = 10
        twin[151] = 151
        twin[sides[0]] = sides[1]
        twin[sides[1]] = sides[0]
        var queue = [([10, 151, sides[0]], [10, 151, sides[1]])]
        var done = Set<Set<Int>>()
        while let (here, there) = queue.popLast() {
            guard done.insert(Set(here)).inserted else { continue }
            for i in 0..<3 {
                let (a, b, c) = (here[i], here[(i + 1) % 3], here[(i + 2) % 3])
                let (p, q, r) = (there[i], there[(i + 1) % 3], there[(i + 2) % 3])
                guard let x = third[[a, b]]?.subtracting([c]).first, let y = third[[p, q]]?.subtracting([r]).first,
                    twin[x, default: y] == y
                else { continue }
                twin[x] = y
                queue.insert(([a, b, x], [p, q, y]), at: 0)
            }
        }
        return (0..<vertexCount).map { twin[$0] ?? $0 }
    }
}
