// Blurs, changes of size and look-ups of planes and crops.

internal import CPixels

extension Plane {
    /// Gaussian blur with `sigma` in pixels (at most 42); edges repeat.
    package func blurred(sigma: Float) -> Plane {
        var result = Plane(width: width, height: height)
        blur(values, width, height, into: &result.values, planes: 1, sigma: sigma)
        return result
    }

    /// Bilinear change of size; pixel 0 stays on pixel 0, as in ``halved()``, others map by the ratio of sizes.
    package func resized(width: Int, height: Int) -> Plane {
        var result = Plane(width: width, height: height)
        resize(values, self.width, self.height, into: &result.values, width, height, planes: 1)
        return result
    }

    /// Half the size (rounded up) through the binomial filter 1 4 6 4 1.
    package func halved() -> Plane {
        var result = Plane(width: (width + 1) / 2, height: (height + 1) / 2)
        halve(values, width, height, into: &result.values, planes: 1)
        return result
    }

    /// The bilinear value at a position in pixels; positions outside take the nearest edge.
    package func value(at point: Point) -> Float {
        let x = min(max(point.x, 0), Float(width - 1)), y = min(max(point.y, 0), Float(height - 1))
        let x0 = Int(x), y0 = Int(y)
        let x1 = min(x0 + 1, width - 1), y1 = min(y0 + 1, height - 1)
        let fx = x - Float(x0), fy = y - Float(y0)
        let top = values[y0 * width + x0] * (1 - fx) + values[y0 * width + x1] * fx
        let bottom = values[y1 * width + x0] * (1 - fx) + values[y1 * width + x1] * fx
        return top * (1 - fy) + bottom * fy
    }
}

extension Crop {
    /// One channel: 0 red, 1 green, 2 blue.
    package func plane(_ channel: Int) -> Plane {
        let count = width * height
        return Plane(width: width, height: height, values: Array(values[channel * count..<(channel + 1) * count]))
    }

    /// A crop of three planes of one size.
    package init(red: Plane, green: Plane, blue: Plane) {
        self.init(width: red.width, height: red.height, values: red.values + green.values + blue.values)
    }

    /// Gaussian blur of each channel with `sigma` in pixels (at most 42); edges repeat.
    package func blurred(sigma: Float) -> Crop {
        var result = Crop(width: width, height: height)
        blur(values, width, height, into: &result.values, planes: 3, sigma: sigma)
        return result
    }

    /// Bilinear change of size; pixel 0 stays on pixel 0, as in ``halved()``, others map by the ratio of sizes.
    package func resized(width: Int, height: Int) -> Crop {
        var result = Crop(width: width, height: height)
        resize(values, self.width, self.height, into: &result.values, width, height, planes: 3)
        return result
    }

    /// Half the size (rounded up) through the binomial filter 1 4 6 4 1.
    package func halved() -> Crop {
        var result = Crop(width: (width + 1) / 2, height: (height + 1) / 2)
        halve(values, width, height, into: &result.values, planes: 3)
        return result
    }

    /// The luma plane, BT.601 weights, 0…255.
    package var luma: Plane {
        let count = width * height
        var result = Plane(width: width, height: height)
        unsafe result.values.withUnsafeMutableBufferPointer { out in
            unsafe cpx_luma(values, Int32(count), out.baseAddress)
        }
        return result
    }

    /// The crop as a picture, rounded and clipped to 0…255.
    package var picture: Picture {
        let count = width * height
        var bytes = [UInt8](repeating: 0, count: 3 * count)
        for channel in 0..<3 {
            for i in 0..<count {
                bytes[3 * i + channel] = UInt8(min(max(values[channel * count + i] + 0.5, 0), 255))
            }
        }
        return Picture(width: width, height: height, channels: 3, bytes: bytes)
    }
}

extension PlaneStack {
    /// Gaussian blur of each plane with `sigma` in pixels (at most 42); edges repeat.
    package func blurred(sigma: Float) -> PlaneStack {
        var result = self
        blur(values, width, height, into: &result.values, planes: count, sigma: sigma)
        return result
    }
}

/// Calls `kernel` for each of `planes` planes lying one after the other, with a scratch buffer.
private func eachPlane(
    _ planes: Int, of values: [Float], count: Int, into result: inout [Float], count resultCount: Int, scratch: Int,
    _ kernel: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
) {
    precondition(values.count >= planes * count && result.count >= planes * resultCount)
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: scratch) { scratch in
        unsafe values.withUnsafeBufferPointer { source in
            unsafe result.withUnsafeMutableBufferPointer { out in
                guard let from = source.baseAddress, let to = out.baseAddress, let rest = scratch.baseAddress
                else { return }
                for plane in 0..<planes {
                    unsafe kernel(from + plane * count, to + plane * resultCount, rest)
                }
            }
        }
    }
}

private func blur(
    _ values: [Float], _ width: Int, _ height: Int, into result: inout [Float], planes: Int, sigma: Float
) {
    let count = width * height
    unsafe eachPlane(planes, of: values, count: count, into: &result, count: count, scratch: width + 256) {
        unsafe cpx_blur($0, $1, $2, Int32(width), Int32(height), sigma)
    }
}

private func resize(
    _ values: [Float], _ width: Int, _ height: Int, into result: inout [Float], _ newWidth: Int, _ newHeight: Int,
    planes: Int
) {
    unsafe eachPlane(
        planes, of: values, count: width * height, into: &result, count: newWidth * newHeight, scratch: width + 1
    ) {
        unsafe cpx_resize($0, Int32(width), Int32(height), $1, Int32(newWidth), Int32(newHeight), $2)
    }
}

private func halve(_ values: [Float], _ width: Int, _ height: Int, into result: inout [Float], planes: Int) {
    let half = ((width + 1) / 2) * ((height + 1) / 2)
    unsafe eachPlane(planes, of: values, count: width * height, into: &result, count: half, scratch: width + 4) {
        unsafe cpx_down2($0, Int32(width), Int32(height), $1, $2)
    }
}
