// The pixel kernels written plainly in Swift over arrays, as a peer and a check of the C ones.
internal import Foundation
internal import Pixels

/// A bilinear look-up: four places and their weights.
private struct Spot {
    let at: (Int, Int, Int, Int)
    let weight: (Float, Float, Float, Float)

    /// Positions outside take the nearest edge.
    init(_ x: Float, _ y: Float, _ width: Int, _ height: Int) {
        let x = min(max(x, 0), Float(width - 1)), y = min(max(y, 0), Float(height - 1))
        let x0 = Int(x), y0 = Int(y)
        let x1 = min(x0 + 1, width - 1), y1 = min(y0 + 1, height - 1)
        let fx = x - Float(x0), fy = y - Float(y0)
        at = (y0 * width + x0, y0 * width + x1, y1 * width + x0, y1 * width + x1)
        weight = ((1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy)
    }

    func value(_ v: [Float], from base: Int = 0) -> Float {
        v[base + at.0] * weight.0 + v[base + at.1] * weight.1 + v[base + at.2] * weight.2 + v[base + at.3] * weight.3
    }

    func value(_ v: [UInt8], step: Int = 1, channel: Int = 0) -> Float {
        Float(v[at.0 * step + channel]) * weight.0 + Float(v[at.1 * step + channel]) * weight.1
            + Float(v[at.2 * step + channel]) * weight.2 + Float(v[at.3 * step + channel]) * weight.3
    }
}

private func byte(_ value: Float) -> UInt8 { UInt8(min(max(value, 0), 255)) }

/// A video frame as arrays: 8-bit 4:2:0, BT.709, standard range, chroma sited left.
struct PlainFrame {
    let width: Int
    let height: Int
    var y: [UInt8]
    var u: [UInt8]
    var v: [UInt8]

    /// Copies planes of that kind.
    init(copying planes: PlanarYUV) {
        func rows(_ start: UnsafeMutablePointer<UInt8>, _ stride: Int, _ width: Int, _ height: Int) -> [UInt8] {
            (0..<height).flatMap { row in UnsafeBufferPointer(start: start + row * stride, count: width) }
        }
        width = planes.width
        height = planes.height
        y = rows(planes.y, planes.yStride, width, height)
        u = rows(planes.u, planes.uvStride, width / 2, height / 2)
        v = rows(planes.v, planes.uvStride, width / 2, height / 2)
    }
}

/// The kernels.
enum Plain {
    static let (kr, kb): (Float, Float) = (0.2126, 0.0722)

    static func sample(_ picture: Picture, _ transform: Affine, _ width: Int, _ height: Int) -> Crop {
        var crop = Crop(width: width, height: height)
        let count = width * height
        for y in 0..<height {
            for x in 0..<width {
                let p = transform(Point(Float(x), Float(y)))
                let spot = Spot(p.x, p.y, picture.width, picture.height)
                for channel in 0..<3 {
                    crop.values[channel * count + y * width + x] = spot.value(picture.bytes, step: 3, channel: channel)
                }
            }
        }
        return crop
    }

    static func sample(_ frame: PlainFrame, _ transform: Affine, _ width: Int, _ height: Int) -> Crop {
        var crop = Crop(width: width, height: height)
        let count = width * height, kg = 1 - kr - kb
        for y in 0..<height {
            for x in 0..<width {
                let p = transform(Point(Float(x), Float(y)))
                let luma = Spot(p.x, p.y, frame.width, frame.height).value(frame.y)
                let chroma = Spot(p.x / 2, (p.y - 0.5) / 2, frame.width / 2, frame.height / 2)
                let l = (luma - 16) * 255 / 219
                let cb = (chroma.value(frame.u) - 128) * 255 / 224, cr = (chroma.value(frame.v) - 128) * 255 / 224
                let i = y * width + x
                let (r, b) = (l + 2 * (1 - kr) * cr, l + 2 * (1 - kb) * cb)
                crop.values[i] = min(max(r, 0), 255)
                crop.values[count + i] = min(max((l - kr * r - kb * b) / kg, 0), 255)
                crop.values[2 * count + i] = min(max(b, 0), 255)
            }
        }
        return crop
    }

    static func warp(_ crop: Crop, x: Plane, y: Plane) -> Crop {
        var result = Crop(width: x.width, height: x.height)
        let count = x.width * x.height
        for i in 0..<count {
            let spot = Spot(x.values[i], y.values[i], crop.width, crop.height)
            for channel in 0..<3 {
                result.values[channel * count + i] = spot.value(crop.values, from: channel * crop.width * crop.height)
            }
        }
        return result
    }

    static func cubicWarp(_ crop: Crop, x: Plane, y: Plane) -> Crop {
        func weights(_ f: Float) -> [Float] {
            [
                f * (-0.5 + f * (1 - 0.5 * f)), 1 + f * f * (-2.5 + 1.5 * f), f * (0.5 + f * (2 - 1.5 * f)),
                f * f * (-0.5 + 0.5 * f),
            ]
        }
        var result = Crop(width: x.width, height: x.height)
        let count = x.width * x.height
        for i in 0..<count {
            let px = min(max(x.values[i], 0), Float(crop.width - 1))
            let py = min(max(y.values[i], 0), Float(crop.height - 1))
            let x0 = Int(px), y0 = Int(py)
            let wx = weights(px - Float(x0)), wy = weights(py - Float(y0))
            for channel in 0..<3 {
                var sum: Float = 0
                for j in 0..<4 {
                    let row = min(max(y0 + j - 1, 0), crop.height - 1)
                    let start = (channel * crop.height + row) * crop.width
                    for k in 0..<4 {
                        sum += wy[j] * wx[k] * crop.values[start + min(max(x0 + k - 1, 0), crop.width - 1)]
                    }
                }
                result.values[channel * count + i] = sum
            }
        }
        return result
    }

    static func blur(_ plane: Plane, sigma: Float) -> Plane {
        let radius = Int((3 * sigma).rounded(.up))
        var kernel = (-radius...radius).map { exp(-0.5 * Float($0 * $0) / (sigma * sigma)) }
        let sum = kernel.reduce(0, +)
        for i in kernel.indices { kernel[i] /= sum }
        let (w, h) = (plane.width, plane.height)
        var between = Plane(width: w, height: h), result = between
        for y in 0..<h {
            for x in 0..<w {
                var total: Float = 0
                for i in -radius...radius {
                    total += kernel[i + radius] * plane.values[min(max(y + i, 0), h - 1) * w + x]
                }
                between.values[y * w + x] = total
            }
        }
        for y in 0..<h {
            for x in 0..<w {
                var total: Float = 0
                for i in -radius...radius {
                    total += kernel[i + radius] * between.values[y * w + min(max(x + i, 0), w - 1)]
                }
                result.values[y * w + x] = total
            }
        }
        return result
    }

    /// The columns and rows of a frame that a crop lies on.
    private static func place(
        _ crop: Crop, _ transform: Affine, _ width: Int, _ height: Int
    ) -> (columns: Range<Int>, rows: Range<Int>) {
        let (right, bottom) = (Float(crop.width - 1), Float(crop.height - 1))
        let corners = [Point(0, 0), Point(right, 0), Point(0, bottom), Point(right, bottom)]
        let box = Box(around: corners.map { transform($0) })
        func range(_ start: Float, _ length: Float, _ limit: Int) -> Range<Int> {
            let low = min(max(Int(start), 0), limit)
            return low..<min(max(Int(start + length) + 2, low), limit)
        }
        return (range(box.x, box.width, width), range(box.y, box.height, height))
    }

    static func paste(_ crop: Crop, mask: Plane, through transform: Affine, on picture: inout Picture) {
        let inverse = transform.inverse, count = crop.width * crop.height
        let (columns, rows) = place(crop, transform, picture.width, picture.height)
        for y in rows {
            for x in columns {
                let p = inverse(Point(Float(x), Float(y)))
                guard p.x >= 0, p.y >= 0, p.x <= Float(crop.width - 1), p.y <= Float(crop.height - 1) else { continue }
                let spot = Spot(p.x, p.y, crop.width, crop.height)
                let m = spot.value(mask.values)
                guard m >= 1 / 512 else { continue }
                for channel in 0..<3 {
                    let i = (y * picture.width + x) * 3 + channel
                    let old = Float(picture.bytes[i])
                    picture.bytes[i] = byte(old + m * (spot.value(crop.values, from: channel * count) - old) + 0.5)
                }
            }
        }
    }

    static func paste(_ crop: Crop, mask: Plane, through transform: Affine, on frame: inout PlainFrame) {
        let inverse = transform.inverse, count = crop.width * crop.height, kg = 1 - kr - kb
        func color(_ x: Float, _ y: Float) -> (mask: Float, r: Float, g: Float, b: Float)? {
            let p = inverse(Point(x, y))
            guard p.x >= 0, p.y >= 0, p.x <= Float(crop.width - 1), p.y <= Float(crop.height - 1) else { return nil }
            let spot = Spot(p.x, p.y, crop.width, crop.height)
            let m = spot.value(mask.values)
            guard m >= 1 / 512 else { return nil }
            return (
                m, spot.value(crop.values), spot.value(crop.values, from: count),
                spot.value(crop.values, from: 2 * count)
            )
        }
        func blend(_ old: UInt8, _ new: Float, _ m: Float) -> UInt8 { byte(Float(old) + m * (new - Float(old)) + 0.5) }
        let (columns, rows) = place(crop, transform, frame.width, frame.height)
        for y in rows {
            for x in columns {
                guard let c = color(Float(x), Float(y)) else { continue }
                let l = kr * c.r + kg * c.g + kb * c.b
                frame.y[y * frame.width + x] = blend(frame.y[y * frame.width + x], l * 219 / 255 + 16, c.mask)
            }
        }
        let half = frame.width / 2
        for y in rows.lowerBound / 2..<(rows.upperBound + 1) / 2 {
            for x in columns.lowerBound / 2..<(columns.upperBound + 1) / 2 {
                guard let c = color(Float(2 * x), Float(2 * y) + 0.5) else { continue }
                let l = kr * c.r + kg * c.g + kb * c.b, i = y * half + x
                frame.u[i] = blend(frame.u[i], (c.b - l) / (2 * (1 - kb)) * 224 / 255 + 128, c.mask)
                frame.v[i] = blend(frame.v[i], (c.r - l) / (2 * (1 - kr)) * 224 / 255 + 128, c.mask)
            }
        }
    }
}
