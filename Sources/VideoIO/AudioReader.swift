// Reads a media file's sound as samples.

internal import CFFmpeg
package import Errors

/// Decodes the best stream of sound of any media file into 32-bit float samples at one rate, piece by piece, with all
/// channels averaged, or as left and right by turns. Not safe to share.
///
/// Sample 0 is the file's own beginning: sound that starts later than the picture starts with silence, and gaps are
/// filled with it. Damaged packets are skipped.
package final class AudioReader {
    /// Samples a second that come out.
    package let rate: Int
    /// 1, or 2 with left and right by turns.
    package let channels: Int
    /// The container as FFmpeg calls it, such as `wav`.
    package let container: String
    /// Seconds, as the file promises; nil where it does not say.
    package let duration: Double?
    private let demuxer: Demuxer
    private let stream: Int
    private let decoder: OwnedCodec
    private let packet: OwnedPacket
    private let base: Rational
    private let start: Int64
    private let limit: Double
    private var clock: SoundClock
    private var graph: (chain: FilterGraph, end: FilterEnd)?
    /// What a chain still held when the sound's format changed.
    private var held: [OwnedFrame] = []
    private var read = 0
    private var isDraining = false

    /// Opens the sound of the file at `path`.
    ///
    /// - Parameters:
    ///   - rate: samples a second, 1…192 000.
    ///   - channels: 1 or 2; sound of one channel comes as two alike.
    ///   - limit: seconds beyond which ``next()`` refuses the file.
    /// - Throws: ``MasqueError/Code/badInput`` when there is no such file, ``MasqueError/Code/unsupportedMedia`` when it is
    ///   no media file, holds no sound, or sound that cannot be decoded; ``MasqueError/Code/tooLarge`` when it says that
    ///   it is longer than the limit.
    package init(path: String, rate: Int = 16000, channels: Int = 1, limit: Double = VideoLimits().duration)
        throws(MasqueError)
    {
        demuxer = try Demuxer(path: path, isSound: true)
        packet = try OwnedPacket()
        self.rate = min(max(rate, 1), 192_000)
        self.channels = channels == 2 ? 2 : 1
        self.limit = limit
        let name = demuxer.name
        stream = unsafe Int(av_find_best_stream(demuxer.pointer, AVMEDIA_TYPE_AUDIO, -1, -1, nil, 0))
        guard stream >= 0, let found = unsafe demuxer.stream(stream), let par = unsafe found.pointee.codecpar else {
            throw MasqueError(
                .unsupportedMedia, "“\(name)” holds no sound.", advice: "Give a recording, or a video with sound.")
        }
        let codec = unsafe LibAV.name(avcodec_get_name(par.pointee.codec_id))
        let refusal = "The \(codec) sound of “\(name)” cannot be decoded."
        let advice = "Give the sound as wav, mp3, flac or aac."
        guard let decoding = unsafe avcodec_find_decoder(par.pointee.codec_id) else {
            throw MasqueError(.unsupportedMedia, refusal, advice: advice)
        }
        decoder = unsafe try OwnedCodec(decoding)
        base = unsafe Rational(found.pointee.time_base)
        clock = SoundClock(base: base)
        var code = unsafe avcodec_parameters_to_context(decoder.pointer, par)
        unsafe decoder.pointer.pointee.pkt_timebase = found.pointee.time_base
        if code >= 0 { code = unsafe avcodec_open2(decoder.pointer, decoding, nil) }
        try LibAV.check(code, .unsupportedMedia, refusal, advice: advice)
        let begin = unsafe demuxer.pointer.pointee.start_time
        start = begin == MASQUE_NOPTS ? 0 : Rational(1, 1_000_000).rescale(begin, to: base)
        container = unsafe String(
            LibAV.name(demuxer.pointer.pointee.iformat?.pointee.name, "sound").prefix { $0 != "," })
        let length = unsafe demuxer.pointer.pointee.duration
        duration = length == MASQUE_NOPTS ? nil : Double(length) / 1e6
        if length != MASQUE_NOPTS, Double(length) / 1e6 > limit { throw tooLong }
        demuxer.select { $0 == stream }
    }

    /// The next samples, ``channels`` values each, or nil at the end. Pieces are small: some thousand samples.
    ///
    /// - Throws: ``MasqueError/Code/tooLarge`` when the sound goes on beyond the limit, ``MasqueError/Code/failed`` when
    ///   it cannot be converted.
    package func next() throws(MasqueError) -> [Float]? {
        while true {
            if let frame = try held.isEmpty ? graph?.chain.pull() : held.removeFirst() {
                let count = unsafe Int(frame.pointer.pointee.nb_samples)
                read += count
                if Double(read) / Double(rate) > limit { throw tooLong }
                let given = unsafe Int(frame.pointer.pointee.ch_layout.nb_channels)
                guard count > 0, given > 0, let bytes = unsafe frame.pointer.pointee.data.0 else { continue }
                return unsafe bytes.withMemoryRebound(to: Float.self, capacity: count * given) { samples in
                    if given == channels {
                        return unsafe [Float](UnsafeBufferPointer(start: samples, count: count * given))
                    }
                    return (0..<count).map { place in
                        (0..<given).reduce(Float(0)) { unsafe $0 + samples[place * given + $1] } / Float(given)
                    }
                }
            }
            if isDraining { return nil }
            try feed()
        }
    }

    /// All samples at once.
    ///
    /// - Throws: as ``next()``.
    package func all() throws(MasqueError) -> [Float] {
        var samples: [Float] = []
        while let piece = try next() { samples += piece }
        return samples
    }

    /// Decodes one packet and hands what comes of it to the converter.
    private func feed() throws(MasqueError) {
        if demuxer.read(packet).more {
            guard unsafe Int(packet.pointer.pointee.stream_index) == stream else { return }
            _ = unsafe avcodec_send_packet(decoder.pointer, packet.pointer)
        } else {
            isDraining = true
            _ = unsafe avcodec_send_packet(decoder.pointer, nil)
        }
        while true {
            let frame = try OwnedFrame()
            guard unsafe avcodec_receive_frame(decoder.pointer, frame.pointer) == 0 else { break }
            let time = unsafe clock.time(of: frame.pointer) &- start
            if base.seconds(time) > limit { throw tooLong }
            unsafe frame.pointer.pointee.pts = time
            try converter(for: frame).push(frame)
        }
        if isDraining { try graph?.chain.push(nil) }
    }

    private func converter(for frame: OwnedFrame) throws(MasqueError) -> FilterGraph {
        let end = unsafe FilterEnd.audio(like: frame.pointer, timeBase: base)
        if let graph, graph.end == end { return graph.chain }
        var done = read + held.reduce(0) { unsafe $0 + Int($1.pointer.pointee.nb_samples) }
        if let old = graph?.chain {
            try old.push(nil)
            while let frame = try old.pull() {
                unsafe done += Int(frame.pointer.pointee.nb_samples)
                held.append(frame)
            }
        }
        let made = try FilterGraph(
            "aresample=\(rate):async=1:first_pts=\(done),"
                + "aformat=sample_fmts=flt:sample_rates=\(rate):channel_layouts=\(channels == 2 ? "stereo" : "mono|stereo")",
            input: end)
        graph = (made, end)
        return made
    }

    private var tooLong: MasqueError {
        MasqueError(
            .tooLarge, "The sound of “\(demuxer.name)” is longer than \(Int(limit)) seconds.",
            advice: "Cut it to the part that is needed.")
    }
}
