// Turns a file's packets into decoded frames with sane timestamps, stepping over damage.

internal import CFFmpeg
internal import Errors

/// A frame on its way through the reader.
struct TimedFrame {
    let frame: OwnedFrame
    var layout: PlanarLayout
    /// Ticks of the stream's time base, or of `timeBase` after resampling; rising from frame to frame.
    var pts: Int64
    var duration: Int64
    var isKey: Bool
    var timeBase: Rational?
    /// The stored frame's own pts where `pts` is another, after resampling.
    var sourcePts: Int64?
}

/// Decodes one stream with as many threads as there are cores.
final class FrameDecoder {
    private(set) var demuxer: Demuxer
    /// The timestamp of the video's beginning.
    let origin: Int64
    private(set) var framesGiven = 0

    private let stream: Int
    private let info: VideoInfo
    private let limits: VideoLimits
    private let fast: Bool
    private let codec: OwnedCodec
    private let packet: OwnedPacket
    private let nominal: Int64
    private var draining = false
    private var stopped = false
    private var damagedPackets = 0
    private var damagedFrames = 0
    private var barren = 0
    private var lastPts: Int64?
    private var lastEnd: Int64 = .min
    private var missingTail = 0.0
    private var wasSeeked = false

    var name: String { demuxer.name }

    init(_ demuxer: Demuxer, stream: Int, info: VideoInfo, limits: VideoLimits, fast: Bool) throws(MasqueError) {
        self.demuxer = demuxer
        self.stream = stream
        self.info = info
        self.limits = limits
        self.fast = fast
        packet = try OwnedPacket()
        codec = try FrameDecoder.open(demuxer, stream: stream, info: info, limits: limits, fast: fast)
        nominal = max(1, info.timeBase.ticks(info.frameRate.isKnown ? info.frameRate.inverse.value : 0.04))
        let declared = unsafe demuxer.stream(stream)?.pointee.start_time ?? MASQUE_NOPTS
        let whole = unsafe demuxer.pointer.pointee.start_time
        // The container begins with its earliest stream; sound and picture keep their distance.
        if whole != MASQUE_NOPTS {
            origin = min(
                Rational(1, 1_000_000).rescale(whole, to: info.timeBase), declared == MASQUE_NOPTS ? .max : declared)
        } else {
            origin = declared == MASQUE_NOPTS ? 0 : declared
        }
    }

    private static func open(
        _ demuxer: Demuxer, stream: Int, info: VideoInfo, limits: VideoLimits, fast: Bool
    ) throws(MasqueError) -> OwnedCodec {
        guard let par = unsafe demuxer.stream(stream)?.pointee.codecpar,
            let decoder = unsafe avcodec_find_decoder(par.pointee.codec_id)
        else {
            throw MasqueError(
                .unsupportedMedia, "“\(demuxer.name)” is coded as \(info.codec), for which there is no decoder here.",
                advice: "Convert it to H.264 first.")
        }
        let codec = unsafe try OwnedCodec(decoder)
        let c = unsafe codec.pointer
        try LibAV.check(
            unsafe avcodec_parameters_to_context(c, par), .unsupportedMedia,
            "“\(demuxer.name)” has damaged codec parameters.")
        unsafe c.pointee.thread_count = 0
        unsafe c.pointee.thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE
        unsafe c.pointee.pkt_timebase = info.timeBase.av
        unsafe c.pointee.max_pixels = Int64(limits.pixels)
        if fast {
            unsafe c.pointee.skip_loop_filter = AVDISCARD_ALL
            unsafe c.pointee.flags2 |= AV_CODEC_FLAG2_FAST
        }
        try LibAV.check(
            unsafe avcodec_open2(c, decoder, nil), .unsupportedMedia,
            "“\(demuxer.name)” cannot be decoded: its \(info.codec) parameters are damaged or unusual.")
        return codec
    }

    var warnings: [String] {
        var all: [String] = []
        if damagedPackets > 0 {
            all.append(
                damagedPackets == 1
                    ? "One damaged packet was skipped." : "\(damagedPackets) damaged packets were skipped.")
        }
        if damagedFrames > 0 {
            all.append(damagedFrames == 1 ? "One frame shows damage." : "\(damagedFrames) frames show damage.")
        }
        if missingTail > 0 {
            let end = max(0, info.timeBase.seconds(lastEnd &- origin))
            all.append(
                "The video breaks off at \(tenths(end)) s although it promises \(tenths(info.duration)) s; "
                    + "what could be decoded is kept.")
        }
        return all
    }

    private func tenths(_ seconds: Double) -> String { String((seconds * 10).rounded() / 10) }

    /// The next frame in display order with a rising timestamp; nil at the end.
    func next() throws(MasqueError) -> TimedFrame? {
        while !stopped {
            let frame = try OwnedFrame()
            let code = unsafe avcodec_receive_frame(codec.pointer, frame.pointer)
            if code == 0 {
                barren = 0
                if let timed = try take(frame) { return timed }
                continue
            }
            if code == MASQUE_EOF { break }
            if code != MASQUE_EAGAIN { damagedPackets += 1 }
            barren += 1
            if barren > VideoLimits.barrenPackets || (draining && code != MASQUE_EAGAIN && barren > 64) { break }
            feed()
        }
        if !stopped { finish() }
        stopped = true
        return nil
    }

    private func feed() {
        while !draining {
            let (more, damaged) = demuxer.read(packet)
            guard more else {
                if damaged { damagedPackets += 1 }
                draining = true
                _ = unsafe avcodec_send_packet(codec.pointer, nil)
                return
            }
            if unsafe Int(packet.pointer.pointee.stream_index) != stream { continue }
            let code = unsafe avcodec_send_packet(codec.pointer, packet.pointer)
            packet.clear()
            if code < 0, code != MASQUE_EAGAIN { damagedPackets += 1 }
            return
        }
    }

    /// Gives a decoded frame its place in time; nil drops it.
    private func take(_ frame: OwnedFrame) throws(MasqueError) -> TimedFrame? {
        let f = unsafe frame.pointer
        guard unsafe f.pointee.width > 0, unsafe f.pointee.height > 0 else { return nil }
        if unsafe f.pointee.decode_error_flags != 0 || f.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 {
            damagedFrames += 1
        }
        var duration = unsafe f.pointee.pkt_duration
        if duration <= 0 || duration > info.timeBase.ticks(limits.duration) { duration = nominal }
        var pts = unsafe f.pointee.best_effort_timestamp
        if pts == MASQUE_NOPTS { pts = lastPts.map { $0 &+ duration } ?? origin }
        if let last = lastPts, pts <= last {
            // Two frames at one time: the later one moves a tick, unless time itself jumped back.
            pts = pts == last || last &- pts < nominal ? last &+ 1 : last &+ duration
        }
        guard info.timeBase.seconds(pts &- origin) <= limits.duration else {
            if framesGiven > 0, info.duration > 0 {
                damagedFrames += 1
                return nil
            }
            throw MasqueError(.tooLarge, "“\(name)” is longer than the limit of \(Int(limits.duration)) s.")
        }
        lastPts = pts
        lastEnd = pts &+ duration
        framesGiven += 1
        let isKey = unsafe f.pointee.key_frame != 0
        unsafe f.pointee.pts = pts
        unsafe f.pointee.pict_type = AV_PICTURE_TYPE_NONE
        let old = unsafe f.pointee.format
        let format = ConversionPlan.normalized(old)
        if format != old {
            unsafe f.pointee.format = format
            unsafe f.pointee.color_range = AVCOL_RANGE_JPEG
        }
        return TimedFrame(
            frame: frame, layout: .nearest(format), pts: pts, duration: duration, isKey: isKey, timeBase: nil)
    }

    private func finish() {
        guard framesGiven > 0, !wasSeeked || lastEnd != .min, info.duration > 0 else { return }
        let missing = info.duration - info.timeBase.seconds(lastEnd &- origin)
        if missing > max(0.5, 3 * info.timeBase.seconds(nominal)), info.container != "gif" { missingTail = missing }
    }

    /// Goes to a key frame at or before `ticks`, or to the beginning when the file cannot be searched.
    func seek(to ticks: Int64) throws(MasqueError) {
        wasSeeked = true
        var back: Int64 = 0
        let second = max(1, info.timeBase.ticks(1))
        while true {
            let target = ticks &- back &* second
            if back > 60 || target <= origin { return try rewind() }
            if try jump(to: target), try landsBefore(ticks) {
                _ = try jump(to: target)
                return
            }
            back = back == 0 ? 2 : back * 3
        }
    }

    /// Whether the first frame decoded after a jump is not later than `ticks`.
    private func landsBefore(_ ticks: Int64) throws(MasqueError) -> Bool {
        defer { framesGiven -= 1 }
        guard let first = try next() else {
            framesGiven += 1
            return false
        }
        return first.pts <= ticks
    }

    private func jump(to ticks: Int64) throws(MasqueError) -> Bool {
        let code = unsafe av_seek_frame(demuxer.pointer, Int32(stream), ticks, AVSEEK_FLAG_BACKWARD)
        restart()
        return code >= 0
    }

    /// Opens the file again: every format can be read from its beginning, but not every one can go back to it.
    private func rewind() throws(MasqueError) {
        demuxer = try Demuxer(path: demuxer.path)
        demuxer.select { $0 == stream }
        restart()
    }

    private func restart() {
        unsafe avcodec_flush_buffers(codec.pointer)
        draining = false
        stopped = false
        barren = 0
        lastPts = nil
    }
}
