// Affine maps between a frame and a crop.

internal import Foundation

/// A 2-D point in pixels; the centre of the top-left pixel is (0, 0), x grows right, y grows down.
package struct Point: Sendable, Hashable, Codable {
    package var x: Float
    package var y: Float

    /// Makes a point.
    package init(_ x: Float, _ y: Float) {
        self.x = x
        self.y = y
    }

    package static func + (a: Point, b: Point) -> Point { Point(a.x + b.x, a.y + b.y) }
    package static func - (a: Point, b: Point) -> Point { Point(a.x - b.x, a.y - b.y) }
    package static func * (a: Point, s: Float) -> Point { Point(a.x * s, a.y * s) }
    /// The Euclidean length of the vector from the origin.
    package var length: Float { (x * x + y * y).squareRoot() }
}

/// An axis-aligned box in pixels.
package struct Box: Sendable, Hashable, Codable {
    package var x: Float
    package var y: Float
    package var width: Float
    package var height: Float

    /// Makes a box from its top-left corner and size.
    package init(x: Float, y: Float, width: Float, height: Float) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The smallest box around `points`; empty when there are none.
    package init(around points: some Sequence<Point>) {
        var x0 = Float.infinity, y0 = Float.infinity, x1 = -Float.infinity, y1 = -Float.infinity
        for point in points {
            x0 = min(x0, point.x)
            y0 = min(y0, point.y)
            x1 = max(x1, point.x)
            y1 = max(y1, point.y)
        }
        self = x0 <= x1 ? Box(x: x0, y: y0, width: x1 - x0, height: y1 - y0) : Box(x: 0, y: 0, width: 0, height: 0)
    }

    package var center: Point { Point(x + width / 2, y + height / 2) }
    package var area: Float { width * height }

    /// Intersection over union with another box, 0…1.
    package func overlap(_ other: Box) -> Float {
        let w = min(x + width, other.x + other.width) - max(x, other.x)
        let h = min(y + height, other.y + other.height) - max(y, other.y)
        guard w > 0, h > 0 else { return 0 }
        return w * h / (area + other.area - w * h)
    }
}

/// The map (x, y) → (a·x + b·y + tx, c·x + d·y + ty). A crop's transform leads from crop pixels to frame pixels.
package struct Affine: Sendable, Hashable, Codable {
    package var a: Float
    package var b: Float
    package var tx: Float
    package var c: Float
    package var d: Float
    package var ty: Float

    /// Makes a map from its six coefficients, row by row.
    package init(a: Float, b: Float, tx: Float, c: Float, d: Float, ty: Float) {
        self.a = a
        self.b = b
        self.tx = tx
        self.c = c
        self.d = d
        self.ty = ty
    }

    package static let identity = Affine(a: 1, b: 0, tx: 0, c: 0, d: 1, ty: 0)

    /// A crop of `size`×`size` pixels around `center` that covers `side` frame pixels, turned by `angle` radians
    /// (positive turns the crop clockwise as seen on screen). Maps crop → frame.
    package static func crop(center: Point, side: Float, angle: Float, size: Int) -> Affine {
        let scale = side / Float(size)
        let cosine = cos(angle) * scale
        let sine = sin(angle) * scale
        let middle = (Float(size) - 1) / 2
        return Affine(
            a: cosine, b: -sine, tx: center.x - cosine * middle + sine * middle,
            c: sine, d: cosine, ty: center.y - sine * middle - cosine * middle)
    }

    /// The image of a point.
    package func callAsFunction(_ p: Point) -> Point {
        Point(a * p.x + b * p.y + tx, c * p.x + d * p.y + ty)
    }

    /// How many frame pixels one crop pixel covers along a side: the square root of the determinant's magnitude.
    package var scale: Float { abs(a * d - b * c).squareRoot() }

    /// The inverse map; the identity when the map is singular.
    package var inverse: Affine {
        let determinant = a * d - b * c
        guard abs(determinant) > 1e-12 else { return .identity }
        let k = 1 / determinant
        return Affine(
            a: d * k, b: -b * k, tx: (b * ty - d * tx) * k,
            c: -c * k, d: a * k, ty: (c * tx - a * ty) * k)
    }

    /// `self` after `first`: (self ∘ first)(p) = self(first(p)).
    package func after(_ first: Affine) -> Affine {
        Affine(
            a: a * first.a + b * first.c, b: a * first.b + b * first.d, tx: a * first.tx + b * first.ty + tx,
            c: c * first.a + d * first.c, d: c * first.b + d * first.d, ty: c * first.tx + d * first.ty + ty)
    }

    /// The similarity (turn, uniform scale, shift) that carries `from` onto `to` with least squared error.
    ///
    /// Source: S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns",
    /// PAMI 1991, for two dimensions without reflection.
    package static func similarity(from: [Point], to: [Point]) -> Affine {
        let n = Float(min(from.count, to.count))
        guard n > 0 else { return .identity }
        var mf = Point(0, 0), mt = Point(0, 0)
        for (f, t) in zip(from, to) {
            mf = mf + f
            mt = mt + t
        }
        mf = mf * (1 / n)
        mt = mt * (1 / n)
        var dot: Float = 0, cross: Float = 0, norm: Float = 0
        for (f, t) in zip(from, to) {
            let u = f - mf, v = t - mt
            dot += u.x * v.x + u.y * v.y
            cross += u.x * v.y - u.y * v.x
            norm += u.x * u.x + u.y * u.y
        }
        guard norm > 0 else { return Affine(a: 1, b: 0, tx: mt.x - mf.x, c: 0, d: 1, ty: mt.y - mf.y) }
        let p = dot / norm, q = cross / norm
        return Affine(a: p, b: -q, tx: mt.x - p * mf.x + q * mf.y, c: q, d: p, ty: mt.y - q * mf.x - p * mf.y)
    }
}
