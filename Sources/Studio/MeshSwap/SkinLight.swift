// A smooth model of how bright and what colour the skin is across a face, deaf to hair, beards and spectacles.

internal import Foundation
internal import Pixels

/// A cubic polynomial over face coordinates per colour channel, fitted to log colour at skin vertices.
///
/// Fitted by iteratively reweighted least squares with Tukey's biweight (Beaton & Tukey 1974), so that what is not
/// lit skin — hair, a hat, a beard, a hand — counts as an outlier instead of darkening the model.
struct SkinLight: Sendable, Codable {
    /// Log colours are log(value + offset): the offset keeps dark pixels from dominating.
    static let offset: Float = 10
    static let terms = 10

    /// `terms` coefficients for each of R, G, B.
    var coefficients: [[Float]]

    /// log(v + offset) for v of 0…255.
    static func log(_ value: Float) -> Float { Foundation.log(max(value, 0) + offset) }

    /// The polynomial's terms at face coordinates (u, v), each about -1…1.
    static func basis(_ p: Point) -> [Float] {
        let (u, v) = (p.x, p.y)
        return [1, u, v, u * u, u * v, v * v, u * u * u, u * u * v, u * v * v, v * v * v]
    }

    /// Fits the model.
    ///
    /// - Parameters:
    ///   - colors: log colour per sample, three values each.
    ///   - basis: the terms per sample.
    ///   - prior: how far each sample is trusted before residuals are known, 0…1.
    init(colors: [[Float]], basis: [[Float]], prior: [Float]) {
        let whole = prior.reduce(0, +)
        let prior = Self.start(colors, basis, prior)
        let isCovered = prior.reduce(0, +) < 0.85 * whole
        var weights = prior
        coefficients = [[Float]](repeating: [Float](repeating: 0, count: Self.terms), count: 3)
        guard !colors.isEmpty else { return }
        for round in 0..<6 {
            let solved = Self.solve(colors, basis, weights, ridge: round == 0 ? 0.5 : 0.15)
            coefficients = solved
            let residuals = zip(colors, basis).map { color, terms -> Float in
                var sum: Float = 0
                for channel in 0..<3 {
                    let e = color[channel] - Self.dot(solved[channel], terms)
                    sum += e * e
                }
                return (sum / 3).squareRoot()
            }
            let trusted = zip(residuals, prior).filter { $0.1 > 0.3 }.map(\.0).sorted()
            let median = trusted.isEmpty ? 0.1 : trusted[trusted.count / 2]
            let width = min(max(median * 1.4826, 0.04), 0.2) * 3.5
            weights = zip(residuals, prior).map { residual, prior in
                let t = residual / width
                return t < 1 ? prior * (1 - t * t) * (1 - t * t) : 0
            }
        }
        guard isCovered else { return }
        // A part of the face was not seen: there a cubic would go anywhere, so that only its gentle terms are kept,
        // and of hue hardly more than the mean.
        for term in 1..<Self.terms {
            let luma = (coefficients[0][term] + 2 * coefficients[1][term] + coefficients[2][term]) / 4
            for channel in 0..<3 {
                let hue = coefficients[channel][term] - luma
                coefficients[channel][term] = (term < 3 ? 0.8 : 0.3) * luma + (term < 3 ? 0.3 : 0.05) * hue
            }
        }
    }

    /// The weights to begin with: samples whose hue is far from that of cheeks and nose are not skin — a cloth mask, a sleeve —
    /// and would bend the first fit towards themselves.
    private static func start(_ colors: [[Float]], _ basis: [[Float]], _ prior: [Float]) -> [Float] {
        func middle(_ values: [Float]) -> Float { values.isEmpty ? 0 : values.sorted()[values.count / 2] }
        // Between the brows and the nose's tip faces are seldom covered.
        let trusted = colors.indices.filter { prior[$0] > 0.3 && abs(basis[$0][2] + 0.1) < 0.3 }.map { colors[$0] }
        guard trusted.count > 12 else { return prior }
        let warm = middle(trusted.map { $0[0] - $0[1] }), cool = middle(trusted.map { $0[2] - $0[1] })
        return zip(colors, prior).map { color, prior in
            let stray = max(abs(color[0] - color[1] - warm), abs(color[2] - color[1] - cool))
            return prior * fall(stray, from: 0.25, to: 0.5)
        }
    }

    /// The log colour (R, G, B) that lit skin would have where the basis has these terms.
    func callAsFunction(_ terms: [Float]) -> [Float] {
        coefficients.map { Self.dot($0, terms) }
    }

    private static func dot(_ a: [Float], _ b: [Float]) -> Float {
        var sum: Float = 0
        for i in 0..<terms { sum += a[i] * b[i] }
        return sum
    }

    /// Weighted ridge regression of three channels at once by Cholesky; higher terms are held back more.
    private static func solve(
        _ y: [[Float]], _ basis: [[Float]], _ weights: [Float], ridge: Float
    ) -> [[Float]] {
        let n = terms
        var a = [Double](repeating: 0, count: n * n), b = [Double](repeating: 0, count: 3 * n)
        for (k, row) in basis.enumerated() where weights[k] > 0 {
            let w = Double(weights[k]), color = y[k]
            for i in 0..<n {
                let wi = w * Double(row[i])
                for channel in 0..<3 { b[channel * n + i] += wi * Double(color[channel]) }
                for j in 0...i { a[i * n + j] += wi * Double(row[j]) }
            }
        }
        for i in 0..<n {
            let order: Double = i == 0 ? 0.0001 : i < 3 ? 0.3 : i < 6 ? 1 : 3
            a[i * n + i] += Double(ridge) * order + 1e-6
        }
        // Cholesky a = l·lᵀ in place, then two triangular solves a channel.
        for i in 0..<n {
            for j in 0...i {
                var s = a[i * n + j]
                for k in 0..<j { s -= a[i * n + k] * a[j * n + k] }
                a[i * n + j] = i == j ? max(s, 1e-9).squareRoot() : s / a[j * n + j]
            }
        }
        return (0..<3).map { channel in
            var x = Array(b[channel * n..<(channel + 1) * n])
            for i in 0..<n {
                for k in 0..<i { x[i] -= a[i * n + k] * x[k] }
                x[i] /= a[i * n + i]
            }
            for i in stride(from: n - 1, through: 0, by: -1) {
                for k in (i + 1)..<max(n, i + 1) { x[i] -= a[k * n + i] * x[k] }
                x[i] /= a[i * n + i]
            }
            return x.map(Float.init)
        }
    }
}

/// How much a pixel looks like lit skin, from how far its log colour is from the model's.
///
/// - Returns: 1 within ordinary variation (shading, freckles, stubble), 0 for hair, cloth, metal or background.
func skinLikeness(red: Float, green: Float, blue: Float) -> Float {
    let luma = (red + 2 * green + blue) / 4
    let warm = red - green, cool = blue - green
    let chroma = max(abs(warm), abs(cool))
    let light = luma < 0 ? fall(-luma, from: 0.3, to: 0.65) : fall(luma, from: 0.3, to: 0.6)
    return light * fall(chroma, from: 0.13, to: 0.32)
}

/// 1 up to `from`, 0 beyond `to`, a smooth step between.
func fall(_ value: Float, from: Float, to: Float) -> Float {
    let t = min(max((value - from) / (to - from), 0), 1)
    return 1 - t * t * (3 - 2 * t)
}
