// Shrinking a whole frame averages exactly what each crop pixel covers.

import Pixels
import Testing

@Suite struct ShrinkTests {
    private func picture(_ width: Int, _ height: Int, channels: Int) -> Picture {
        var state: UInt32 = 7
        let bytes = (0..<width * height * channels).map { index -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8((Int(state >> 24) + index / channels % width * 2) % 256)
        }
        return Picture(width: width, height: height, channels: channels, bytes: bytes)
    }

    /// The mean over a fine grid of nearest pixels; black or the nearest edge pixel outside.
    private func slow(_ p: Picture, _ m: Affine, _ width: Int, _ height: Int, black: Bool) -> [Float] {
        let fine = 120
        var result = [Float](repeating: 0, count: 3 * width * height)
        for j in 0..<height {
            for i in 0..<width {
                var sum: [Float] = [0, 0, 0]
                for t in 0..<fine * fine {
                    let u = Float(i) - 0.5 + (Float(t % fine) + 0.5) / Float(fine)
                    let v = Float(j) - 0.5 + (Float(t / fine) + 0.5) / Float(fine)
                    let at = m(Point(u, v))
                    let x = Int((at.x + 0.5).rounded(.down)), y = Int((at.y + 0.5).rounded(.down))
                    if black, x < 0 || y < 0 || x >= p.width || y >= p.height { continue }
                    let k = min(max(y, 0), p.height - 1) * p.width + min(max(x, 0), p.width - 1)
                    for c in 0..<3 { sum[c] += Float(p.bytes[k * p.channels + c]) }
                }
                for c in 0..<3 { result[c * width * height + j * width + i] = sum[c] / Float(fine * fine) }
            }
        }
        return result
    }

    @Test(arguments: [(3, 2.5), (4, 3.0), (3, 7.3)] as [(Int, Float)])
    func `A shrunk picture is the mean over the covered area`(channels: Int, scale: Float) {
        let p = picture(61, 47, channels: channels)
        let width = 20, height = 14
        let m = Affine(a: scale, b: 0, tx: scale / 2 - 4.2, c: 0, d: scale * 1.1, ty: 1.3)
        let fast = p.sample(m, width: width, height: height, outsideIsBlack: true)
        let differences = zip(fast.values, slow(p, m, width, height, black: true)).map { abs($0 - $1) }
        #expect((differences.max() ?? 99) < 2)
        #expect(differences.reduce(0, +) / Float(differences.count) < 0.6)
        // Without black the edge goes on: pixels wholly outside repeat it.
        let going = p.sample(
            Affine(a: 3, b: 0, tx: -200, c: 0, d: 3, ty: 900), width: 4, height: 3, outsideIsBlack: false)
        let corner = (p.height - 1) * p.width * channels
        #expect(going.values.prefix(12).allSatisfy { abs($0 - Float(p.bytes[corner])) < 1e-3 })
    }

    @Test func `Grey stays grey in shrunk frames, black lies outside`() {
        var luma = [UInt8](repeating: 126, count: 64 * 48)
        var chroma = [UInt8](repeating: 128, count: 32 * 24)
        var other = chroma
        luma.withUnsafeMutableBufferPointer { y in
            chroma.withUnsafeMutableBufferPointer { u in
                other.withUnsafeMutableBufferPointer { v in
                    guard let y = y.baseAddress, let u = u.baseAddress, let v = v.baseAddress else { return }
                    let frame = PlanarYUV(
                        width: 64, height: 48, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1, chromaSitedLeft: true,
                        color: .bt709(fullRange: false), y: y, u: u, v: v, yStride: 64, uvStride: 32)
                    let m = Affine(a: 4, b: 0, tx: 1.5, c: 0, d: 4, ty: 1.5)
                    let crop = frame.sample(m, width: 18, height: 16, outsideIsBlack: true)
                    for j in 0..<16 {
                        for i in 0..<18 {
                            let wanted: Float = i < 16 && j < 12 ? 110 * 255 / 219 : 0
                            for c in 0..<3 { #expect(abs(crop.values[(c * 16 + j) * 18 + i] - wanted) < 0.01) }
                        }
                    }
                }
            }
        }
    }
}
