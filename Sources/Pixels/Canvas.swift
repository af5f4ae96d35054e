// Dots, lines, frames and numbers drawn into a picture, or onto nothing and laid over a frame.

/// A picture that is drawn on.
package struct Canvas {
    package private(set) var picture: Picture
    /// 1 where something was drawn, when that is kept.
    private var cover: [Float] = []

    /// Draws into a picture.
    package init(_ picture: Picture) { self.picture = picture }

    /// Draws onto nothing, to be laid over a frame.
    package init(width: Int, height: Int) {
        picture = Picture(width: width, height: height)
        cover = [Float](repeating: 0, count: width * height)
    }

    /// Lays what was drawn over a frame, its upper left pixel at (x, y); the rest of the frame stays bit for bit. Does
    /// nothing for a canvas over a picture.
    ///
    /// - Parameter strength: 0 leaves the frame as it is, 1 shows the drawing wholly.
    package func lay(over surface: inout some Surface, x: Int, y: Int, strength: Float = 1) {
        guard !cover.isEmpty, strength > 0 else { return }
        let count = cover.count
        var crop = Crop(width: picture.width, height: picture.height)
        for i in 0..<count {
            for channel in 0..<3 { crop.values[channel * count + i] = Float(picture.bytes[3 * i + channel]) }
        }
        let mask = Plane(width: picture.width, height: picture.height, values: cover.map { $0 * min(strength, 1) })
        surface.paste(crop, mask: mask, through: Affine(a: 1, b: 0, tx: Float(x), c: 0, d: 1, ty: Float(y)))
    }

    /// A filled disc.
    package mutating func dot(_ center: Point, radius: Float, color: (UInt8, UInt8, UInt8)) {
        guard center.x.isFinite, center.y.isFinite, abs(center.x) < 1e6, abs(center.y) < 1e6 else { return }
        let r = max(radius, 0.5)
        for y in Int((center.y - r).rounded(.down))...Int((center.y + r).rounded(.up)) {
            for x in Int((center.x - r).rounded(.down))...Int((center.x + r).rounded(.up)) {
                let (dx, dy) = (Float(x) - center.x, Float(y) - center.y)
                if dx * dx + dy * dy <= r * r { set(x, y, color) }
            }
        }
    }

    /// A line with round ends.
    package mutating func line(from start: Point, to end: Point, thickness: Float, color: (UInt8, UInt8, UInt8)) {
        let way = end - start
        guard way.length.isFinite, way.length < 1e5 else { return }
        let steps = max(1, Int(way.length.rounded(.up)))
        for step in 0...steps {
            dot(start + way * (Float(step) / Float(steps)), radius: thickness / 2, color: color)
        }
    }

    /// The outline of a box.
    package mutating func frame(_ box: Box, thickness: Float, color: (UInt8, UInt8, UInt8)) {
        let t = max(1, thickness)
        fill(Box(x: box.x, y: box.y, width: box.width, height: t), color)
        fill(Box(x: box.x, y: box.y + box.height - t, width: box.width, height: t), color)
        fill(Box(x: box.x, y: box.y, width: t, height: box.height), color)
        fill(Box(x: box.x + box.width - t, y: box.y, width: t, height: box.height), color)
    }

    /// A whole number in 3×5 blocks on a ground of its own, dark if not said otherwise, its lower left corner at `corner`.
    /// Each figure is four blocks wide with its gap, and the ground one more; blocks have a seventh of the height.
    package mutating func number(
        _ value: Int, at corner: Point, height: Float, color: (UInt8, UInt8, UInt8),
        ground: (UInt8, UInt8, UInt8) = (20, 20, 20)
    ) {
        let digits = String(value).compactMap(\.wholeNumberValue)
        let block = height / 7
        let top = max(0, corner.y - height)
        fill(Box(x: corner.x, y: top, width: block * Float(4 * digits.count + 1), height: height), ground)
        for (place, digit) in digits.enumerated() {
            for (i, on) in Self.shapes[digit].enumerated() where on == "#" {
                let x = corner.x + block * Float(1 + 4 * place + i % 3)
                fill(Box(x: x, y: top + block * Float(1 + i / 3), width: block, height: block), color)
            }
        }
    }

    private static let shapes: [[Character]] = [
        "####.##.##.####", ".#.##..#..#.###", "###..#####..###", "###..####..####", "#.##.####..#..#",
        "####..###..####", "####..####.####", "###..#..#..#..#", "####.#####.####", "####.####..####",
    ].map(Array.init)

    /// A filled box, cut to the picture.
    package mutating func fill(_ box: Box, _ color: (UInt8, UInt8, UInt8)) {
        let x0 = max(0, Int(box.x.rounded())), x1 = min(picture.width, Int((box.x + box.width).rounded()))
        let y0 = max(0, Int(box.y.rounded())), y1 = min(picture.height, Int((box.y + box.height).rounded()))
        guard x0 < x1, y0 < y1 else { return }
        for y in y0..<y1 { for x in x0..<x1 { set(x, y, color) } }
    }

    private mutating func set(_ x: Int, _ y: Int, _ color: (UInt8, UInt8, UInt8)) {
        guard x >= 0, y >= 0, x < picture.width, y < picture.height else { return }
        if !cover.isEmpty { cover[y * picture.width + x] = 1 }
        let i = (y * picture.width + x) * picture.channels
        picture.bytes[i] = color.0
        picture.bytes[i + 1] = color.1
        picture.bytes[i + 2] = color.2
    }
}
