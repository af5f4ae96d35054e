// Coordinates on the face itself, the same for every pose, and what hangs on them.

internal import Foundation
internal import Pixels

/// Each vertex's place (u, v) on a face seen from the front: u -1…1 from the left edge to the right, v -1…1 from the
/// top of the forehead to the chin; with the light model's terms and how likely a vertex is covered by hair.
struct FaceLayout: Sendable {
    let places: [Point]
    /// ``SkinLight/basis(_:)`` per vertex.
    let basis: [[Float]]
    /// 1 where hair, hats and temples of spectacles lie over faces (forehead, temples), 0 elsewhere.
    let exposed: [Float]
    /// The upper edge of the brows, from left to right.
    private let brows: [Point]
    /// How far samples at each vertex are trusted as skin before their colour is known, 0…1.
    let trust: [Float]

    /// Works the layout out from one face, made symmetric so that its turn to the side cancels.
    init(points: [Point], regions: MeshRegions) {
        let eyes = points[263] - points[33]
        let angle = eyes.length > 0 ? atan2(eyes.y, eyes.x) : 0
        let (c, s) = (cos(-angle), sin(-angle))
        let upright = points.prefix(MeshRegions.vertexCount).map { Point(c * $0.x - s * $0.y, s * $0.x + c * $0.y) }
        var middle: Float = 0
        for i in upright.indices { middle += (upright[i].x + upright[regions.mirror[i]].x) / 2 }
        middle /= Float(upright.count)
        let even = upright.indices.map { i in
            let twin = upright[regions.mirror[i]]
            return Point((upright[i].x - twin.x) / 2, (upright[i].y + twin.y) / 2)
        }
        let box = Box(around: even)
        let (halfWidth, halfHeight) = (max(box.width / 2, 1e-3), max(box.height / 2, 1e-3))
        let places = even.map { Point($0.x / halfWidth, ($0.y - box.center.y) / halfHeight) }
        self.places = places
        basis = places.map(SkinLight.basis)
        // Hair is looked for above the brows only, as close as they let it.
        let brows = [70, 63, 105, 66, 107, 336, 296, 334, 293, 300].map { places[$0] }.sorted { $0.x < $1.x }
        self.brows = brows
        exposed = places.map { p in
            let line = Self.height(of: brows, at: p.x)
            let forehead = fall(p.y, from: line - 0.12, to: line - 0.03)
            let temple = (1 - fall(abs(p.x), from: 0.86, to: 0.95)) * fall(p.y, from: 0.3, to: 0.6)
            return max(forehead, temple)
        }
        trust = places.indices.map { i in
            guard regions.skin[i] > 0 else { return 0 }
            let inner = min(1, Float(regions.depth[i]) / 3)
            return inner * (places[i].y < -0.5 ? 0.5 : 1)
        }
    }

    /// v of the brows' upper edge at u.
    func browLine(at u: Float) -> Float { Self.height(of: brows, at: u) }

    private static func height(of brows: [Point], at u: Float) -> Float {
        guard let first = brows.first, let last = brows.last else { return -0.5 }
        if u <= first.x { return first.y }
        for (a, b) in zip(brows, brows.dropFirst()) where u <= b.x {
            return a.y + (b.y - a.y) * (u - a.x) / max(b.x - a.x, 1e-4)
        }
        return last.y
    }
}
