// Video frames made of pictures that took their place.

internal import CFFmpeg
package import Errors
package import Pixels

extension VideoFrame {
    /// Whether the frame carries transparency.
    package var hasAlpha: Bool { unsafe frame.pointer.pointee.format == AV_PIX_FMT_YUVA420P.rawValue }

    /// A frame of this one's time and colours that shows a picture, in 8-bit 4:2:0.
    ///
    /// - Parameters:
    ///   - picture: R, G, B; with an alpha channel the frame is transparent too when `keepsAlpha`, and otherwise shows
    ///     the picture over white.
    ///   - size: of the shown frame; `nil` is the picture's. Sides become even.
    ///   - rotation: how far, in degrees clockwise, ``picture(longest:rotation:)`` turned what this was made of.
    /// - Throws: ``MasqueError`` when there is no memory for it.
    package func redrawn(
        as picture: Picture, size: (width: Int, height: Int)? = nil, rotation: Int = 0, keepsAlpha: Bool = false
    ) throws(MasqueError) -> VideoFrame {
        let isTransparent = picture.channels == 4 && keepsAlpha
        let solid = picture.channels == 4 && !keepsAlpha ? picture.laid(on: 255) : picture
        let wanted = size ?? (picture.width, picture.height)
        func even(_ side: Int) -> Int { max(2, side & ~1) }
        let (width, height) = (even(wanted.width), even(wanted.height))
        let isSmaller = width < picture.width || height < picture.height
        let relation = unsafe FrameColor.relation(frame.pointer)
        let layout = isTransparent ? PlanarLayout.transparent : PlanarLayout.all[0]
        var filters = "scale=\(width):\(height):flags=\(isSmaller ? "area" : "lanczos")+accurate_rnd+full_chroma_int"
        filters += ":out_color_matrix=\(Self.matrix(relation)):out_range=\(relation.fullRange ? "pc" : "tv")"
        filters += ",format=\(layout.name)"
        switch ((rotation % 360) + 360) % 360 {
        case 90: filters += ",transpose=cclock"
        case 180: filters += ",hflip,vflip"
        case 270: filters += ",transpose=clock"
        default: break
        }
        let made = try FilteredPicture.filtered(OwnedFrame(picture: solid), filters)
        let f = unsafe made.pointer, own = unsafe frame.pointer
        // Of another size, an untagged frame may count as of another matrix.
        let isTagged = unsafe own.pointee.colorspace != AVCOL_SPC_UNSPECIFIED
        unsafe f.pointee.colorspace = isTagged ? own.pointee.colorspace : Self.space(relation)
        unsafe f.pointee.color_primaries = own.pointee.color_primaries
        unsafe f.pointee.color_trc = own.pointee.color_trc
        unsafe f.pointee.color_range = relation.fullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
        unsafe f.pointee.chroma_location = AVCHROMA_LOC_LEFT
        unsafe f.pointee.sample_aspect_ratio = own.pointee.sample_aspect_ratio
        return VideoFrame(
            made, layout: layout, pts: pts, duration: duration, timeBase: timeBase, isKey: isKey, index: index,
            sourcePts: sourcePts)
    }

    private static func matrix(_ relation: YUVColor) -> String {
        if relation == .bt709(fullRange: relation.fullRange) { return "bt709" }
        if relation == .bt2020(fullRange: relation.fullRange) { return "bt2020" }
        if relation == .bt601(fullRange: relation.fullRange) { return "bt601" }
        return relation.redWeight > 0.25 ? "fcc" : "smpte240m"
    }

    private static func space(_ relation: YUVColor) -> AVColorSpace {
        relation == .bt709(fullRange: relation.fullRange) ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M
    }
}

extension PlanarLayout {
    /// 8-bit 4:2:0 with a plane of alpha.
    static let transparent = PlanarLayout(
        format: AV_PIX_FMT_YUVA420P, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1)
}
