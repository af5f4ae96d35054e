// The bench part that compares the pixel kernels with plain Swift.
internal import Errors
internal import Foundation
internal import Inference
internal import Pixels
internal import VideoIO

/// The C kernels of the pixel hot path against the same written plainly in Swift, by time and by result.
struct KernelsPart: BenchPart {
    let name = "kernels"
    let title = "Pixel kernels"

    private static let side = 512
    /// A turned crop of about the frame's own resolution.
    private static let transform = Affine.crop(center: Point(640, 360), side: 500, angle: 0.2, size: side)

    func run(quick: Bool) throws -> String {
        let side = Self.side, transform = Self.transform
        var random = Noise(state: 11)
        var picture = Picture(width: 1280, height: 720)
        for i in picture.bytes.indices {
            // A smooth ground with noise: neighbours differ as they do in photos.
            let x = Float(i / 3 % 1280), y = Float(i / 3 / 1280)
            picture.bytes[i] = UInt8(128 + 80 * sin(x / 90 + Float(i % 3)) * cos(y / 70) + 40 * random.next())
        }
        let frame = try VideoFrame.blank(width: 1280, height: 720, index: 0, rate: Rational(30, 1))
        let whole = picture.sample(.identity, width: 1280, height: 720)
        let opaque = Plane(width: 1280, height: 720, fill: 1)
        let start = try frame.withWritablePlanes { planes in
            var planes = planes
            planes.paste(whole, mask: opaque, through: .identity)
            return PlainFrame(copying: planes)
        }
        let crop = picture.sample(transform, width: side, height: side)
        var mask = Plane(width: side, height: side)
        var x = mask, y = mask
        for i in 0..<side * side {
            let (u, v) = (Float(i % side), Float(i / side))
            mask.values[i] = max(0, min(1, (250 - (Point(u, v) - Point(255.5, 255.5)).length) / 20))
            x.values[i] = u + 6 * sin(v / 40)
            y.values[i] = v + 6 * cos(u / 40)
        }

        var table = Table(["kernel", "C, ns/pixel", "plain Swift, ns/pixel", "ratio", "greatest difference"])
        let seconds = quick ? 0.1 : 0.6
        /// Pixels are those of the crop.
        func compare(_ name: String, _ kernel: () -> [Float], _ plain: () -> [Float]) {
            let fast = medianProcessorMilliseconds(seconds: seconds) { _ = kernel() }
            let slow = medianProcessorMilliseconds(seconds: seconds) { _ = plain() }
            let difference = zip(kernel(), plain()).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
            let perPixel = 1e6 / Double(side * side)
            table.add([
                name, text(fast * perPixel, 2), text(slow * perPixel, 2), text(slow / fast),
                String(format: "%.2g", Double(difference)),
            ])
        }
        compare("sample a crop of a picture", { picture.sample(transform, width: side, height: side).values }) {
            Plain.sample(picture, transform, side, side).values
        }
        frame.withPlanes { planes in
            compare("sample a crop of a video frame", { planes.sample(transform, width: side, height: side).values }) {
                Plain.sample(start, transform, side, side).values
            }
        }
        compare("warp, bilinear", { crop.remapped(x: x, y: y, cubic: false).values }) {
            Plain.warp(crop, x: x, y: y).values
        }
        compare("warp, bicubic", { crop.remapped(x: x, y: y, cubic: true).values }) {
            Plain.cubicWarp(crop, x: x, y: y).values
        }
        for sigma in [Float(2), 8] {
            compare("blur a plane, sigma \(Int(sigma))", { mask.blurred(sigma: sigma).values }) {
                Plain.blur(mask, sigma: sigma).values
            }
        }
        try comparePastes(crop, mask: mask, picture: picture, frame: frame, start: start, quick: quick, into: &table)
        return """
            Crops of 512×512 from or into 1280×720, one thread; “plain Swift” is the same algorithm over arrays, \
            compiled in the same build. Times are processor time per pixel of the crop; differences are of values from 0 to 255 \
            (blur: 0 to 1), of codes where bytes are written.

            \(table.markdown)
            """
    }

    /// Pastes change what they are given: every run pastes the same crop again, which settles after the first.
    private func comparePastes(
        _ crop: Crop, mask: Plane, picture: Picture, frame: VideoFrame, start: PlainFrame, quick: Bool,
        into table: inout Table
    ) throws {
        let seconds = quick ? 0.1 : 0.6, transform = Self.transform
        let perPixel = 1e6 / Double(Self.side * Self.side)
        func add(_ name: String, _ fast: Double, _ slow: Double, _ a: [UInt8], _ b: [UInt8]) {
            let difference = zip(a, b).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
            table.add([name, text(fast * perPixel, 2), text(slow * perPixel, 2), text(slow / fast), "\(difference)"])
        }
        var bright = crop
        for i in bright.values.indices { bright.values[i] = 255 - bright.values[i] }

        var one = picture, other = picture
        one.paste(bright, mask: mask, through: transform)
        Plain.paste(bright, mask: mask, through: transform, on: &other)
        let (a, b) = (one.bytes, other.bytes)
        let fast = medianProcessorMilliseconds(seconds: seconds) {
            one.paste(bright, mask: mask, through: transform)
        }
        let slow = medianProcessorMilliseconds(seconds: seconds) {
            Plain.paste(bright, mask: mask, through: transform, on: &other)
        }
        add("paste into a picture", fast, slow, a, b)

        var plain = start
        Plain.paste(bright, mask: mask, through: transform, on: &plain)
        try frame.withWritablePlanes { planes in
            var planes = planes
            planes.paste(bright, mask: mask, through: transform)
            let copied = PlainFrame(copying: planes)
            let (a, b) = (copied.y + copied.u + copied.v, plain.y + plain.u + plain.v)
            let fast = medianProcessorMilliseconds(seconds: seconds) {
                planes.paste(bright, mask: mask, through: transform)
            }
            let slow = medianProcessorMilliseconds(seconds: seconds) {
                Plain.paste(bright, mask: mask, through: transform, on: &plain)
            }
            add("paste into a video frame", fast, slow, a, b)
        }
    }
}
