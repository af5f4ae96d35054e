// Crops in quarter turns, on transparent pictures and through broken maps.

import Pixels
import Testing

@Suite struct QuarterTests {
    private let picture = Picture(
        width: 90, height: 70, channels: 3,
        bytes: (0..<18900).map { (i: Int) -> UInt8 in UInt8(min(255, i / 3 % 90 + i / 270 * 2 + i % 3 * 8)) })

    private static let turns: [[Float]] = [
        [0, 2.5, 2.5, 0], [0, -2.5, 2.5, 0], [-2.5, 0, 0, -2.5], [0, 2.5, -2.5, 0], [2.5, 0, 0, -2.5],
    ]

    /// The map of a 30×22 crop about the picture's middle.
    private func map(_ k: [Float]) -> Affine {
        let (x, y): (Float, Float) = (14.5, 10.5)
        let tx: Float = 44.5 - k[0] * x - k[1] * y
        let ty: Float = 34.5 - k[2] * x - k[3] * y
        return Affine(a: k[0], b: k[1], tx: tx, c: k[2], d: k[3], ty: ty)
    }

    private func difference(_ a: Crop, _ b: Crop) -> Float {
        var sum: Float = 0
        for i in a.values.indices { sum += abs(a.values[i] - b.values[i]) }
        return sum / Float(a.values.count)
    }

    @Test(arguments: turns)
    func `a crop in a quarter turn is the same as without the short cut`(turn: [Float]) {
        let fast = picture.sampleByQuarters(map(turn), width: 30, height: 22, outsideIsBlack: true)
        let slow = picture.sample(map(turn), width: 30, height: 22, outsideIsBlack: true)
        let mirror = [-turn[0], turn[1], -turn[2], turn[3]]
        let other = picture.sample(map(mirror), width: 30, height: 22, outsideIsBlack: true)
        #expect(difference(fast, slow) < 1.5)
        #expect(difference(fast, other) > 3)
    }

    @Test func `maps and points that are no numbers read and write nothing outside`() {
        for bad in [Float.nan, .infinity, -.infinity, 3e38] {
            for place in 0..<6 {
                var k: [Float] = [1, 0, 0, 0, 1, 0]
                k[place] = bad
                let map = Affine(a: k[0], b: k[1], tx: k[2], c: k[3], d: k[4], ty: k[5])
                for black in [true, false] {
                    #expect(picture.sample(map, width: 9, height: 9, outsideIsBlack: black).values.count == 243)
                    #expect(
                        picture.sampleByQuarters(map, width: 9, height: 9, outsideIsBlack: black).values.count == 243)
                }
                var copy = picture
                copy.paste(Crop(width: 9, height: 9), mask: Plane(width: 9, height: 9, fill: 1), through: map)
                #expect(copy.bytes.count == picture.bytes.count)
            }
        }
    }

    @Test func `a transparent picture shows its ground`() {
        let clear = Picture(width: 1, height: 1, channels: 4, bytes: [0, 100, 200, 0])
        let half = Picture(width: 1, height: 1, channels: 4, bytes: [0, 100, 200, 51])
        #expect(clear.isTransparent && half.isTransparent && !picture.isTransparent)
        #expect(clear.laid(on: 255).bytes == [255, 255, 255])
        #expect(half.laid(on: 255).bytes == [204, 224, 244])
        #expect(half.laid(on: 0).bytes == [0, 20, 40])
    }
}
