// A discrete Fourier transform of a length whose factors are small.

internal import Foundation

/// Transforms `count` complex values. Mixed radix, decimation in time: any count works, small prime factors fast.
///
/// Source: J. W. Cooley and J. W. Tukey, "An algorithm for the machine calculation of complex Fourier series", 1965.
struct FourierTransform {
    let count: Int
    private let factors: [Int]
    /// cos and sin of -2π j / count.
    private let cosines: [Float]
    private let sines: [Float]

    init(count: Int) {
        precondition(count > 0)
        self.count = count
        var factors: [Int] = []
        var rest = count, divisor = 2
        while rest > 1 {
            while rest % divisor == 0 {
                factors.append(divisor)
                rest /= divisor
            }
            divisor += 1
        }
        self.factors = factors
        let angles = (0..<count).map { -2 * Double.pi * Double($0) / Double(count) }
        cosines = angles.map { Float(cos($0)) }
        sines = angles.map { Float(sin($0)) }
    }

    /// The transform of real and imaginary parts, `count` values each.
    func callAsFunction(real: [Float], imaginary: [Float]) -> (real: [Float], imaginary: [Float]) {
        precondition(real.count == count && imaginary.count == count)
        var re = [Float](repeating: 0, count: count), im = re
        var scratch = [Float](repeating: 0, count: 2 * (factors.max() ?? 1))
        part(real, imaginary, from: 0, step: 1, level: 0, to: 0, count: count, &re, &im, &scratch)
        return (re, im)
    }

    private func part(
        _ real: [Float], _ imaginary: [Float], from: Int, step: Int, level: Int, to: Int, count n: Int,
        _ re: inout [Float], _ im: inout [Float], _ scratch: inout [Float]
    ) {
        guard n > 1 else {
            re[to] = real[from]
            im[to] = imaginary[from]
            return
        }
        let p = factors[level], m = n / p
        for q in 0..<p {
            part(
                real, imaginary, from: from + q * step, step: step * p, level: level + 1, to: to + q * m, count: m,
                &re, &im, &scratch)
        }
        // `step` is how many n-point turns one turn of the table holds.
        for k in 0..<m {
            for q in 0..<p {
                let (c, s) = (cosines[q * k * step], sines[q * k * step])
                let (x, y) = (re[to + q * m + k], im[to + q * m + k])
                scratch[2 * q] = x * c - y * s
                scratch[2 * q + 1] = x * s + y * c
            }
            for r in 0..<p {
                var x: Float = 0, y: Float = 0
                for q in 0..<p {
                    let turn = q * r % p * m * step
                    x += scratch[2 * q] * cosines[turn] - scratch[2 * q + 1] * sines[turn]
                    y += scratch[2 * q] * sines[turn] + scratch[2 * q + 1] * cosines[turn]
                }
                re[to + r * m + k] = x
                im[to + r * m + k] = y
            }
        }
    }
}
