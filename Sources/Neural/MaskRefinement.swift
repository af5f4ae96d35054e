// A coarse mask drawn along the edges of the picture that it was made of.

internal import Foundation
package import Pixels

extension Picture {
    /// A mask of this picture at any size, at the picture's own size with edges where the picture has them.
    ///
    /// In windows about the width of the mask's own blur, the mask is explained as a linear function of R, G and B, at a
    /// working size of at most 512 pixels; the function is then evaluated at full size.
    /// Source: He, Sun and Tang, "Guided image filtering", PAMI 2013 (the colour form, made fast as in their "Fast
    /// guided filter", 2015).
    package func refined(_ mask: Plane, radius: Int = 6, epsilon: Float = 2e-4) -> Plane {
        let (guide, w, h) = small(within: 512)
        let (sx, sy) = (Float(width) / Float(w), Float(height) / Float(h))
        var target = (0..<w * h).map { i in
            mask.value(
                at: Point(
                    (Float(i % w) + 0.5) * Float(mask.width) / Float(w) - 0.5,
                    (Float(i / w) + 0.5) * Float(mask.height) / Float(h) - 0.5))
        }
        func fit() -> [[Float]] {
            Self.lines(guide: guide, target: target, width: w, height: h, radius: radius, epsilon: epsilon)
        }
        // The second time the mask is better to begin with.
        let first = fit()
        for i in target.indices {
            var value = first[3][i]
            for c in 0..<3 { value += first[c][i] * guide[c][i] }
            target[i] = Self.held(value, by: target[i])
        }
        let lines = fit().map { Plane(width: w, height: h, values: $0) }
        var result = Plane(width: width, height: height)
        for y in 0..<height {
            for x in 0..<width {
                let at = Point((Float(x) + 0.5) / sx - 0.5, (Float(y) + 0.5) / sy - 0.5)
                let place = (y * width + x) * channels
                var value = lines[3].value(at: at)
                for c in 0..<3 { value += lines[c].value(at: at) * Float(bytes[place + c]) / 255 }
                let coarse = mask.value(
                    at: Point(
                        (Float(x) + 0.5) * Float(mask.width) / Float(width) - 0.5,
                        (Float(y) + 0.5) * Float(mask.height) / Float(height) - 0.5))
                result.values[y * width + x] = Self.held(value, by: coarse)
            }
        }
        return result
    }

    /// R, G and B in 0…1 with no side longer than `side` pixels.
    func small(within side: Int) -> (planes: [[Float]], width: Int, height: Int) {
        let scale = max(Float(max(width, height)) / Float(side), 1)
        let w = max(Int(Float(width) / scale), 1), h = max(Int(Float(height) / scale), 1)
        let (sx, sy) = (Float(width) / Float(w), Float(height) / Float(h))
        let crop = sample(
            Affine(a: sx, b: 0, tx: (sx - 1) / 2, c: 0, d: sy, ty: (sy - 1) / 2), width: w, height: h)
        return ((0..<3).map { i in crop.values[i * w * h..<(i + 1) * w * h].map { $0 / 255 } }, w, h)
    }

    /// The linear model leaves a haze in flat areas, and runs on into a ground of the subject's colour: its ends are cut
    /// off, and it stays where the coarse mask at least hesitates.
    private static func held(_ value: Float, by coarse: Float) -> Float {
        let most = min(max((coarse - 0.05) / 0.3, 0), 1), least = min(max((coarse - 0.8) / 0.15, 0), 1)
        return max(min(max((value - 0.1) / 0.8, 0), most), least)
    }

    /// The factors of R, G and B and the constant, smoothed, that explain `target` around each pixel.
    private static func lines(
        guide: [[Float]], target: [Float], width: Int, height: Int, radius: Int, epsilon: Float
    ) -> [[Float]] {
        func mean(_ values: [Float]) -> [Float] { boxMean(values, width: width, height: height, radius: radius) }
        func product(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { $0 * $1 } }
        let means = guide.map(mean), targetMean = mean(target)
        let crosses = (0..<3).map { mean(product(guide[$0], target)) }
        let pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
        let squares = pairs.map { mean(product(guide[$0.0], guide[$0.1])) }
        var lines = [[Float]](repeating: [Float](repeating: 0, count: width * height), count: 4)
        for i in 0..<width * height {
            let (m0, m1, m2, t) = (means[0][i], means[1][i], means[2][i], targetMean[i])
            let s00 = squares[0][i] - m0 * m0 + epsilon, s01 = squares[1][i] - m0 * m1
            let s02 = squares[2][i] - m0 * m2, s11 = squares[3][i] - m1 * m1 + epsilon
            let s12 = squares[4][i] - m1 * m2, s22 = squares[5][i] - m2 * m2 + epsilon
            let v0 = crosses[0][i] - m0 * t, v1 = crosses[1][i] - m1 * t, v2 = crosses[2][i] - m2 * t
            // The inverse of a symmetric 3×3 matrix by its cofactors.
            let c00 = s11 * s22 - s12 * s12, c01 = s02 * s12 - s01 * s22, c02 = s01 * s12 - s02 * s11
            let c11 = s00 * s22 - s02 * s02, c12 = s01 * s02 - s00 * s12, c22 = s00 * s11 - s01 * s01
            let determinant = s00 * c00 + s01 * c01 + s02 * c02
            guard determinant > 1e-14 else {
                lines[3][i] = t
                continue
            }
            let red = (c00 * v0 + c01 * v1 + c02 * v2) / determinant
            let green = (c01 * v0 + c11 * v1 + c12 * v2) / determinant
            let blue = (c02 * v0 + c12 * v1 + c22 * v2) / determinant
            lines[0][i] = red
            lines[1][i] = green
            lines[2][i] = blue
            lines[3][i] = t - red * m0 - green * m1 - blue * m2
        }
        return lines.map(mean)
    }
}
