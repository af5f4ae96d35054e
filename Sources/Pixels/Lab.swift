// CIE L*a*b* of sRGB pictures under daylight, as OpenCV computes it.

internal import Foundation

/// A colour as lightness (0…100) and two opponent colours (green to red, blue to yellow; about ±100).
///
/// Source: CIE 15:2004 with IEC 61966-2-1's primaries and transfer curve and the white point D65.
package struct Lab: Sendable, Hashable {
    package var l: Float
    package var a: Float
    package var b: Float

    /// Makes a colour.
    package init(l: Float, a: Float, b: Float) {
        self.l = l
        self.a = a
        self.b = b
    }

    private static let white: (x: Float, z: Float) = (0.950456, 1.088754)

    /// Of R, G and B, 0…255.
    package init(red: Float, green: Float, blue: Float) {
        let r = Self.linear(red / 255), g = Self.linear(green / 255), b = Self.linear(blue / 255)
        let x = Self.root((0.412453 * r + 0.357580 * g + 0.180423 * b) / Self.white.x)
        let y = Self.root(0.212671 * r + 0.715160 * g + 0.072169 * b)
        let z = Self.root((0.019334 * r + 0.119193 * g + 0.950227 * b) / Self.white.z)
        self.init(l: 116 * y - 16, a: 500 * (x - y), b: 200 * (y - z))
    }

    /// R, G and B, 0…255; what lies outside of sRGB is cut.
    package var rgb: (red: Float, green: Float, blue: Float) {
        let fy = (l + 16) / 116
        let x = Self.cube(fy + a / 500) * Self.white.x, y = Self.cube(fy), z = Self.cube(fy - b / 200) * Self.white.z
        return (
            Self.encoded(3.240479 * x - 1.537150 * y - 0.498535 * z),
            Self.encoded(-0.969256 * x + 1.875991 * y + 0.041556 * z),
            Self.encoded(0.055648 * x - 0.204043 * y + 1.057311 * z)
        )
    }

    /// The lightness of a grey of 0…255.
    package static func lightness(grey: Float) -> Float { 116 * root(linear(grey / 255)) - 16 }

    private static func linear(_ v: Float) -> Float { v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4) }
    private static func encoded(_ v: Float) -> Float {
        let cut = min(max(v, 0), 1)
        return 255 * (cut <= 0.0031308 ? cut * 12.92 : 1.055 * pow(cut, 1 / 2.4) - 0.055)
    }
    private static func root(_ t: Float) -> Float { t > 0.008856 ? cbrt(t) : 7.787 * t + 16 / 116 }
    private static func cube(_ f: Float) -> Float { f > 6 / 29 ? f * f * f : (f - 16 / 116) / 7.787 }
}
