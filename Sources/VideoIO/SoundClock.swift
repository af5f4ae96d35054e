// Keeps the time of decoded sound from jumping.

internal import CFFmpeg

/// The timestamps of a stream of sound, moved so that time never jumps by more than seconds: a damaged clock must not be
/// filled up with hours of silence.
struct SoundClock {
    /// Seconds per tick of the stream.
    private let base: Rational
    private var expected: Int64?
    private var jump: Int64 = 0

    /// Starts a clock for a stream whose ticks last `base` seconds.
    init(base: Rational) { self.base = base }

    /// The timestamp of the next decoded frame.
    mutating func time(of f: UnsafeMutablePointer<AVFrame>) -> Int64 {
        let rate = unsafe Rational(1, max(1, f.pointee.sample_rate))
        let length = unsafe rate.rescale(Int64(f.pointee.nb_samples), to: base)
        let said = unsafe f.pointee.best_effort_timestamp
        var pts = said == MASQUE_NOPTS ? expected ?? 0 : said &+ jump
        if let expected, abs(base.seconds(pts &- expected)) > 5 {
            jump = jump &+ (expected &- pts)
            pts = expected
        }
        expected = pts &+ length
        return pts
    }
}

extension FilterEnd {
    /// The end that carries frames like this one; a layout that the file leaves open becomes the usual one.
    static func audio(like f: UnsafeMutablePointer<AVFrame>, timeBase: Rational) -> FilterEnd {
        let channels = unsafe f.pointee.ch_layout.nb_channels
        if unsafe f.pointee.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC {
            unsafe av_channel_layout_default(&f.pointee.ch_layout, channels)
        }
        var text = [CChar](repeating: 0, count: 128)
        _ = unsafe av_channel_layout_describe(&f.pointee.ch_layout, &text, text.count)
        let layout = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return unsafe .audio(
            rate: f.pointee.sample_rate, format: f.pointee.format, layout: layout, timeBase: timeBase)
    }
}
