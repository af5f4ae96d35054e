// Sampling crops from a picture and pasting them back.

internal import CPixels

extension Affine {
    /// The six coefficients in the kernels' order.
    var coefficients: [Float] { [a, b, tx, c, d, ty] }

    /// The frame pixels that a crop of this transform can touch, cut to a frame: x0, y0 included, x1, y1 not.
    func bounds(cropWidth: Int, cropHeight: Int, width: Int, height: Int) -> (x0: Int, y0: Int, x1: Int, y1: Int) {
        let right = Float(cropWidth - 1), bottom = Float(cropHeight - 1)
        let corners = [Point(0, 0), Point(right, 0), Point(0, bottom), Point(right, bottom)].map { self($0) }
        let box = Box(around: corners)
        func cut(_ value: Float, _ limit: Int) -> Int { value.isFinite ? Int(max(0, min(Float(limit), value))) : 0 }
        return (
            cut(box.x.rounded(.down), width), cut(box.y.rounded(.down), height),
            cut((box.x + box.width).rounded(.up) + 1, width), cut((box.y + box.height).rounded(.up) + 1, height)
        )
    }
}

extension Picture: Surface {
    package func sample(_ transform: Affine, width: Int, height: Int, outsideIsBlack: Bool) -> Crop {
        var crop = Crop(width: width, height: height)
        unsafe crop.values.withUnsafeMutableBufferPointer { out in
            unsafe bytes.withUnsafeBufferPointer { pixels in
                unsafe cpx_sample_rgb8(
                    pixels.baseAddress, Int32(self.width), Int32(self.height), Int32(channels),
                    transform.coefficients, out.baseAddress, Int32(width), Int32(height), outsideIsBlack)
            }
        }
        return crop
    }

    package mutating func paste(_ crop: Crop, mask: Plane, through transform: Affine) {
        precondition(crop.width == mask.width && crop.height == mask.height)
        let (width, height, channels) = (self.width, self.height, self.channels)
        let box = transform.bounds(cropWidth: crop.width, cropHeight: crop.height, width: width, height: height)
        unsafe bytes.withUnsafeMutableBufferPointer { pixels in
            unsafe cpx_paste_rgb8(
                pixels.baseAddress, Int32(width), Int32(height), Int32(channels), crop.values, mask.values,
                Int32(crop.width), Int32(crop.height), transform.inverse.coefficients, Int32(box.x0), Int32(box.y0),
                Int32(box.x1), Int32(box.y1))
        }
    }
}
