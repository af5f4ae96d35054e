// Keeping the swapped skin within what skin in the target's light can look like.

internal import Foundation
internal import Pixels

/// Softens glare, cast shadows and blotches that the source brought along: at low frequencies, the swapped skin's
/// log colour may stray from the target's light model about as far as the target's own skin does.
enum ToneLimits {
    /// How much of the source's local colour contrast the target's skin has, and the gain (log, R G B, a quarter of the crop's size) with the strays taken back.
    ///
    /// - Parameters:
    ///   - target: the log colours of the target's small crop.
    ///   - warped: those of the source's small crop, before the gain.
    ///   - skin: where plain skin is.
    ///   - lower: 1 on the lower face, where dark strays may be a beard and stay.
    static func limited(
        _ gain: [Plane], target: Crop, warped: Crop, light: TargetLight.Fields, statistics: Plane
    ) -> (gain: [Plane], colour: Float) {
        let width = target.width, count = width * target.height
        var planes = (0..<3).map { _ in Plane(width: width, height: target.height) }
        var own: Float = 0, brought: Float = 0, total: Float = 1e-3
        for i in 0..<count {
            let lit = (light.lit[0].values[i], light.lit[1].values[i], light.lit[2].values[i])
            let r = warped.values[i] + gain[0].values[i] - lit.0
            let g = warped.values[count + i] + gain[1].values[i] - lit.1
            let b = warped.values[2 * count + i] + gain[2].values[i] - lit.2
            planes[0].values[i] = r
            planes[1].values[i] = g
            planes[2].values[i] = b
            let w = statistics.values[i]
            guard w > 0 else { continue }
            total += w
            brought += w * (abs(r - g) + abs(b - g))
            own +=
                w
                * (abs(target.values[i] - lit.0 - target.values[count + i] + lit.1)
                    + abs(
                        target.values[2 * count + i] - lit.2
                            - target.values[count + i] + lit.1))
        }
        let colour = min(max((own / total + 0.01) / (brought / total + 0.01), 0.2), 1)
        let soft = planes.map { $0.blurred(sigma: max(0.8, Float(width) / 80)) }
        var result = gain
        for i in 0..<count {
            let s = light.skin.values[i] * light.cover.values[i]
            let coloured = max(s, (1 - light.lips.values[i]) * light.cover.values[i])
            guard coloured > 0 else { continue }
            let (r, g, b) = (soft[0].values[i], soft[1].values[i], soft[2].values[i])
            let luma = (r + 2 * g + b) / 4
            let dark = light.lower.values[i] > 0.5 ? Float(-2) : -0.3
            let wanted = luma > 0.15 ? 0.15 + 0.25 * (luma - 0.15) : luma < dark ? dark + 0.5 * (luma - dark) : luma
            for channel in 0..<3 {
                let value = soft[channel].values[i] - luma
                let chroma = min(max(colour * value, -0.08), 0.08)
                result[channel].values[i] += s * (wanted - luma) + coloured * (chroma - value)
            }
        }
        return (result, colour)
    }
}
