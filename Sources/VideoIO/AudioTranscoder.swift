// Converts sound that the output container cannot hold as it is.

internal import CFFmpeg
internal import Errors

/// Decodes, resamples and encodes one stream of sound, packet by packet.
final class AudioTranscoder {
    /// Seconds per tick of the packets that come out.
    let timeBase: Rational
    private let decoder: OwnedCodec
    private let encoder: OwnedCodec
    private let inputBase: Rational
    private let packet: OwnedPacket
    private let frameSize: Int32
    private var graph: FilterGraph?
    private var firstSample: Int64?
    private var samplesSent: Int64 = 0
    private var clock: SoundClock

    /// Opens a converter for `stream` to "opus" or "aac", 48 kHz, at most two channels.
    ///
    /// - Parameter bitRate: bits a second; nil: what the codec is usually given.
    /// - Throws: ``MasqueError/Code/unsupportedMedia`` when the sound cannot be decoded or encoded; the sentence names
    ///   a container that holds it as it is.
    init(
        _ stream: UnsafeMutablePointer<AVStream>, to target: String, name: String, container: VideoContainer,
        globalHeader: Bool, bitRate: Int? = nil
    ) throws(MasqueError) {
        let par = unsafe stream.pointee.codecpar
        let codecName = unsafe LibAV.name(avcodec_get_name(par?.pointee.codec_id ?? AV_CODEC_ID_NONE))
        let refusal =
            "The \(codecName) sound of “\(name)” does not fit into .\(container.rawValue) and cannot be converted."
        let advice = "Write to .mkv, which holds it as it is, or leave the sound out."
        packet = try OwnedPacket()
        guard let par = unsafe par, let decoding = unsafe avcodec_find_decoder(par.pointee.codec_id),
            let encoding = unsafe avcodec_find_encoder_by_name(target == "opus" ? "libopus" : target)
        else { throw MasqueError(.unsupportedMedia, refusal, advice: advice) }
        decoder = unsafe try OwnedCodec(decoding)
        encoder = unsafe try OwnedCodec(encoding)
        inputBase = unsafe Rational(stream.pointee.time_base)
        clock = SoundClock(base: inputBase)
        var code = unsafe avcodec_parameters_to_context(decoder.pointer, par)
        unsafe decoder.pointer.pointee.pkt_timebase = stream.pointee.time_base
        if code >= 0 { code = unsafe avcodec_open2(decoder.pointer, decoding, nil) }
        try LibAV.check(code, .unsupportedMedia, refusal, advice: advice)
        let channels = unsafe max(1, min(2, par.pointee.ch_layout.nb_channels))
        let e = unsafe encoder.pointer
        unsafe av_channel_layout_default(&e.pointee.ch_layout, channels)
        unsafe e.pointee.sample_rate = 48000
        unsafe e.pointee.sample_fmt = target == "opus" ? AV_SAMPLE_FMT_FLT : AV_SAMPLE_FMT_FLTP
        unsafe e.pointee.time_base = AVRational(num: 1, den: 48000)
        unsafe e.pointee.bit_rate = bitRate.map(Int64.init) ?? Int64(channels) * (target == "opus" ? 64000 : 96000)
        if globalHeader { unsafe e.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        try LibAV.check(
            unsafe avcodec_open2(e, encoding, nil), .unsupportedMedia, refusal, advice: advice)
        frameSize = unsafe e.pointee.frame_size
        timeBase = Rational(1, 48000)
    }

    /// Writes the encoder's parameters into the output stream.
    func describe(_ stream: UnsafeMutablePointer<AVStream>) throws(MasqueError) {
        try LibAV.check(
            unsafe avcodec_parameters_from_context(stream.pointee.codecpar, encoder.pointer), .failed,
            "The sound's parameters could not be written.")
        unsafe stream.pointee.time_base = timeBase.av
    }

    /// Converts one packet and gives what is ready; damaged sound is skipped.
    func convert(_ input: OwnedPacket, give: (OwnedPacket) throws(MasqueError) -> Void) throws(MasqueError) {
        _ = unsafe avcodec_send_packet(decoder.pointer, input.pointer)
        input.clear()
        try drainDecoder(give)
    }

    /// Gives what is left.
    func finish(give: (OwnedPacket) throws(MasqueError) -> Void) throws(MasqueError) {
        _ = unsafe avcodec_send_packet(decoder.pointer, nil)
        try drainDecoder(give)
        if let graph {
            try graph.push(nil)
            try drainGraph(graph, give)
        }
        _ = unsafe avcodec_send_frame(encoder.pointer, nil)
        try drainEncoder(give)
    }

    private func drainDecoder(_ give: (OwnedPacket) throws(MasqueError) -> Void) throws(MasqueError) {
        while true {
            let frame = try OwnedFrame()
            guard unsafe avcodec_receive_frame(decoder.pointer, frame.pointer) == 0 else { return }
            let f = unsafe frame.pointer
            let graph: FilterGraph
            if let made = self.graph { graph = made } else { graph = try unsafe open(f) }
            if firstSample == nil {
                let pts = unsafe f.pointee.best_effort_timestamp
                firstSample = pts == MASQUE_NOPTS ? 0 : inputBase.rescale(pts, to: timeBase)
            }
            unsafe f.pointee.pts = clock.time(of: f)
            try graph.push(frame)
            try drainGraph(graph, give)
        }
    }

    private func open(_ f: UnsafeMutablePointer<AVFrame>) throws(MasqueError) -> FilterGraph {
        let e = unsafe encoder.pointer.pointee
        let format = unsafe LibAV.name(av_get_sample_fmt_name(e.sample_fmt))
        let out = unsafe e.ch_layout.nb_channels == 1 ? "mono" : "stereo"
        let made = try FilterGraph(
            "aresample=48000:async=1,aformat=sample_fmts=\(format):sample_rates=48000:channel_layouts=\(out)"
                + (frameSize > 0 ? ",asetnsamples=n=\(frameSize):p=0" : ""),
            input: unsafe .audio(like: f, timeBase: inputBase))
        graph = made
        return made
    }

    private func drainGraph(
        _ graph: FilterGraph, _ give: (OwnedPacket) throws(MasqueError) -> Void
    ) throws(MasqueError) {
        while let frame = try graph.pull() {
            unsafe frame.pointer.pointee.pts = (firstSample ?? 0) &+ samplesSent
            samplesSent &+= unsafe Int64(frame.pointer.pointee.nb_samples)
            try tame(frame)
            try LibAV.check(
                unsafe avcodec_send_frame(encoder.pointer, frame.pointer), .failed, "The sound could not be encoded.")
            try drainEncoder(give)
        }
    }

    /// Makes samples such as encoders take: what is no number becomes silence, and nothing is louder than eight times full
    /// scale. A recording of 32-bit floats can hold anything, and FFmpeg's AAC encoder refuses a whole stream for one value.
    private func tame(_ frame: OwnedFrame) throws(MasqueError) {
        let f = unsafe frame.pointer
        try LibAV.check(
            unsafe av_frame_make_writable(f), .failed, "There was not enough memory to convert the sound.")
        let samples = unsafe Int(f.pointee.nb_samples), channels = unsafe Int(f.pointee.ch_layout.nb_channels)
        let isPlanar = unsafe f.pointee.format == AV_SAMPLE_FMT_FLTP.rawValue
        let count = isPlanar ? samples : samples * channels
        for channel in 0..<(isPlanar ? min(channels, 2) : 1) {
            let plane = unsafe channel == 0 ? f.pointee.data.0 : f.pointee.data.1
            unsafe plane?.withMemoryRebound(to: Float.self, capacity: count) { values in
                for i in 0..<count {
                    let value = unsafe values[i]
                    unsafe values[i] = value.isFinite ? min(max(value, -8), 8) : 0
                }
            }
        }
    }

    private func drainEncoder(_ give: (OwnedPacket) throws(MasqueError) -> Void) throws(MasqueError) {
        while unsafe avcodec_receive_packet(encoder.pointer, packet.pointer) == 0 { try give(packet) }
    }
}
