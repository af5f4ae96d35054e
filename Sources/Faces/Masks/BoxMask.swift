// FaceFusion's box mask.

internal import Foundation
package import Pixels

/// Padding of the box mask in percent of the crop's side, 0…100.
package struct MaskPadding: Sendable, Hashable, Codable {
    package var top: Int
    package var right: Int
    package var bottom: Int
    package var left: Int

    /// Makes padding; the order is FaceFusion's.
    package init(top: Int = 0, right: Int = 0, bottom: Int = 0, left: Int = 0) {
        self.top = top
        self.right = right
        self.bottom = bottom
        self.left = left
    }
}

extension Plane {
    /// FaceFusion's box mask of a square crop: ones, with a border of zeros as wide as half the blur or as the
    /// padding, blurred.
    ///
    /// Source: FaceFusion 3.5.2's `create_box_mask`: blur amount int(side · 0.5 · blur), border max(int(amount / 2), 1),
    /// Gaussian of sigma amount · 0.25 over OpenCV's kernel of round(8 sigma + 1) taps, mirrored at the edges. The mask
    /// is the product of a profile along each axis, so only the profiles are blurred.
    package static func boxMask(side: Int, blur: Float = 0.3, padding: MaskPadding = MaskPadding()) -> Plane {
        let amount = Int(Float(side) * 0.5 * min(max(blur, 0), 1))
        let border = max(amount / 2, 1)
        func width(_ percent: Int) -> Int { max(border, side * min(max(percent, 0), 100) / 100) }
        func profile(_ before: Int, _ after: Int) -> [Float] {
            let ones = (0..<side).map { $0 >= before && $0 < side - after ? Float(1) : 0 }
            return amount > 0 ? blurred(ones, sigma: Float(amount) * 0.25) : ones
        }
        let rows = profile(width(padding.top), width(padding.bottom))
        let columns = profile(width(padding.left), width(padding.right))
        return Plane(width: side, height: side, values: rows.flatMap { row in columns.map { row * $0 } })
    }

    /// OpenCV's Gaussian of a row of floats, mirrored about its end values.
    private static func blurred(_ values: [Float], sigma: Float) -> [Float] {
        let radius = (Int((sigma * 8 + 1).rounded()) | 1) / 2
        var kernel = (-radius...radius).map { exp(-Float($0 * $0) / (2 * sigma * sigma)) }
        let total = kernel.reduce(0, +)
        kernel = kernel.map { $0 / total }
        let last = values.count - 1
        return values.indices.map { center in
            var sum: Float = 0
            for (tap, weight) in kernel.enumerated() {
                var place = center + tap - radius
                while last > 0, place < 0 || place > last { place = place < 0 ? -place : 2 * last - place }
                sum += weight * values[last > 0 ? place : 0]
            }
            return sum
        }
    }
}
