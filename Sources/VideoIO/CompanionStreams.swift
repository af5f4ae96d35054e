// Copies sound, subtitles, chapters and tags beside the pictures, by a second cursor through the source file.

internal import CFFmpeg
internal import Errors

/// Copies the packets of the streams beside the picture, each when its time has come, so that nothing piles up.
final class CompanionStreams {
    /// What could not be kept, as sentences.
    var warnings: [String] {
        let sentence =
            damaged == 1
            ? "One damaged packet of the sound was left out."
            : "\(damaged) damaged packets of the sound were left out."
        return notes + (damaged > 0 ? [sentence] : [])
    }

    private var notes: [String] = []
    private var damaged = 0

    /// One stream's way from the source to the output.
    private struct Way {
        let output: Int32
        let timeBase: Rational
        /// Ticks taken off every timestamp.
        let shift: Int64
        /// Packets at or after this time are left out.
        let end: Int64?
        let transcoder: AudioTranscoder?
        var lastDts: Int64?
    }

    /// Where sound and subtitles come from.
    private let demuxer: Demuxer
    /// Where tags and chapters come from.
    private let tags: Demuxer
    private let source: VideoSource
    private let muxer: Muxer
    private let options: EncodeOptions
    private let packet: OwnedPacket
    private var ways: [Int: Way] = [:]
    private var waiting: (stream: Int, seconds: Double)?
    private var isAtEnd = false

    /// Adds a stream to `muxer` for each stream of the source that its container takes, and the chapters and tags.
    ///
    /// - Throws: ``MasqueError/Code/unsupportedMedia`` when sound can be neither copied nor converted.
    init(_ source: VideoSource, into muxer: Muxer, options: EncodeOptions) throws(MasqueError) {
        self.source = source
        self.muxer = muxer
        self.options = options
        demuxer = try Demuxer(path: source.sound ?? source.path)
        tags = try source.sound == nil ? demuxer : Demuxer(path: source.path)
        packet = try OwnedPacket()
        if options.keepAudio || options.container != .gif {
            for index in 0..<demuxer.streamCount { try adopt(index) }
        }
        demuxer.select { ways[$0] != nil }
        let base = source.info.timeBase
        if source.isTrimmed, source.sound == nil, !ways.isEmpty {
            let micro = base.rescale(source.start, to: Rational(1, 1_000_000))
            _ = unsafe av_seek_frame(demuxer.pointer, -1, micro, AVSEEK_FLAG_BACKWARD)
        }
        copyTags()
        copyChapters()
        if ways.isEmpty { isAtEnd = true }
    }

    private func adopt(_ index: Int) throws(MasqueError) {
        let kind = demuxer.kind(index)
        guard kind == AVMEDIA_TYPE_AUDIO || kind == AVMEDIA_TYPE_SUBTITLE || kind == AVMEDIA_TYPE_ATTACHMENT,
            let from = unsafe demuxer.stream(index), let par = unsafe from.pointee.codecpar
        else { return }
        let codec = unsafe LibAV.name(avcodec_get_name(par.pointee.codec_id))
        let container = options.container
        if kind == AVMEDIA_TYPE_ATTACHMENT, container != .mkv { return }
        // Of another file only one stream of sound is wanted.
        if source.sound != nil, kind != AVMEDIA_TYPE_AUDIO || !ways.isEmpty { return }
        if kind == AVMEDIA_TYPE_AUDIO, !options.keepAudio { return }
        if kind == AVMEDIA_TYPE_AUDIO,
            unsafe par.pointee.sample_rate <= 0 || par.pointee.ch_layout.nb_channels <= 0
                || par.pointee.codec_id == AV_CODEC_ID_NONE
        {
            return warn("The sound is damaged and was dropped: its rate or channels are unknown.")
        }
        if container == .gif {
            if kind == AVMEDIA_TYPE_AUDIO { warn("GIF has no sound: the \(codec) sound was dropped.") }
            return
        }
        var transcoder: AudioTranscoder?
        if !CompanionCodecs.takes(container, codec, kind) {
            guard kind == AVMEDIA_TYPE_AUDIO else {
                return warn("The \(codec) subtitles were dropped: .\(container.rawValue) cannot hold them.")
            }
            let target = CompanionCodecs.replacement(container)
            transcoder = try unsafe AudioTranscoder(
                from, to: target, name: demuxer.name, container: container, globalHeader: muxer.wantsGlobalHeader,
                bitRate: target == "aac" ? options.soundBitRate : nil)
            warn("The \(codec) sound was converted to \(target): .\(container.rawValue) cannot hold it as it is.")
        }
        if transcoder == nil, kind == AVMEDIA_TYPE_AUDIO, let most = options.soundBitRate,
            unsafe codec != "aac" || par.pointee.bit_rate <= 0 || par.pointee.bit_rate > Int64(most)
        {
            transcoder = try unsafe AudioTranscoder(
                from, to: "aac", name: demuxer.name, container: container, globalHeader: muxer.wantsGlobalHeader,
                bitRate: most)
        }
        let to = unsafe try muxer.addStream()
        if let transcoder {
            try unsafe transcoder.describe(to)
        } else {
            try LibAV.check(
                unsafe avcodec_parameters_copy(to.pointee.codecpar, par), .failed, "A stream could not be copied.")
            unsafe to.pointee.codecpar.pointee.codec_tag = 0
            unsafe to.pointee.time_base = from.pointee.time_base
        }
        unsafe to.pointee.disposition = from.pointee.disposition
        for key in ["language", "title", "handler_name", "filename", "mimetype"] {
            if let value = unsafe LibAV.value(key, in: from.pointee.metadata) {
                _ = unsafe av_dict_set(&to.pointee.metadata, key, value, 0)
            }
        }
        if kind == AVMEDIA_TYPE_ATTACHMENT { return }
        let base = unsafe Rational(from.pointee.time_base)
        let video = source.info.timeBase
        if source.sound != nil {
            let begin = unsafe demuxer.pointer.pointee.start_time
            let shift = begin == MASQUE_NOPTS ? 0 : Rational(1, 1_000_000).rescale(begin, to: base)
            ways[index] = unsafe Way(
                output: to.pointee.index, timeBase: base, shift: shift, end: nil, transcoder: transcoder)
            return
        }
        ways[index] = unsafe Way(
            output: to.pointee.index, timeBase: base, shift: video.rescale(source.start, to: base),
            end: source.end.map { video.rescale($0, to: base) }, transcoder: transcoder)
    }

    private func warn(_ sentence: String) {
        if !notes.contains(sentence) { notes.append(sentence) }
    }

    private func copyTags() {
        for key in ["title", "artist", "album", "date", "creation_time", "description", "genre", "copyright"] {
            if let value = unsafe LibAV.value(key, in: tags.pointer.pointee.metadata) {
                _ = unsafe av_dict_set(&muxer.pointer.pointee.metadata, key, value, 0)
            }
        }
    }

    /// Copies the chapters that lie in the wanted part, moved with it.
    private func copyChapters() {
        let from = unsafe tags.pointer.pointee
        let count = unsafe min(Int(from.nb_chapters), 1000)
        guard count > 0, options.container != .gif, let chapters = unsafe from.chapters,
            let list = unsafe av_calloc(count, MemoryLayout<UnsafeMutablePointer<AVChapter>?>.stride)
        else { return }
        let out = unsafe list.bindMemory(to: UnsafeMutablePointer<AVChapter>?.self, capacity: count)
        var kept: UInt32 = 0
        for i in 0..<count {
            guard let chapter = unsafe chapters[i],
                let raw = unsafe av_mallocz(MemoryLayout<AVChapter>.size)
            else { continue }
            let base = unsafe Rational(chapter.pointee.time_base)
            let shift = source.info.timeBase.rescale(source.start, to: base)
            let end = source.end.map { source.info.timeBase.rescale($0, to: base) &- shift } ?? .max
            let range = unsafe (max(0, chapter.pointee.start &- shift), min(end, chapter.pointee.end &- shift))
            var memory: UnsafeMutableRawPointer? = unsafe raw
            if range.1 <= range.0 {
                unsafe av_freep(&memory)
                continue
            }
            let copy = unsafe raw.bindMemory(to: AVChapter.self, capacity: 1)
            unsafe copy.pointee.id = chapter.pointee.id
            unsafe copy.pointee.time_base = chapter.pointee.time_base
            unsafe copy.pointee.start = range.0
            unsafe copy.pointee.end = range.1
            if let title = unsafe LibAV.value("title", in: chapter.pointee.metadata) {
                _ = unsafe av_dict_set(&copy.pointee.metadata, "title", title, 0)
            }
            unsafe out[Int(kept)] = copy
            kept += 1
        }
        unsafe muxer.pointer.pointee.chapters = out
        unsafe muxer.pointer.pointee.nb_chapters = kept
    }

    /// Leaves out what comes at or after `seconds`.
    func cut(at seconds: Double) throws(MasqueError) {
        try write(until: seconds)
        waiting = nil
        isAtEnd = true
    }

    /// Writes every packet whose time (of decoding) is before `seconds`; nil writes the rest.
    func write(until seconds: Double?) throws(MasqueError) {
        while !isAtEnd {
            if waiting == nil { fetch() }
            guard let next = waiting else { break }
            if let seconds, next.seconds > seconds { return }
            waiting = nil
            try send(next.stream)
        }
        if seconds == nil, isAtEnd {
            for way in ways.values { try way.transcoder?.finish { (out) throws(MasqueError) in try put(out, way) } }
            ways = [:]
        }
    }

    /// Reads on to the next packet that belongs into the output.
    private func fetch() {
        while true {
            guard demuxer.read(packet).more else {
                isAtEnd = true
                return
            }
            let p = unsafe packet.pointer
            let stream = unsafe Int(p.pointee.stream_index)
            guard let way = ways[stream] else { continue }
            if unsafe p.pointee.pts == MASQUE_NOPTS { unsafe p.pointee.pts = p.pointee.dts }
            if unsafe p.pointee.dts == MASQUE_NOPTS { unsafe p.pointee.dts = p.pointee.pts }
            let time = unsafe p.pointee.pts
            if time == MASQUE_NOPTS { continue }
            if source.isTrimmed, source.sound == nil, time < way.shift { continue }
            if let end = way.end, time >= end {
                if unsafe way.timeBase.seconds(p.pointee.dts &- end) > 10 { isAtEnd = true }
                if isAtEnd { return }
                continue
            }
            unsafe p.pointee.pts = p.pointee.pts &- way.shift
            unsafe p.pointee.dts = p.pointee.dts &- way.shift
            waiting = unsafe (stream, way.timeBase.seconds(p.pointee.dts))
            return
        }
    }

    private func send(_ stream: Int) throws(MasqueError) {
        guard let way = ways[stream] else { return }
        if let transcoder = way.transcoder {
            try transcoder.convert(packet) { (out) throws(MasqueError) in try put(out, way) }
            return
        }
        let p = unsafe packet.pointer
        if let last = way.lastDts, unsafe p.pointee.dts <= last {
            // Muxers refuse time that stands still; a tick is not heard.
            unsafe p.pointee.dts = last &+ 1
            unsafe p.pointee.pts = max(p.pointee.pts, last &+ 1)
        }
        unsafe ways[stream]?.lastDts = p.pointee.dts
        try put(packet, way)
    }

    private func put(_ packet: OwnedPacket, _ way: Way) throws(MasqueError) {
        guard let base = unsafe muxer.pointer.pointee.streams[Int(way.output)]?.pointee.time_base else { return }
        let from = way.transcoder?.timeBase ?? way.timeBase
        unsafe av_packet_rescale_ts(packet.pointer, from.av, base)
        unsafe packet.pointer.pointee.stream_index = way.output
        unsafe packet.pointer.pointee.pos = -1
        if unsafe packet.pointer.pointee.pts < packet.pointer.pointee.dts {
            unsafe packet.pointer.pointee.pts = packet.pointer.pointee.dts
        }
        if try !muxer.writeIfSound(packet) { damaged += 1 }
    }
}
