// Frames made from nothing, for videos that are drawn rather than decoded.

internal import CFFmpeg
package import Errors
internal import Pixels

extension VideoFrame {
    /// Makes a black 8-bit 4:2:0 frame in BT.709 standard range, shown from `index` to `index + 1` at `rate`.
    ///
    /// - Parameters:
    ///   - width: Columns, even and at least 2.
    ///   - height: Rows, even and at least 2.
    ///   - rate: Frames a second.
    /// - Throws: ``MasqueError/Code/badInput`` for an odd or absurd size or rate.
    package static func blank(width: Int, height: Int, index: Int, rate: Rational) throws(MasqueError) -> VideoFrame {
        guard (2...16384).contains(width), (2...16384).contains(height), width % 2 == 0, height % 2 == 0, rate.isKnown
        else { throw MasqueError(.badInput, "No video frame can be \(width)×\(height) at \(rate) frames a second.") }
        let frame = try OwnedFrame()
        let f = unsafe frame.pointer
        let layout = PlanarLayout.all[0]
        unsafe f.pointee.width = Int32(width)
        unsafe f.pointee.height = Int32(height)
        unsafe f.pointee.format = layout.format.rawValue
        unsafe f.pointee.colorspace = AVCOL_SPC_BT709
        unsafe f.pointee.color_primaries = AVCOL_PRI_BT709
        unsafe f.pointee.color_trc = AVCOL_TRC_BT709
        unsafe f.pointee.color_range = AVCOL_RANGE_MPEG
        unsafe f.pointee.chroma_location = AVCHROMA_LOC_LEFT
        unsafe f.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        try LibAV.check(unsafe av_frame_get_buffer(f, 0), .failed, "There was not enough memory for a video frame.")
        let made = VideoFrame(
            frame, layout: layout, pts: Int64(index), duration: 1, timeBase: rate.inverse, isKey: false, index: index)
        made.withPlanes { planes in
            for row in 0..<height {
                unsafe (planes.y + row * planes.yStride).update(repeating: 16, count: width)
            }
            for row in 0..<height / 2 {
                unsafe (planes.u + row * planes.uvStride).update(repeating: 128, count: width / 2)
                unsafe (planes.v + row * planes.uvStride).update(repeating: 128, count: width / 2)
            }
        }
        return made
    }
}
