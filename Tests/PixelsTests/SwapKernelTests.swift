// The mesh swap's full-size kernels against the same formulas written plainly, on random values.
import Foundation
import Pixels
import Testing

@Suite struct SwapKernelTests {
    /// Random values of a range, the same every time.
    static func random(_ count: Int, _ range: ClosedRange<Float>, seed: UInt32) -> [Float] {
        var state = seed &* 2_654_435_761 &+ 1
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return range.lowerBound + Float(state >> 8) / Float(1 << 24) * (range.upperBound - range.lowerBound)
        }
    }
    static func plane(_ width: Int, _ height: Int, _ range: ClosedRange<Float>, seed: UInt32) -> Plane {
        Plane(width: width, height: height, values: random(width * height, range, seed: seed))
    }
    static func crop(_ width: Int, _ height: Int, seed: UInt32) -> Crop {
        Crop(width: width, height: height, values: random(3 * width * height, 0...255, seed: seed))
    }
    /// The value of a coarse plane at a pixel of one `factor` times as large.
    static func enlarged(_ plane: Plane, _ x: Int, _ y: Int, factor: Float = 4) -> Float {
        plane.value(at: Point(Float(x) / factor, Float(y) / factor))
    }

    @Test(arguments: [2, 4]) func `enlarging by whole factors is bilinear`(factor: Int) {
        let small = Self.plane(13, 7, 0...255, seed: 3)
        let large = small.resized(width: 13 * factor, height: 7 * factor)
        for y in 0..<7 * factor {
            for x in 0..<13 * factor {
                let wanted = Self.enlarged(small, x, y, factor: Float(factor))
                #expect(abs(large.values[y * 13 * factor + x] - wanted) < 1e-3)
            }
        }
    }

    @Test(arguments: [0.9, 2.2, 9] as [Float]) func `blurs of narrow and odd planes repeat their edges`(sigma: Float) {
        for (width, height) in [(5, 9), (16, 3), (37, 21)] {
            let plane = Self.plane(width, height, 0...255, seed: 5)
            let radius = Int((3 * sigma).rounded(.up))
            let raw = (-radius...radius).map { exp(-0.5 * Double($0 * $0) / Double(sigma * sigma)) }
            let sum = raw.reduce(0, +)
            let result = plane.blurred(sigma: sigma)
            for y in 0..<height {
                for x in 0..<width {
                    var wanted = 0.0
                    for (j, a) in zip(-radius...radius, raw) {
                        let row = min(max(y + j, 0), height - 1)
                        for (i, b) in zip(-radius...radius, raw) {
                            wanted += a * b * Double(plane.values[row * width + min(max(x + i, 0), width - 1)])
                        }
                    }
                    #expect(abs(Double(result.values[y * width + x]) - wanted / sum / sum) < 1e-3)
                }
            }
        }
    }

    @Test func `tone is the formula, pixel by pixel`() {
        let (w, h) = (36, 20)
        let before = Self.crop(w, h, seed: 1)
        let brightness = Self.plane(w / 4, h / 4, 0.5...1.8, seed: 2), lit = Self.plane(w / 4, h / 4, 0...200, seed: 3)
        let tint = (0..<3).map { Self.plane(w / 4, h / 4, -0.3...0.3, seed: 4 + UInt32($0)) }
        var after = before
        let luma = after.tone(by: ToneFields(brightness: brightness, lit: lit, tint: tint), offset: 10)
        #expect(largestDifference(luma.values, after.luma.values) < 1e-3)
        let old = before.luma.values
        for y in 0..<h {
            for x in 0..<w {
                let i = y * w + x
                let share = min(1, max(0, (old[i] / max(Self.enlarged(lit, x, y), 8) - 0.18) * 2.5))
                for channel in 0..<3 {
                    let k = channel * w * h + i
                    let factor = Self.enlarged(brightness, x, y) * (1 + share * Self.enlarged(tint[channel], x, y))
                    let wanted = min(max((before.values[k] + 10) * factor - 10, 0), 255)
                    #expect(abs(after.values[k] - wanted) < 1e-2)
                }
            }
        }
    }

    @Test func `band energies count every second pixel by its cell's weight`() {
        let (w, h) = (44, 24)
        let bands = LumaBands(
            luma: Self.plane(w, h, 0...255, seed: 1), fine: 0.9, middle: 2.2,
            broad: Self.plane(w / 4, h / 4, 0...255, seed: 2))
        let weight = Self.plane(w / 4, h / 4, 0...1, seed: 3)
        var wanted = [Float](repeating: 0, count: 3)
        for y in stride(from: 0, to: h, by: 2) {
            for x in stride(from: 0, to: w, by: 2) {
                let cell = weight.values[y / 4 * (w / 4) + x / 4], i = y * w + x
                guard cell > 0.3 else { continue }
                let (l, f, m) = (bands.luma.values[i], bands.fine.values[i], bands.middle.values[i])
                wanted[0] += cell * abs(l - f)
                wanted[1] += cell * abs(f - m)
                wanted[2] += cell * abs(m - Self.enlarged(bands.broad, x, y))
            }
        }
        for (got, wanted) in zip(bands.energies(weight: weight, above: 0.3), wanted) {
            #expect(abs(got - wanted) < 1e-4 * wanted)
        }
    }

    @Test func `finishing is the formula, pixel by pixel`() {
        let (w, h) = (40, 28), quarter = { (seed: UInt32) in Self.plane(10, 7, -20...20, seed: seed) }
        let before = Self.crop(w, h, seed: 1), target = Self.crop(w, h, seed: 2)
        let own = LumaBands(luma: before.luma, fine: 0.9, middle: 2.2, broad: quarter(3))
        let theirs = LumaBands(luma: target.luma, fine: 0.9, middle: 2.2, broad: quarter(4))
        let lending = Self.plane(10, 7, 0...1, seed: 5), lips = Self.plane(10, 7, 0...1, seed: 6)
        let skin = Self.plane(10, 7, 0...1, seed: 10)
        let low = [quarter(7), quarter(8), quarter(9)]
        var after = before
        after.finish(
            DetailChange(gains: [1.3, 0.7, 0.9], grain: 0.6, most: 9, colour: 0.4), own: own, target: theirs,
            lending: lending, low: low, lips: lips, skin: skin)
        for y in 0..<h {
            for x in 0..<w {
                let i = y * w + x
                let edge = theirs.luma.values[i] - theirs.fine.values[i]
                let weight = max(0, 1 - edge * edge / 81)
                let lent = edge * weight * weight
                let kept = 0.1 + 0.9 * Self.enlarged(skin, x, y)
                let (l, f, m) = (own.luma.values[i], own.fine.values[i], own.middle.values[i])
                let share = Self.enlarged(lending, x, y)
                let change =
                    0.6 * share * share * lent + 0.3 * (l - f) - 0.3 * kept * (f - m)
                    - 0.1 * kept * (m - Self.enlarged(own.broad, x, y))
                for channel in 0..<3 {
                    let k = channel * w * h + i
                    let stray = before.values[k] - l - Self.enlarged(low[channel], x, y)
                    let factor = min(max((l + change + 10) / (l + 10), 0.5), 2)
                    let plain = Self.enlarged(skin, x, y)
                    let toned =
                        before.values[k] + plain * change + (1 - plain) * (factor - 1) * (before.values[k] + 10)
                    let wanted = toned - 0.6 * stray * (1 - Self.enlarged(lips, x, y))
                    #expect(abs(after.values[k] - wanted) < 2e-2)
                }
            }
        }
    }

    @Test(arguments: [2, 5], [false, true])
    func `a laid texture is the bicubic look-up where the mask is`(planes: Int, blend: Bool) {
        let (w, h) = (48, 32)
        let image = Self.crop(29, 23, seed: 1), background = Self.crop(w, h, seed: 2)
        // Beyond the image's edges too.
        var map = (0..<planes).map { Self.plane(w / 2, h / 2, -3...33, seed: 10 + UInt32($0)) }
        if planes == 5 { map[4] = Self.plane(w / 2, h / 2, 0...1, seed: 20) }
        var mask = Self.plane(w / 2, h / 2, -1...1, seed: 30)
        for i in mask.values.indices { mask.values[i] = max(0, mask.values[i]) }
        for x in 0..<w / 2 * 6 { mask.values[x] = 0 }
        var result = background
        if blend {
            result.lay(Texture(image), by: PlaneStack(map), opacity: mask)
        } else {
            result = Texture(image).laid(over: background, map: PlaneStack(map), where: mask)
        }
        let full = map.map { $0.resized(width: w, height: h) }, places = mask.resized(width: w, height: h)
        var wanted = image.remapped(x: full[0], y: full[1], cubic: true)
        if planes == 5 {
            let twin = image.remapped(x: full[2], y: full[3], cubic: true)
            for k in wanted.values.indices {
                wanted.values[k] += full[4].values[k % (w * h)] * (twin.values[k] - wanted.values[k])
            }
        }
        for k in wanted.values.indices {
            let share = places.values[k % (w * h)], back = background.values[k]
            let value = share > 0 ? back + (blend ? share : 1) * (wanted.values[k] - back) : back
            // A share of the twin below 0.0005 is not looked up.
            #expect(abs(result.values[k] - value) < 0.3)
        }
    }

    @Test func `logarithms and exponentials are those of the library`() {
        let crop = Crop(width: 64, height: 64, values: Self.random(3 * 64 * 64, -5...255, seed: 1))
        for (value, got) in zip(crop.values, crop.logarithms(offset: 10).values) {
            #expect(abs(got - log(max(value, 0) + 10)) < 2e-6)
        }
        let plane = Self.plane(64, 64, -20...20, seed: 2)
        for (value, got) in zip(plane.values, plane.exponentials.values) {
            #expect(abs(got - exp(value)) <= 1e-6 * exp(value))
        }
    }
}
