// Pictures made from pictures: smaller, turned, pasted together, without colour, with noise.

import Pixels

extension Picture {
    /// The three colour channels as seen through `transform` (new pixel → old pixel), the edge repeated outside.
    func seen(through transform: Affine, width: Int, height: Int) -> Picture {
        sample(transform, width: width, height: height).picture
    }

    /// The picture made smaller until its longest side is at most `longest`; alpha goes.
    func shrunk(to longest: Int) -> Picture {
        let s = max(Float(max(width, height)) / Float(longest), 1)
        return seen(
            through: Affine(a: s, b: 0, tx: (s - 1) / 2, c: 0, d: s, ty: (s - 1) / 2),
            width: Int(Float(width) / s), height: Int(Float(height) / s))
    }

    /// The part of the picture around `center`, `scale` new pixels for one old pixel, turned clockwise by `degrees`.
    func part(
        around center: Point, scale: Float = 1, degrees: Float = 0, width: Int, height: Int
    ) -> Picture {
        seen(
            through: Self.view(around: center, scale: scale, degrees: degrees, width: width, height: height),
            width: width, height: height)
    }

    /// The map from new pixels to old ones of ``part(around:scale:degrees:width:height:)``.
    static func view(around center: Point, scale: Float, degrees: Float, width: Int, height: Int) -> Affine {
        let side = max(width, height)
        let square = Affine.crop(
            center: center, side: Float(side) / scale, angle: -degrees * .pi / 180, size: side)
        let shift = Affine(
            a: 1, b: 0, tx: Float(side - width) / 2, c: 0, d: 1, ty: Float(side - height) / 2)
        return square.after(shift)
    }

    /// The picture with another laid over it, its top-left corner at (x, y).
    func with(_ other: Picture, x: Int, y: Int) -> Picture {
        var result = self
        for row in 0..<other.height where row + y >= 0 && row + y < height {
            for column in 0..<other.width where column + x >= 0 && column + x < width {
                let from = (row * other.width + column) * other.channels
                let to = ((row + y) * width + column + x) * channels
                for channel in 0..<3 { result.bytes[to + channel] = other.bytes[from + channel] }
            }
        }
        return result
    }

    /// The picture with each pixel's red, green and blue changed; alpha stays.
    func mapped(_ change: (Float, Float, Float) -> (Float, Float, Float)) -> Picture {
        var result = self
        for i in stride(from: 0, to: bytes.count, by: channels) {
            let (r, g, b) = change(Float(bytes[i]), Float(bytes[i + 1]), Float(bytes[i + 2]))
            result.bytes[i] = UInt8(min(max(r + 0.5, 0), 255))
            result.bytes[i + 1] = UInt8(min(max(g + 0.5, 0), 255))
            result.bytes[i + 2] = UInt8(min(max(b + 0.5, 0), 255))
        }
        return result
    }

    /// Without colour.
    var grey: Picture {
        mapped { r, g, b in
            let y = 0.299 * r + 0.587 * g + 0.114 * b
            return (y, y, y)
        }
    }

    /// In the colours of an old print.
    var sepia: Picture {
        mapped { r, g, b in
            let y = 0.299 * r + 0.587 * g + 0.114 * b
            return (0.86 * y + 26, 0.82 * y + 12, 0.74 * y + 2)
        }
    }

    /// With alpha that falls from left to right.
    var fading: Picture {
        var out = [UInt8]()
        out.reserveCapacity(width * height * 4)
        for i in 0..<width * height {
            out += bytes[i * channels..<i * channels + 3]
            out.append(UInt8(255 - 200 * (i % width) / width))
        }
        return Picture(width: width, height: height, channels: 4, bytes: out)
    }

    /// With a sensor's noise: Gaussian, the same for the same seed.
    func noisy(_ sigma: Float, seed: UInt64) -> Picture {
        var random = Noise(seed: seed)
        var result = self
        for i in result.bytes.indices {
            result.bytes[i] = UInt8(min(max(Float(result.bytes[i]) + sigma * random.next() + 0.5, 0), 255))
        }
        return result
    }
}

/// Gaussian noise from a seed: the sum of four uniform numbers, scaled to a variance of 1.
struct Noise {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> Float {
        // Source: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016.
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        let bits = state &* 0x2545_F491_4F6C_DD1D
        var sum: Float = 0
        for place in 0..<4 { sum += Float((bits >> (16 * UInt64(place))) & 0xFFFF) / 65535 - 0.5 }
        return sum * 1.732
    }
}
