// Fills a VideoInfo from an open file.

internal import CFFmpeg
internal import Foundation

extension VideoInfo {
    /// Reads what `demuxer` knows of its picture stream number `index`; nil when there is no such stream.
    init?(_ demuxer: Demuxer, stream index: Int) {
        guard let stream = unsafe demuxer.stream(index)?.pointee, let par = unsafe stream.codecpar?.pointee else {
            return nil
        }
        let format = unsafe demuxer.pointer.pointee
        container = unsafe String(LibAV.name(format.iformat.pointee.name).prefix { $0 != "," })
        codec = unsafe LibAV.name(avcodec_get_name(par.codec_id))
        width = unsafe Int(par.width)
        height = unsafe Int(par.height)
        rotation = unsafe VideoInfo.rotation(stream)
        let aspect = unsafe Rational(
            stream.sample_aspect_ratio.num > 0 ? stream.sample_aspect_ratio : par.sample_aspect_ratio)
        pixelAspect = aspect.isKnown ? aspect : Rational(1, 1)
        frameRate = unsafe Rational(stream.avg_frame_rate)
        baseFrameRate = unsafe Rational(stream.r_frame_rate)
        timeBase = unsafe Rational(stream.time_base)
        var seconds = 0.0
        if unsafe stream.duration > 0 {
            seconds = unsafe timeBase.seconds(stream.duration)
        } else if unsafe format.duration > 0 {
            seconds = unsafe Double(format.duration) / 1e6
        }
        duration = seconds
        let listed = unsafe Int(clamping: stream.nb_frames)
        frameCountEstimate =
            listed > 0 ? listed : Int(max(0, min(1e12, (seconds * frameRate.value).rounded())))
        let facts = unsafe PixelFacts(par.format)
        pixelFormat = facts?.name ?? "unknown"
        bitDepth = facts?.bitDepth ?? 8
        primaries = unsafe LibAV.name(av_color_primaries_name(par.color_primaries))
        transfer = unsafe LibAV.name(av_color_transfer_name(par.color_trc))
        matrix = unsafe LibAV.name(av_color_space_name(par.color_space))
        fullRange = unsafe par.color_range == AVCOL_RANGE_JPEG
        isInterlaced =
            unsafe par.field_order != AV_FIELD_UNKNOWN && par.field_order != AV_FIELD_PROGRESSIVE
        hasAlpha = unsafe facts?.hasAlpha == true || LibAV.value("alpha_mode", in: stream.metadata) == "1"
        audio = VideoInfo.companions(demuxer, AVMEDIA_TYPE_AUDIO)
        subtitles = VideoInfo.companions(demuxer, AVMEDIA_TYPE_SUBTITLE)
    }

    /// Clockwise degrees of the display matrix, to the nearest quarter turn.
    static func rotation(_ stream: AVStream) -> Int {
        var copy = unsafe stream
        var size = 0
        guard let data = unsafe av_stream_get_side_data(&copy, AV_PKT_DATA_DISPLAYMATRIX, &size), size >= 36 else {
            return 0
        }
        let angle = unsafe data.withMemoryRebound(to: Int32.self, capacity: 9) { unsafe av_display_rotation_get($0) }
        guard angle.isFinite else { return 0 }
        let quarters = Int((-angle / 90).rounded())
        return ((quarters % 4) + 4) % 4 * 90
    }

    private static func companions(_ demuxer: Demuxer, _ kind: AVMediaType) -> [StreamInfo] {
        (0..<demuxer.streamCount).compactMap { i in
            guard demuxer.kind(i) == kind, let stream = unsafe demuxer.stream(i),
                let par = unsafe stream.pointee.codecpar
            else { return nil }
            return unsafe StreamInfo(
                codec: LibAV.name(avcodec_get_name(par.pointee.codec_id)),
                language: LibAV.value("language", in: stream.pointee.metadata),
                sampleRate: Int(par.pointee.sample_rate), channels: Int(par.pointee.ch_layout.nb_channels))
        }
    }
}
