// A source face made ready for swapping: texture, light, and what of it is not skin.

internal import Faces
internal import Foundation
internal import Pixels

/// What of a source face is needed for every target; made once per source.
struct SwapSource: Sendable {
    /// The texture at falling sizes, each half of the one before.
    let levels: [Texture]
    /// How much each pixel of the second level looks like lit skin, 0…1.
    let skinLikeness: Plane
    /// The mesh in pixels of level 0.
    let points: [Point]
    /// The mesh in three dimensions, in frame pixels.
    let shape: [Point3]
    /// Coordinates on the face.
    let layout: FaceLayout
    /// Log colour of lit skin per vertex (R, G, B), of the side that ``twinShare`` takes.
    let light: [[Float]]
    /// How far each vertex takes its texture from the other side of the face, 0…1: where this side is turned away.
    let twinShare: [Float]
    /// Whether any vertex does.
    let usesTwin: Bool
    /// Eye openness (height over width), left and right.
    let eyeOpenness: (Float, Float)
    /// How far the inner lips are apart, in mouth widths.
    let mouthOpenness: Float

    /// Makes a source ready.
    ///
    /// - Parameter largest: the longest side of the texture in pixels.
    init(surface: some Surface, mesh faceMesh: FaceMesh, regions: MeshRegions, largest: Int = 1024) {
        let mesh = faceMesh.points
        shape = zip(faceMesh.points, faceMesh.depths).map { Point3(x: $0.x, y: $0.y, z: $1) }
        let placement = CropPlacement(mesh: mesh, margin: 1.25, largest: largest)
        let sampled = surface.sample(placement.transform, width: placement.size, height: placement.size)
        let inverse = placement.transform.inverse
        let points = mesh.prefix(MeshRegions.vertexCount).map { inverse($0) }
        self.points = points
        let layout = FaceLayout(points: points, regions: regions)
        self.layout = layout
        let share = Self.twinShare(points: points, regions: regions)
        let seen = VertexColors(crop: sampled, points: points).logColors
        let first = SkinLight(colors: seen, basis: layout.basis, prior: layout.trust)
        let even = SourceLight.evened(
            sampled, samples: seen, lit: layout.basis.map { first($0) }, points: points, twinShare: share,
            regions: regions)
        let samples = VertexColors(crop: even, points: points)
        let model = SkinLight(colors: samples.logColors, basis: layout.basis, prior: layout.trust)
        let lit = layout.basis.map { model($0) }
        let clear = SourceEyes.calmed(even, points: points, regions: regions)
        let crop = SourceRepair.repaired(clear, lit: lit, points: points, layout: layout, regions: regions)
        var levels = [crop]
        while let last = levels.last, last.width > 48, levels.count < 6 { levels.append(last.halved()) }
        self.levels = levels.map(Texture.init)
        twinShare = share
        usesTwin = share.contains { $0 > 0.02 }
        light = lit.indices.map { i in
            let twin = lit[regions.mirror[i]]
            return (0..<3).map { lit[i][$0] + share[i] * (twin[$0] - lit[i][$0]) }
        }
        let half = levels.count > 1 ? levels[1] : crop
        let scale = Float(half.width) / Float(crop.width)
        skinLikeness = likeness(
            of: half, predicted: lit, points: points.map { Point($0.x * scale, $0.y * scale) }, regions: regions)
        eyeOpenness = openness(of: points, regions: regions)
        mouthOpenness = (points[14] - points[13]).length / max((points[291] - points[61]).length, 1e-3)
    }

    /// 1 where a vertex's triangles are small against their twins', so that the texture there is stretched.
    private static func twinShare(points: [Point], regions: MeshRegions) -> [Float] {
        var area = [Float](repeating: 0, count: MeshRegions.vertexCount)
        let indices = regions.triangles.indices
        for t in stride(from: 0, to: indices.count, by: 3) {
            let (a, b, c) = (Int(indices[t]), Int(indices[t + 1]), Int(indices[t + 2]))
            guard max(a, b, c) < MeshRegions.vertexCount else { continue }
            let u = points[b] - points[a], v = points[c] - points[a]
            let size = max(0, u.x * v.y - u.y * v.x)
            for vertex in [a, b, c] { area[vertex] += size }
        }
        return area.indices.map { i in
            let twin = area[regions.mirror[i]]
            guard twin > 0 else { return 0 }
            return fall(area[i] / twin, from: 0.28, to: 0.55)
        }
    }
}

/// Where a face's square crop lies in its frame and how many pixels it has.
struct CropPlacement: Sendable {
    /// Crop pixels → frame pixels.
    let transform: Affine
    /// Pixels a side, a multiple of 32.
    let size: Int

    /// Places a crop about a mesh, upright to the face, `margin` times its longer side; a crop pixel covers one frame
    /// pixel, or more when the crop would be larger than `largest`.
    init(mesh: [Point], margin: Float, largest: Int, smallest: Int = 96) {
        let eyes = mesh[263] - mesh[33], height = mesh[152] - mesh[10]
        // The eye line and the middle line together give the turn: at large yaw the eye line alone is unsteady.
        let across = Point(eyes.x + height.y * 0.5, eyes.y - height.x * 0.5)
        let angle = across.length > 0 ? atan2(across.y, across.x) : 0
        let unturned = Affine.crop(center: Point(0, 0), side: 1, angle: angle, size: 1).inverse
        let box = Box(around: mesh.prefix(MeshRegions.vertexCount).map { unturned($0) })
        let side = max(box.width, box.height) * margin
        let center = unturned.inverse(box.center)
        size = min(max((Int(side) / 32 + 1) * 32, smallest), max(largest / 32 * 32, 32))
        transform = Affine.crop(center: center, side: max(side, 8), angle: angle, size: size)
    }
}

/// Log colours at the mesh's vertices, each a mean over its close surroundings.
struct VertexColors: Sendable {
    let logColors: [[Float]]

    /// Samples a crop.
    init(crop: Crop, points: [Point]) {
        self.init(quarter: crop.halved().halved(), width: crop.width, points: points)
    }

    /// Samples a crop of `width` by its `quarter`, the crop halved twice.
    init(quarter: Crop, width: Int, points: [Point]) {
        let soft = quarter.blurred(sigma: max(0.6, Float(quarter.width) / 80))
        let scale = Float(quarter.width) / Float(width)
        let channels = (0..<3).map { soft.plane($0) }
        logColors = points.map { point in
            let place = Point(point.x * scale, point.y * scale)
            return channels.map { SkinLight.log($0.value(at: place)) }
        }
    }
}

/// How much each pixel of a crop looks like skin lit as `predicted` (log colour per vertex) says; 1 outside the mesh.
func likeness(of crop: Crop, predicted: [[Float]], points: [Point], regions: MeshRegions) -> Plane {
    let attributes = (0..<3).map { channel in regions.collared(predicted.map { $0[channel] }) }
    let (fields, cover) = regions.triangles.rasterize(
        attributes, at: regions.collared(points), width: crop.width, height: crop.height)
    let count = crop.width * crop.height
    var result = Plane(width: crop.width, height: crop.height, fill: 1)
    for i in 0..<count where cover.values[i] > 0 {
        result.values[i] = skinLikeness(
            red: SkinLight.log(crop.values[i]) - fields[0].values[i],
            green: SkinLight.log(crop.values[count + i]) - fields[1].values[i],
            blue: SkinLight.log(crop.values[2 * count + i]) - fields[2].values[i])
    }
    return result
}

/// Height over width of both eyes' contours.
func openness(of points: [Point], regions: MeshRegions) -> (Float, Float) {
    func one(_ upper: Int, _ lower: Int, _ inner: Int, _ outer: Int) -> Float {
        (points[lower] - points[upper]).length / max((points[outer] - points[inner]).length, 1e-3)
    }
    return (one(159, 145, 133, 33), one(386, 374, 362, 263))
}
