// Blurs, changes of size and look-ups of planes and crops.

internal import CPixels

extension Plane {
    /// Gaussian blur with `sigma` in pixels (at most 42); edges repeat.
    package func blurred(sigma: Float) -> Plane {
        var result = Plane(width: width, height: height)
        Plane.blur(values, into: &result.values, width: width, height: height, planes: 1, sigma: sigma)
        return result
    }

    /// Bilinear change of size; pixel 0 stays on pixel 0, as in ``halved()``, others map by the ratio of sizes.
    package func resized(width: Int, height: Int) -> Plane {
        var result = Plane(width: width, height: height)
        unsafe result.values.withUnsafeMutableBufferPointer { out in
            unsafe cpx_resize(
                values, Int32(self.width), Int32(self.height), out.baseAddress, Int32(width), Int32(height))
        }
        return result
    }

    /// Half the size (rounded up) through the binomial filter 1 4 6 4 1.
    package func halved() -> Plane {
        var result = Plane(width: (width + 1) / 2, height: (height + 1) / 2)
        unsafe result.values.withUnsafeMutableBufferPointer { out in
            unsafe cpx_down2(values, Int32(width), Int32(height), out.baseAddress)
        }
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

    /// Blurs `planes` planes lying one after the other.
    static func blur(
        _ values: [Float], into result: inout [Float], width: Int, height: Int, planes: Int, sigma: Float
    ) {
        let count = width * height
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { scratch in
            unsafe values.withUnsafeBufferPointer { source in
                unsafe result.withUnsafeMutableBufferPointer { out in
                    guard let from = source.baseAddress, let to = out.baseAddress else { return }
                    for plane in 0..<planes {
                        unsafe cpx_blur(
                            from + plane * count, to + plane * count, scratch.baseAddress, Int32(width),
                            Int32(height), sigma)
                    }
                }
            }
        }
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
        Plane.blur(values, into: &result.values, width: width, height: height, planes: 3, sigma: sigma)
        return result
    }

    /// Bilinear change of size; pixel 0 stays on pixel 0, as in ``halved()``, others map by the ratio of sizes.
    package func resized(width: Int, height: Int) -> Crop {
        var result = Crop(width: width, height: height)
        let from = self.width * self.height, to = width * height
        unsafe values.withUnsafeBufferPointer { source in
            unsafe result.values.withUnsafeMutableBufferPointer { out in
                guard let source = source.baseAddress, let out = out.baseAddress else { return }
                for channel in 0..<3 {
                    unsafe cpx_resize(
                        source + channel * from, Int32(self.width), Int32(self.height), out + channel * to,
                        Int32(width), Int32(height))
                }
            }
        }
        return result
    }

    /// The luma plane, BT.601 weights, 0…255.
    package var luma: Plane {
        let count = width * height
        var result = Plane(width: width, height: height)
        for i in 0..<count {
            result.values[i] = 0.299 * values[i] + 0.587 * values[count + i] + 0.114 * values[2 * count + i]
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

extension Crop {
    /// Half the size (rounded up) through the binomial filter 1 4 6 4 1.
    package func halved() -> Crop {
        let (w, h) = ((width + 1) / 2, (height + 1) / 2)
        var result = Crop(width: w, height: h)
        let from = width * height
        unsafe values.withUnsafeBufferPointer { source in
            unsafe result.values.withUnsafeMutableBufferPointer { out in
                guard let source = source.baseAddress, let out = out.baseAddress else { return }
                for channel in 0..<3 {
                    unsafe cpx_down2(source + channel * from, Int32(width), Int32(height), out + channel * w * h)
                }
            }
        }
        return result
    }
}
