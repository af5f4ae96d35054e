// Decides which filters a decoded frame needs before it is worked on. Pure: the reader carries it out.

internal import CFFmpeg

/// What is known of a decoded frame when its way is planned.
struct FrameShape: Hashable {
    let width: Int
    let height: Int
    let format: Int32
    let isInterlaced: Bool
    let isHDR: Bool
    let isFullRange: Bool
    let hasMatrixTag: Bool
    let hasPrimariesTag: Bool
}

/// The filters that bring a decoded frame into the layout that is worked on and encoded.
struct ConversionPlan: Hashable {
    /// FFmpeg filters in order; empty when the decoder's planes are used as they are.
    var filters: [String] = []
    /// The layout that comes out.
    var layout: PlanarLayout
    /// Whether an odd last row or column is cut off.
    var cropsToEven = false
    /// Whether frames come out as BT.709 standard range whatever they were.
    var toneMaps = false
    /// Whether the pixels came from RGB, so that the colour tags are set anew.
    var fromRGB = false
    /// The clockwise degrees that were turned into the pixels.
    var turned = 0
    /// Sentences for the person, about what is not kept.
    var notes: [String] = []

    /// Plans for frames of `shape` from a file that says `info`, going to an encoder with `options` (nil: they are
    /// only looked at), turned `upright` or left as stored.
    init(_ shape: FrameShape, info: VideoInfo, options: EncodeOptions?, upright: Bool) {
        let nearest = PlanarLayout.nearest(shape.format)
        layout = nearest
        if let options {
            switch options.codec {
            case .h264: layout = .with(bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1)
            case .hevc, .vp9: layout = .with(bitDepth: nearest.bitDepth, chromaShiftX: 1, chromaShiftY: 1)
            case .gif: layout = nearest
            }
        }
        if shape.isInterlaced {
            filters.append("bwdif=mode=send_frame:parity=auto:deint=interlaced")
            notes.append("The video is interlaced: its fields were woven into whole frames.")
        }
        if shape.isHDR, let options, !options.codec.keepsTenBit {
            toneMaps = true
            let tags = [
                shape.hasPrimariesTag ? nil : "color_primaries=bt2020",
                shape.hasMatrixTag ? nil : "colorspace=bt2020nc",
            ].compactMap { $0 }
            if !tags.isEmpty { filters.append("setparams=" + tags.joined(separator: ":")) }
            filters += [
                "zscale=t=linear:npl=100", "format=gbrpf32le", "zscale=p=bt709", "tonemap=tonemap=hable:desat=0",
                "zscale=t=bt709:m=bt709:r=tv", "format=\(layout.name)",
            ]
            notes.append(
                "The video is HDR and \(options.codec.rawValue) output is not: it was tone-mapped to standard range "
                    + "(choose the codec hevc to keep HDR).")
        } else if let options, info.bitDepth > 8, layout.bitDepth == 8 {
            notes.append(
                "The video's \(info.bitDepth)-bit colour was dithered to 8 bits for \(options.codec.rawValue) "
                    + "(choose the codec hevc to keep 10 bits).")
        }
        if info.hasAlpha, info.codec != "gif" {
            notes.append("The video is partly transparent: transparency was dropped.")
        }
        if info.rotation != 0, upright || !(options?.container.holdsRotation ?? true) {
            turned = info.rotation
            filters.append(
                turned == 90 ? "transpose=clock" : turned == 270 ? "transpose=cclock" : "hflip,vflip")
        }
        planSize(shape, info: info, options: options)
        if !filters.isEmpty { filters.append("format=\(layout.name)") }
    }

    /// Adds what changes size and layout in one step.
    private mutating func planSize(_ shape: FrameShape, info: VideoInfo, options: EncodeOptions?) {
        fromRGB = PixelFacts(shape.format)?.isRGB ?? false
        var size = (width: shape.width, height: shape.height)
        if let scale = options?.scale {
            size = scale.apply(width: size.width, height: size.height, quarterTurned: info.rotation % 180 != 0)
        }
        let resizes = size != (shape.width, shape.height)
        if resizes || (!toneMaps && ConversionPlan.normalized(shape.format) != layout.format.rawValue) {
            let out = turned % 180 == 0 ? size : (width: size.height, height: size.width)
            let range = shape.isFullRange && !toneMaps && !fromRGB ? "pc" : "tv"
            filters.append(
                "scale=\(out.width):\(out.height):out_range=\(range)" + (fromRGB ? ":out_color_matrix=bt709" : "")
                    + ":flags=bicubic+accurate_rnd+full_chroma_int")
        }
        if let options, options.codec.needsEvenSides, size.width % 2 != 0 || size.height % 2 != 0, size.width > 1,
            size.height > 1
        {
            cropsToEven = true
            notes.append(
                "The \(options.codec.rawValue) encoder needs even sides: \(size.width)×\(size.height) was cut to "
                    + "\(size.width & ~1)×\(size.height & ~1).")
        }
    }

    /// The layout without the old full-range ("J") marks; the range is a tag of its own.
    static func normalized(_ format: Int32) -> Int32 {
        switch AVPixelFormat(rawValue: format) {
        case AV_PIX_FMT_YUVJ420P: AV_PIX_FMT_YUV420P.rawValue
        case AV_PIX_FMT_YUVJ422P: AV_PIX_FMT_YUV422P.rawValue
        case AV_PIX_FMT_YUVJ444P: AV_PIX_FMT_YUV444P.rawValue
        default: format
        }
    }
}
