// The source's uneven light taken out of its texture.

internal import Foundation
internal import Pixels

/// Evens side light: faces are symmetric, light often is not. What the skin's brightness and colour differ between a
/// place and its twin on the other side, beyond the smooth light model, is taken for light and halved away on both.
enum SourceLight {
    /// The texture with evened light.
    ///
    /// - Parameters:
    ///   - samples: log colour per vertex.
    ///   - lit: log colour of lit skin per vertex, by the smooth model.
    ///   - points: the mesh in the crop's pixels.
    static func evened(
        _ crop: Crop, samples: [[Float]], lit: [[Float]], points: [Point], twinShare: [Float], regions: MeshRegions
    ) -> Crop {
        let count = MeshRegions.vertexCount
        let corrections = (0..<3).map { channel -> [Float] in
            let stray = (0..<count).map { samples[$0][channel] - lit[$0][channel] }
            var values = (0..<count).map { i -> Float in
                let twin = regions.mirror[i]
                guard regions.skin[i] > 0, regions.skin[twin] > 0, regions.depth[i] > 0 else { return 0 }
                let difference = stray[i] - stray[twin]
                let seen = (1 - twinShare[i]) * (1 - twinShare[twin])
                // Beyond this it is hair on one side, not light.
                return -0.5 * min(max(difference, -0.7), 0.7) * fall(abs(difference), from: 0.8, to: 1.1) * seen
            }
            for _ in 0..<3 {
                let before = values
                for i in 0..<count {
                    var sum: Float = 0
                    for other in regions.neighbours[i] { sum += before[other] }
                    values[i] = 0.5 * before[i] + 0.5 * sum / Float(max(regions.neighbours[i].count, 1))
                }
            }
            return values
        }
        guard corrections.joined().contains(where: { abs($0) > 0.03 }) else { return crop }
        let size = crop.width / 4
        let (planes, _) = regions.triangles.rasterize(
            corrections.map { regions.collared($0) }, at: regions.collared(points).map { $0 * 0.25 }, width: size,
            height: size)
        var result = crop
        for channel in 0..<3 {
            var factor = planes[channel].blurred(sigma: max(0.8, Float(size) / 60))
            for i in factor.values.indices { factor.values[i] = exp(factor.values[i]) }
            let full = factor.resized(width: crop.width, height: crop.height)
            let base = channel * crop.width * crop.height
            for i in full.values.indices {
                let value = (crop.values[base + i] + SkinLight.offset) * full.values[i] - SkinLight.offset
                result.values[base + i] = min(max(value, 0), 255)
            }
        }
        return result
    }
}
