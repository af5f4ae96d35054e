// What FFmpeg's table says about a pixel layout.

internal import CFFmpeg

/// A pixel layout's facts, copied out of FFmpeg's table.
struct PixelFacts {
    let name: String
    let bitDepth: Int
    let components: Int
    let chromaShiftX: Int
    let chromaShiftY: Int
    let isRGB: Bool
    let hasAlpha: Bool

    /// The facts of a format number; nil for an unknown one.
    init?(_ format: Int32) {
        guard let d = unsafe av_pix_fmt_desc_get(AVPixelFormat(rawValue: format)) else { return nil }
        name = unsafe LibAV.name(d.pointee.name)
        bitDepth = unsafe Int(d.pointee.comp.0.depth)
        components = unsafe Int(d.pointee.nb_components)
        chromaShiftX = unsafe Int(d.pointee.log2_chroma_w)
        chromaShiftY = unsafe Int(d.pointee.log2_chroma_h)
        let flags = unsafe d.pointee.flags
        isRGB = flags & UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL) != 0
        hasAlpha = flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0
    }
}
