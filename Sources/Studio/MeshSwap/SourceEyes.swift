// Red eyes in the source — flash, tinted lenses — brought back to what eyes look like.

internal import Pixels

/// Takes surplus red out of a source's eyes.
enum SourceEyes {
    /// How much redder than green the eyes may be on average, in parts of their luma: brown eyes lie near 0.15.
    private static let usual: Float = 0.15

    /// The texture with its eyes' colour scaled down when they are redder than eyes are.
    ///
    /// - Parameter points: the mesh in the crop's pixels.
    static func calmed(_ crop: Crop, points: [Point], regions: MeshRegions) -> Crop {
        let ones = [[Float](repeating: 1, count: points.count)]
        let (_, cover) = regions.eyes.rasterize(ones, at: points, width: crop.width, height: crop.height)
        let luma = crop.luma
        let count = luma.values.count
        var red: Float = 0, bright: Float = 1e-3
        for i in 0..<count where cover.values[i] > 0 {
            red += crop.values[i] - crop.values[count + i]
            bright += luma.values[i]
        }
        let surplus = red / bright
        guard surplus > usual else { return crop }
        let scale = usual / surplus
        let width = max((points[133] - points[33]).length, 1)
        let soft = cover.blurred(sigma: min(max(1, width / 14), 40))
        var result = crop
        for i in 0..<count where soft.values[i] > 0.01 {
            let share = min(1, 1.5 * soft.values[i])
            for k in [i, count + i, 2 * count + i] {
                let chroma = crop.values[k] - luma.values[i]
                result.values[k] = luma.values[i] + chroma * (1 + share * (scale - 1))
            }
        }
        return result
    }
}
