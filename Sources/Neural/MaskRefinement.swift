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
        let toSmall = Enlargement(from: (mask.width, mask.height), to: (w, h))
        var target = (0..<h).flatMap { toSmall.row($0, of: mask.values) }
        let windows = Windows(guide: guide, width: w, height: h, radius: radius, epsilon: epsilon)
        // The second time the mask is better to begin with.
        let first = windows.lines(explaining: target)
        let (guide0, guide1, guide2) = (guide[0], guide[1], guide[2])
        for i in target.indices {
            let value =
                first.constant[i] + first.red[i] * guide0[i] + first.green[i] * guide1[i] + first.blue[i] * guide2[i]
            target[i] = Self.held(value, by: target[i])
        }
        let lines = windows.lines(explaining: target)
        let fromSmall = Enlargement(from: (w, h), to: (width, height))
        let fromMask = Enlargement(from: (mask.width, mask.height), to: (width, height))
        var result = Plane(width: width, height: height)
        for y in 0..<height {
            let (red, green) = (fromSmall.row(y, of: lines.red), fromSmall.row(y, of: lines.green))
            let (blue, constant) = (fromSmall.row(y, of: lines.blue), fromSmall.row(y, of: lines.constant))
            let coarse = fromMask.row(y, of: mask.values)
            for x in 0..<width {
                let place = (y * width + x) * channels
                let value =
                    red[x] * Float(bytes[place]) + green[x] * Float(bytes[place + 1])
                    + blue[x] * Float(bytes[place + 2])
                result.values[y * width + x] = Self.held(constant[x] + value / 255, by: coarse[x])
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
}

/// The windows of a guide, and what in them does not depend on the mask.
private struct Windows {
    /// The factors of R, G and B and the constant that explain a mask around each pixel.
    struct Lines {
        var red: [Float]
        var green: [Float]
        var blue: [Float]
        var constant: [Float]
    }

    private let guide: [[Float]]
    private let width: Int
    private let height: Int
    private let radius: Int
    private let means: [[Float]]
    /// The inverse of each window's covariance of R, G and B: 00, 01, 02, 11, 12, 22; zeros where there is none.
    private let inverse: [[Float]]

    init(guide: [[Float]], width: Int, height: Int, radius: Int, epsilon: Float) {
        (self.guide, self.width, self.height, self.radius) = (guide, width, height, radius)
        func mean(_ values: [Float]) -> [Float] { boxMean(values, width: width, height: height, radius: radius) }
        means = guide.map(mean)
        let pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
        let squares = pairs.map { mean(product(guide[$0.0], guide[$0.1])) }
        let (mean0, mean1, mean2) = (means[0], means[1], means[2])
        var (a, b, c, d, e, f) = (squares[0], squares[1], squares[2], squares[3], squares[4], squares[5])
        for i in a.indices {
            let (m0, m1, m2) = (mean0[i], mean1[i], mean2[i])
            let s00 = a[i] - m0 * m0 + epsilon, s01 = b[i] - m0 * m1, s02 = c[i] - m0 * m2
            let s11 = d[i] - m1 * m1 + epsilon, s12 = e[i] - m1 * m2, s22 = f[i] - m2 * m2 + epsilon
            // The inverse of a symmetric 3×3 matrix by its cofactors.
            let c00 = s11 * s22 - s12 * s12, c01 = s02 * s12 - s01 * s22, c02 = s01 * s12 - s02 * s11
            let determinant = s00 * c00 + s01 * c01 + s02 * c02
            let scale = determinant > 1e-14 ? 1 / determinant : 0
            (a[i], b[i], c[i]) = (c00 * scale, c01 * scale, c02 * scale)
            d[i] = (s00 * s22 - s02 * s02) * scale
            e[i] = (s01 * s02 - s00 * s12) * scale
            f[i] = (s00 * s11 - s01 * s01) * scale
        }
        inverse = [a, b, c, d, e, f]
    }

    /// The factors and the constant, smoothed.
    func lines(explaining target: [Float]) -> Lines {
        func mean(_ values: [Float]) -> [Float] { boxMean(values, width: width, height: height, radius: radius) }
        let targetMean = mean(target)
        var red = mean(product(guide[0], target)), green = mean(product(guide[1], target))
        var blue = mean(product(guide[2], target)), constant = targetMean
        let (mean0, mean1, mean2) = (means[0], means[1], means[2])
        let (a, b, c) = (inverse[0], inverse[1], inverse[2]), (d, e, f) = (inverse[3], inverse[4], inverse[5])
        for i in constant.indices {
            let (m0, m1, m2, t) = (mean0[i], mean1[i], mean2[i], targetMean[i])
            let v0 = red[i] - m0 * t, v1 = green[i] - m1 * t, v2 = blue[i] - m2 * t
            let r = a[i] * v0 + b[i] * v1 + c[i] * v2
            let g = b[i] * v0 + d[i] * v1 + e[i] * v2
            let l = c[i] * v0 + e[i] * v1 + f[i] * v2
            (red[i], green[i], blue[i], constant[i]) = (r, g, l, t - r * m0 - g * m1 - l * m2)
        }
        return Lines(red: mean(red), green: mean(green), blue: mean(blue), constant: mean(constant))
    }
}

private func product(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { $0 * $1 } }
