// A generated crop in the colours of the target.

package import Pixels

extension Crop {
    /// Gives each channel the mean and spread that `target` has where `mask` counts (E. Reinhard et al., "Color
    /// Transfer between Images", 2001, in R, G, B). The spread changes by a factor of 0.67 to 1.5 at most, so that a
    /// blurred or shadowed target does not flatten the face.
    package mutating func matchColour(of target: Crop, where mask: Plane) {
        let count = width * height
        guard target.values.count == values.count, mask.values.count == count else { return }
        let weight = mask.values.reduce(0, +)
        guard weight > 1 else { return }
        for channel in 0..<3 {
            let start = channel * count
            func moments(_ pixels: [Float]) -> (mean: Float, spread: Float) {
                var sum: Float = 0, squares: Float = 0
                for i in 0..<count { sum += mask.values[i] * pixels[start + i] }
                let mean = sum / weight
                for i in 0..<count {
                    let difference = pixels[start + i] - mean
                    squares += mask.values[i] * difference * difference
                }
                return (mean, (squares / weight).squareRoot())
            }
            let (from, to) = (moments(values), moments(target.values))
            let gain = from.spread > 0 ? min(max(to.spread / from.spread, 0.67), 1.5) : 1
            for i in start..<start + count {
                values[i] = min(max((values[i] - from.mean) * gain + to.mean, 0), 255)
            }
        }
    }
}
