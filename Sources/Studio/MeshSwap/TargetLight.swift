// The target's light on skin, and the ratio that carries the source's light to it.

internal import Foundation
internal import Pixels

/// The light model fitted to one target face.
struct TargetLight: Sendable {
    /// Log colour of lit skin per vertex.
    private let lit: [[Float]]
    /// Log gain from the source's light to the target's per vertex.
    private let ratio: [[Float]]

    /// Fields over the crop at a quarter of its size.
    struct Fields {
        /// Log colour of lit skin, R, G, B.
        let lit: [Plane]
        /// Log gain from the source's light to the target's, R, G, B.
        let ratio: [Plane]
        /// How bright the source's skin is by its own light, 0…255.
        let sourceLuma: Plane
        /// How likely hair or a hat covers the face here, 0…1, before looking.
        let exposed: Plane
        /// 1 on plain skin, 0 on eyes, brows, lips.
        let skin: Plane
        /// 0 on the oval, 1 from two steps inside.
        let inner: Plane
        /// 1 inside the mesh's oval.
        let cover: Plane
        /// 1 on the lips, whose colour is their own.
        let lips: Plane
        /// 1 on the lower face, where beards grow.
        let lower: Plane
        /// How far the source's own colours hold against the gain's: 1 inside the eyes.
        let eyes: Plane
    }
    private let exposed: [Float]
    private let lower: [Float]

    /// Fits the model to the target's crop of `size`, here at a quarter of it; with a memory, it follows earlier frames.
    init(
        target: Crop, size: Int, points: [Point], inside: [Bool], source: SwapSource, regions: MeshRegions,
        memory: inout SwapMemory
    ) {
        let samples = VertexColors(quarter: target, width: size, points: points)
        let prior = zip(source.layout.trust, inside).map { $1 ? $0 : 0 }
        var model = SkinLight(colors: samples.logColors, basis: source.layout.basis, prior: prior)
        if let before = memory.light {
            for channel in 0..<3 {
                for i in model.coefficients[channel].indices {
                    let old = before.coefficients[channel][i]
                    model.coefficients[channel][i] = old + memory.rate * (model.coefficients[channel][i] - old)
                }
            }
        }
        memory.light = model
        let lit = source.layout.basis.map { model($0) }
        self.lit = lit
        ratio = zip(lit, source.light).map { t, s in (0..<3).map { min(max(t[$0] - s[$0], -1.6), 1.4) } }
        exposed = source.layout.exposed
        lower = source.layout.places.map { 1 - fall($0.y, from: 0.1, to: 0.25) }
    }

    /// The model spread over the crop.
    func fields(size: Int, points: [Point], regions: MeshRegions) -> Fields {
        let at = regions.collared(points).map { $0 * 0.25 }
        var attributes = (0..<3).map { channel in regions.collared(lit.map { $0[channel] }) }
        attributes += (0..<3).map { channel in regions.collared(ratio.map { $0[channel] }) }
        attributes.append(regions.collared(exposed))
        attributes.append(regions.collared(regions.skin))
        let depth = regions.depth.map { depth -> Float in depth == 0 ? 0 : depth == 1 ? 0.5 : 1 }
        attributes.append(depth + regions.oval.map { _ in Float(-0.9) })
        attributes.append(
            [Float](repeating: 1, count: MeshRegions.vertexCount) + regions.oval.map { _ in Float(0) })
        attributes.append(regions.collared(lower))
        let (planes, _) = regions.triangles.rasterize(attributes, at: at, width: size, height: size)
        let ones = [[Float](repeating: 1, count: at.count)]
        let (_, lips) = regions.lips.rasterize(ones, at: at, width: size, height: size)
        let (_, eyes) = regions.eyes.rasterize(ones, at: at, width: size, height: size)
        let (green, gain) = (planes[1], planes[4])
        var bright = green
        for i in bright.values.indices { bright.values[i] -= gain.values[i] }
        bright = bright.exponentials
        for i in bright.values.indices { bright.values[i] = max(0, bright.values[i] - SkinLight.offset) }
        return Fields(
            lit: Array(planes[0..<3]), ratio: Array(planes[3..<6]), sourceLuma: bright, exposed: planes[6],
            skin: planes[7],
            inner: planes[8], cover: planes[9], lips: lips.blurred(sigma: 0.8), lower: planes[10],
            eyes: eyes.blurred(sigma: 0.8))
    }
}
