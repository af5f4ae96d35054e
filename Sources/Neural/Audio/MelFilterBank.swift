// The bands of pitch in which lip syncers hear.

internal import Foundation

/// 80 triangular bands between 55 and 7600 Hz, even on the mel scale, over the 401 lines of an 800-point spectrum at
/// 16 kHz. Band i fills the lines from the i-th of 82 even steps up to the next.
///
/// Source: FaceFusion 3.5.2's filters, which its lip syncers' settings (log10 · 1.6 + 3.2) belong to; mel as in
/// D. O'Shaughnessy, "Speech Communication", 1987: 2595 · log10(1 + f / 700).
package enum MelFilterBank {
    /// How many bands there are.
    package static let count = 80

    /// The first line of each band and the line after its last: `count` + 1 places.
    package static let edges: [Int] = {
        func mel(_ hertz: Double) -> Double { 2595 * log10(1 + hertz / 700) }
        let low = mel(55), step = (mel(7600) - low) / Double(count + 1)
        return (0...count).map { place in
            let hertz = 700 * (pow(10, (low + step * Double(place)) / 2595) - 1)
            return Int(801 * hertz / 16000)
        }
    }()

    /// How much each line counts in its band, 0…1: a symmetric triangle without zeros at its ends.
    private static let weights: [[Float]] = (0..<count).map { band in
        let size = edges[band + 1] - edges[band]
        return (0..<size).map { line in
            let fromEnd = Float(min(line, size - 1 - line))
            return size % 2 == 1 ? 2 * (fromEnd + 1) / Float(size + 1) : (2 * fromEnd + 1) / Float(size)
        }
    }

    /// The bands of a spectrum's magnitudes, at least 401 values.
    static func bands(of magnitudes: [Float]) -> [Float] {
        (0..<count).map { band in
            var sum: Float = 0
            for (line, weight) in weights[band].enumerated() { sum += weight * magnitudes[edges[band] + line] }
            return sum
        }
    }
}
