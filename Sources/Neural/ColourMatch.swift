// Gives a generated crop the colours of the crop that it was made from, at several scales.

internal import Foundation
package import Pixels

extension Crop {
    /// The crop with its coarse colours taken from `source`, which shows the same at any size: at sides of 16 and of one
    /// and two thirds of the way from there to the crop's own, the difference of the two is brought over.
    ///
    /// Source: FaceFusion 3.5.2's `match_frame_color`, in floats where it cuts each step off to whole numbers.
    package func colourMatched(to source: Crop) -> Crop {
        var like = source
        for step in 0..<3 {
            let side = 16 + Double(width - 16) * Double(step) / 3
            like = equalised(to: like, side: 2 * Int((side / 2).rounded(.toNearestOrEven)))
        }
        return like
    }

    /// As ``colourMatched(to:)``, but the less, the less the two have colours in common: hue and saturation of a face that
    /// is lit quite otherwise are not forced upon it.
    package func conditionallyColourMatched(to source: Crop) -> Crop {
        let share = (1 + hueSaturation.correlation(with: source.hueSaturation)) / 2
        var result = colourMatched(to: source)
        for i in values.indices { result.values[i] = values[i] + (result.values[i] - values[i]) * share }
        return result
    }

    private func equalised(to source: Crop, side: Int) -> Crop {
        guard side > 0 else { return self }
        var difference = source.averaged(width: side, height: side)
        let own = averaged(width: side, height: side)
        for i in own.values.indices { difference.values[i] -= own.values[i] }
        var result = difference.enlargedCubically(width: width, height: height)
        for i in values.indices { result.values[i] = min(max(values[i] + result.values[i], 0), 255) }
        return result
    }

    /// How many pixels have each of 50 hues and 60 saturations, as OpenCV's 8-bit conversion to HSV counts them.
    private var hueSaturation: [Float] {
        var counts = [Float](repeating: 0, count: 50 * 60)
        let count = width * height
        for i in 0..<count {
            let r = Int(values[i].level), g = Int(values[count + i].level), b = Int(values[2 * count + i].level)
            let most = max(r, g, b)
            let range = most - min(r, g, b)
            guard range > 0 else {
                counts[0] += 1
                continue
            }
            let saturation = (Double(255 * range) / Double(most)).rounded()
            let sixths = most == r ? Double(g - b) : most == g ? Double(b - r + 2 * range) : Double(r - g + 4 * range)
            var hue = (sixths * 30 / Double(range)).rounded()
            if hue < 0 { hue += 180 }
            counts[min(Int(hue) * 50 / 180, 49) * 60 + Int(saturation) * 60 / 256] += 1
        }
        return counts
    }
}

extension Float {
    /// The nearest of 0…255.
    fileprivate var level: Float { min(max(rounded(), 0), 255) }
}

extension [Float] {
    /// Pearson's correlation, -1…1; 1 when either is of one value throughout.
    fileprivate func correlation(with other: [Float]) -> Float {
        let n = Double(count)
        let (a, b) = (map { Double($0) }, other.map { Double($0) })
        let (ma, mb) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
        var top = 0.0, va = 0.0, vb = 0.0
        for i in a.indices {
            top += (a[i] - ma) * (b[i] - mb)
            va += (a[i] - ma) * (a[i] - ma)
            vb += (b[i] - mb) * (b[i] - mb)
        }
        let bottom = (va * vb).squareRoot()
        return bottom > 1e-12 ? Float(top / bottom) : 1
    }
}
