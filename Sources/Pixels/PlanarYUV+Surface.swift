// Sampling crops from a video frame's planes and pasting them back.

internal import CPixels

extension PlanarYUV: Surface {
    private var kernelFrame: cpx_yuv {
        unsafe cpx_yuv(
            y: y, u: u, v: v, width: Int32(width), height: Int32(height), y_stride: Int32(yStride),
            uv_stride: Int32(uvStride), depth: Int32(bitDepth), shift_x: Int32(chromaShiftX),
            shift_y: Int32(chromaShiftY), sited_left: chromaSitedLeft, full_range: color.fullRange,
            kr: color.redWeight, kb: color.blueWeight)
    }

    package func sample(_ transform: Affine, width: Int, height: Int, outsideIsBlack: Bool) -> Crop {
        var crop = Crop(width: width, height: height)
        var frame = unsafe kernelFrame
        unsafe crop.values.withUnsafeMutableBufferPointer { out in
            unsafe cpx_sample_yuv(
                &frame, transform.coefficients, out.baseAddress, Int32(width), Int32(height), outsideIsBlack)
        }
        return crop
    }

    package mutating func paste(_ crop: Crop, mask: Plane, through transform: Affine) {
        precondition(crop.width == mask.width && crop.height == mask.height)
        let box = transform.bounds(cropWidth: crop.width, cropHeight: crop.height, width: width, height: height)
        var frame = unsafe kernelFrame
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: crop.width * crop.height) { scratch in
            unsafe cpx_paste_yuv(
                &frame, crop.values, mask.values, Int32(crop.width), Int32(crop.height),
                transform.inverse.coefficients, Int32(box.x0), Int32(box.y0), Int32(box.x1), Int32(box.y1),
                scratch.baseAddress)
        }
    }
}
