// Encodes frames into packets of one codec.

internal import CFFmpeg
internal import Errors

/// An encoder, opened for the first frame's size, layout and colour.
///
/// Frames at an even rate are counted for the encoder, so that it writes that rate into the stream, and their own
/// times are put back on the packets: they stay exact even where a container's clock made them a little uneven.
/// Frames at uneven times are given to the encoder with their times.
final class FrameEncoder {
    let codec: OwnedCodec
    let timeBase: Rational
    private let packet: OwnedPacket
    /// Time and duration of the frames inside the encoder, by what the encoder knows as their pts.
    private var inside: [Int64: (pts: Int64, duration: Int64)] = [:]
    private let counts: Bool
    private var counter: Int64 = 0
    private var first: Int64 = 0
    private let nominal: Int64

    /// Opens the encoder that `options` name for frames like `first`, counted in ticks of `timeBase`.
    ///
    /// - Throws: ``MasqueError/Code/unsupportedMedia`` when the encoder does not take this size or layout.
    init(
        _ options: EncodeOptions, like first: OwnedFrame, timeBase: Rational, rate: Rational, isVariable: Bool,
        globalHeader: Bool
    ) throws(MasqueError) {
        self.timeBase = timeBase
        counts = !isVariable && rate.isKnown && rate.value <= 240 && options.codec != .gif
        nominal = max(1, timeBase.ticks(rate.isKnown ? rate.inverse.value : 0.04))
        packet = try OwnedPacket()
        guard let encoder = unsafe avcodec_find_encoder_by_name(options.codec.encoder) else {
            throw MasqueError(
                .failed, "FFmpeg here has no \(options.codec.encoder) encoder.", advice: "Run scripts/setup again.")
        }
        codec = unsafe try OwnedCodec(encoder)
        let c = unsafe codec.pointer, f = unsafe first.pointer
        let size = unsafe (width: f.pointee.width, height: f.pointee.height)
        unsafe c.pointee.width = size.width
        unsafe c.pointee.height = size.height
        unsafe c.pointee.pix_fmt = AVPixelFormat(rawValue: f.pointee.format)
        unsafe c.pointee.time_base = counts ? rate.inverse.av : timeBase.av
        if rate.isKnown { unsafe c.pointee.framerate = rate.av }
        unsafe c.pointee.sample_aspect_ratio = f.pointee.sample_aspect_ratio
        unsafe c.pointee.color_range = f.pointee.color_range
        unsafe c.pointee.color_primaries = f.pointee.color_primaries
        unsafe c.pointee.color_trc = f.pointee.color_trc
        unsafe c.pointee.colorspace = f.pointee.colorspace
        unsafe c.pointee.chroma_sample_location = f.pointee.chroma_location
        unsafe c.pointee.field_order = AV_FIELD_PROGRESSIVE
        if globalHeader { unsafe c.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        if options.codec == .hevc, options.container.isQuickTime {
            unsafe c.pointee.codec_tag = 0x3163_7668  // "hvc1", the tag that Apple's players want
        }
        if options.codec == .h264, let bitRate = options.bitRate {
            unsafe c.pointee.bit_rate = Int64(bitRate)
            unsafe c.pointee.rc_max_rate = 2 * Int64(bitRate)
            unsafe c.pointee.rc_buffer_size = Int32(clamping: 4 * bitRate)
        }
        if options.codec == .vp9 {
            unsafe c.pointee.bit_rate = 0
            unsafe c.pointee.thread_count = av_cpu_count()
        }
        let settings = OwnedDictionary(FrameEncoder.settings(options))
        // libvpx keeps alpha in a stream of its own, which must have the same frames.
        if unsafe f.pointee.format == AV_PIX_FMT_YUVA420P.rawValue { settings.set("auto-alt-ref", "0") }
        try LibAV.check(
            unsafe avcodec_open2(c, encoder, &settings.pointer), .unsupportedMedia,
            "The \(options.codec.rawValue) encoder cannot take frames of \(size.width)×\(size.height) pixels.",
            advice: "Choose another size or codec.")
    }

    /// The encoder's private settings.
    static func settings(_ options: EncodeOptions) -> KeyValuePairs<String, String> {
        switch options.codec {
        case .h264 where options.bitRate != nil: ["preset": options.preset.rawValue]
        case .h264: ["preset": options.preset.rawValue, "crf": String(options.rateFactor)]
        case .hevc:
            [
                "preset": options.preset.rawValue, "crf": String(options.rateFactor),
                "x265-params": "log-level=none",
            ]
        case .vp9:
            [
                // libvpx knows speeds above 5 only in its real-time mode.
                "deadline": options.preset.vp9Speed > 5 ? "realtime" : "good", "crf": String(options.rateFactor),
                "cpu-used": String(options.preset.vp9Speed), "row-mt": "1", "tile-columns": "2",
                "lag-in-frames": "16",
            ]
        case .gif: [:]
        }
    }

    /// Puts the frame's own times on the packet that came out.
    private func restoreTimes() {
        let p = unsafe packet.pointer
        let key = unsafe p.pointee.pts
        unsafe p.pointee.duration = inside[key]?.duration ?? nominal
        guard counts else {
            inside[key] = nil
            return
        }
        // Decoding times are the frames' times in order, some frames late; so they rise and never pass their pts.
        let order = unsafe p.pointee.dts
        unsafe p.pointee.pts = inside[key]?.pts ?? first &+ key &* nominal
        unsafe p.pointee.dts = order < 0 ? first &+ order &* nominal : inside[order]?.pts ?? first &+ order &* nominal
        inside[order] = nil
    }

    /// Encodes a frame (nil: the end) and hands each finished packet to `give`, which empties it. Packets carry
    /// their duration, which muxers need for the last one.
    func encode(
        _ frame: OwnedFrame?, duration: Int64 = 0, give: (OwnedPacket) throws(MasqueError) -> Void
    ) throws(MasqueError) {
        if let frame {
            let pts = unsafe frame.pointer.pointee.pts
            if counter == 0 { first = pts }
            let key = counts ? counter : pts
            inside[key] = (pts, duration)
            unsafe frame.pointer.pointee.pts = key
            counter += 1
        }
        let sent = unsafe avcodec_send_frame(codec.pointer, frame?.pointer)
        if !(frame == nil && sent == MASQUE_EOF) { try LibAV.check(sent, .failed, "A frame could not be encoded.") }
        while true {
            let code = unsafe avcodec_receive_packet(codec.pointer, packet.pointer)
            if code == MASQUE_EAGAIN || code == MASQUE_EOF { return }
            try LibAV.check(code, .failed, "A frame could not be encoded.")
            restoreTimes()
            try give(packet)
        }
    }
}
