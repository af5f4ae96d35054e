// A colour source on a black-and-white or toned target takes the target's colour scale.

internal import Pixels

/// Fits a monochrome picture's colour as a function of its brightness.
enum Monochrome {
    /// Recolours `crop` when the target has no colour of its own: grey, sepia, cyanotype.
    ///
    /// Each channel of the target is fitted as a line of luma; when what the lines leave over is tiny all over the
    /// crop, the target is monochrome and the swapped face takes the same lines.
    ///
    /// - Parameter small: the target at a quarter of the crop's size.
    static func match(_ crop: inout Crop, toSmall small: Crop) {
        let luma = small.luma
        let count = small.width * small.height, n = Float(count)
        var meanLuma: Float = 0
        for value in luma.values { meanLuma += value }
        meanLuma /= n
        var variance: Float = 1e-3
        for value in luma.values { variance += (value - meanLuma) * (value - meanLuma) }
        var slopes: [Float] = [], starts: [Float] = []
        var left: Float = 0
        for channel in 0..<3 {
            var mean: Float = 0, cross: Float = 0
            for i in 0..<count { mean += small.values[channel * count + i] }
            mean /= n
            for i in 0..<count { cross += (small.values[channel * count + i] - mean) * (luma.values[i] - meanLuma) }
            let slope = cross / variance, start = mean - slope * meanLuma
            slopes.append(slope)
            starts.append(start)
            for i in 0..<count {
                let e = small.values[channel * count + i] - start - slope * luma.values[i]
                left += e * e
            }
        }
        let spread = (left / (3 * n)).squareRoot()
        let share = fall(spread, from: 1.5, to: 3.5)
        guard share > 0 else { return }
        let full = crop.luma
        for channel in 0..<3 {
            let base = channel * full.values.count
            for i in full.values.indices {
                let toned = starts[channel] + slopes[channel] * full.values[i]
                crop.values[base + i] += share * (toned - crop.values[base + i])
            }
        }
    }
}
