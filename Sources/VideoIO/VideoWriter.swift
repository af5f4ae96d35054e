// Writes a video: encodes its frames and copies the rest of the source beside them.

internal import CFFmpeg
package import Errors
internal import Foundation

/// What a finished video is.
package struct VideoSummary: Sendable {
    /// Frames written.
    package let frames: Int
    /// Seconds from the first frame to the end of the last.
    package let duration: Double
    /// Bytes of the file.
    package let bytes: Int64
    /// What could not be kept, as sentences.
    package let warnings: [String]
}

/// Writes one video file. All calls block; one thread at a time. A writer that goes before ``finish()`` deletes its
/// file.
// @unchecked: a writer is handed from thread to thread and used by one at a time.
package final class VideoWriter: @unchecked Sendable {
    /// The file that is written.
    package let path: String
    /// How it is written.
    package let options: EncodeOptions
    /// What could not be kept so far, as sentences.
    package var warnings: [String] { companions?.warnings ?? [] }
    /// Frames taken so far.
    package private(set) var framesWritten = 0

    private let source: VideoSource?
    private let provenance: VideoProvenance?
    private var muxer: Muxer?
    private var companions: CompanionStreams?
    private var encoder: FrameEncoder?
    private var palette: FilterGraph?
    private var video: Int32 = 0
    private var lastPts: Int64?
    private var end = 0.0
    private var sourceBase = Rational(1, 25)
    private var recipe: EncoderRecipe?
    private var seams = SegmentSeams()
    private var isJoined = false

    /// Creates the file at `path`, replacing one that is there (write to a temporary name and move it).
    ///
    /// - Parameters:
    ///   - source: The reader's ``VideoReader/source`` after `prepare`, from which sound, subtitles, chapters, tags and
    ///     rotation are copied; nil for a video made from nothing.
    ///   - provenance: What the file says of its making.
    /// - Throws: ``MasqueError`` when the file cannot be created or the sound does not fit into the container.
    package init(
        path: String, source: VideoSource?, options: EncodeOptions, provenance: VideoProvenance? = nil
    ) throws(MasqueError) {
        self.path = path
        self.source = source
        self.options = options
        self.provenance = provenance
        let muxer = try Muxer(path: path, container: options.container)
        let stream = unsafe try muxer.addStream()
        video = unsafe stream.pointee.index
        self.muxer = muxer
        if let source { companions = try CompanionStreams(source, into: muxer, options: options) }
        provenance?.state(in: muxer, container: options.container)
    }

    /// Encodes a frame. Frames come in rising order of time and are all of one size and layout, as a reader that was
    /// prepared with the same options gives them.
    ///
    /// - Throws: ``MasqueError`` when encoding or writing fails, ``MasqueError/Code/outOfSpace`` when the disk is full.
    package func write(_ frame: VideoFrame) throws(MasqueError) {
        guard let muxer else { throw MasqueError(.failed, "“\(path)” was finished already.") }
        if encoder == nil { try open(muxer, frame) }
        guard let encoder else { return }
        end = frame.timeBase.seconds(frame.pts &+ frame.duration)
        framesWritten += 1
        let shared = try frame.frame.reference()
        let f = unsafe shared.pointer
        unsafe f.pointee.pict_type = AV_PICTURE_TYPE_NONE
        if let palette {
            unsafe f.pointee.pts = frame.pts
            try palette.push(shared)
            return try encodePalettes(palette, encoder, muxer)
        }
        let pts = frame.timeBase.rescale(frame.pts, to: encoder.timeBase)
        if let lastPts, pts <= lastPts {
            throw MasqueError(.failed, "Frame \(frame.index) of “\(path)” does not come after the frame before it.")
        }
        lastPts = pts
        unsafe f.pointee.pts = pts
        try encoder.encode(shared, duration: frame.timeBase.rescale(frame.duration, to: encoder.timeBase)) {
            (packet) throws(MasqueError) in try put(packet, encoder, muxer)
        }
    }

    /// Settles what the output is by a frame of the kind that will come, without taking it.
    ///
    /// - Throws: ``MasqueError`` when the encoder or the container does not take such frames.
    package func begin(like frame: VideoFrame) throws(MasqueError) {
        guard let muxer else { throw MasqueError(.failed, "“\(path)” was finished already.") }
        if encoder == nil { try open(muxer, frame) }
    }

    /// Begins a part that ``append(segmentAt:)`` can take, in this run or another; after ``begin(like:)``.
    package func segment(path: String) throws(MasqueError) -> SegmentWriter {
        guard let recipe, options.codec != .gif else {
            throw MasqueError(.failed, "“\(self.path)” cannot be written in parts.")
        }
        return try SegmentWriter(path: path, recipe: recipe)
    }

    /// Whether the part at `path` is whole and fits into this output; after ``begin(like:)``.
    package func accepts(segmentAt path: String, _ summary: SegmentSummary) -> Bool {
        encoder.map { SegmentFile.isSound(path, summary, $0) } ?? false
    }

    /// Copies a finished part behind what is there; not to be mixed with ``write(_:)``.
    ///
    /// - Throws: ``MasqueError`` when the part is damaged or writing fails.
    package func append(segmentAt path: String) throws(MasqueError) {
        guard let muxer, let encoder else { throw MasqueError(.failed, "“\(self.path)” was finished already.") }
        isJoined = true
        seams.begin()
        try SegmentFile.read(path) { (packet) throws(MasqueError) in
            let p = unsafe packet.pointer
            unsafe p.pointee.dts = seams.place(pts: p.pointee.pts, dts: p.pointee.dts)
            end = unsafe max(end, encoder.timeBase.seconds(p.pointee.pts &+ p.pointee.duration))
            framesWritten += 1
            try put(packet, encoder, muxer)
        }
    }

    /// Writes what is left and closes the file.
    ///
    /// - Throws: ``MasqueError`` when writing fails or no frame was written; the file is deleted then.
    @discardableResult
    package func finish() throws(MasqueError) -> VideoSummary {
        guard let muxer, let encoder else {
            abort()
            throw MasqueError(.failed, "There was no frame to write to “\(path)”.")
        }
        do throws(MasqueError) {
            if let palette {
                try palette.push(nil)
                try encodePalettes(palette, encoder, muxer)
            }
            if !isJoined {
                try encoder.encode(nil) { (packet) throws(MasqueError) in try put(packet, encoder, muxer) }
            } else if framesWritten == 0 {
                throw MasqueError(.failed, "There was no frame to write to “\(path)”.")
            }
            // Another file's sound may be longer than the pictures.
            if source?.sound != nil { try companions?.cut(at: end) }
            try companions?.write(until: nil)
            try muxer.close()
            try provenance?.append(to: path, container: options.container)
        } catch {
            abort()
            Muxer.remove(path)
            throw error
        }
        let summary = VideoSummary(
            frames: framesWritten, duration: end, bytes: Int64(FileSize.bytes(path)), warnings: warnings)
        self.muxer = nil
        self.encoder = nil
        companions = nil
        palette = nil
        return summary
    }

    /// Gives up and deletes the file. Nothing happens after ``finish()``.
    package func abort() {
        encoder = nil
        palette = nil
        companions = nil
        muxer = nil
    }

    private func open(_ muxer: Muxer, _ frame: VideoFrame) throws(MasqueError) {
        var timeBase = frame.timeBase
        let nominal = Rational(1 / max(1e-6, frame.timeBase.seconds(frame.duration)))
        let known = source?.info.frameRate ?? nominal
        let rate = options.frameRate.map { Rational($0) } ?? (known.isKnown ? known : nominal)
        sourceBase = timeBase
        let isVariable = options.frameRate == nil && source?.info.isVariableRate ?? false
        var like = frame.frame
        if options.codec == .gif {
            palette = try FilterGraph(
                "split[a][b];[a]palettegen=stats_mode=single:reserve_transparent=1[p];"
                    + "[b][p]paletteuse=new=1:dither=bayer:bayer_scale=4",
                input: unsafe .video(
                    width: Int32(frame.width), height: Int32(frame.height),
                    format: frame.frame.pointer.pointee.format, timeBase: timeBase, aspect: Rational(1, 1), rate: rate))
            timeBase = Rational(1, 100)
            like = try frame.frame.reference()
            unsafe like.pointer.pointee.format = AV_PIX_FMT_PAL8.rawValue
            unsafe like.pointer.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
            unsafe like.pointer.pointee.color_range = AVCOL_RANGE_UNSPECIFIED
        }
        let recipe = EncoderRecipe(
            options: options, like: like, timeBase: timeBase, rate: rate, isVariable: isVariable,
            globalHeader: muxer.wantsGlobalHeader)
        let encoder = try recipe.open()
        self.recipe = recipe
        guard let stream = unsafe muxer.pointer.pointee.streams[Int(video)] else { return }
        try LibAV.check(
            unsafe avcodec_parameters_from_context(stream.pointee.codecpar, encoder.codec.pointer), .failed,
            "The video's parameters could not be written.")
        unsafe stream.pointee.time_base = timeBase.av
        unsafe stream.pointee.avg_frame_rate = rate.av
        unsafe stream.pointee.sample_aspect_ratio = encoder.codec.pointer.pointee.sample_aspect_ratio
        if let source { unsafe SideData.copy(source, to: stream) }
        // Players of WebM and Matroska look for alpha only where this says that there is some.
        if frame.hasAlpha { _ = unsafe av_dict_set(&stream.pointee.metadata, "alpha_mode", "1", 0) }
        let settings = OwnedDictionary()
        if options.container.isQuickTime, options.fastStart { settings.set("movflags", "+faststart") }
        try muxer.writeHeader(settings)
        self.encoder = encoder
    }

    private func encodePalettes(_ graph: FilterGraph, _ encoder: FrameEncoder, _ muxer: Muxer) throws(MasqueError) {
        while let frame = try graph.pull() {
            let pts = unsafe graph.timeBase.rescale(frame.pointer.pointee.pts, to: encoder.timeBase)
            if let lastPts, pts <= lastPts { continue }
            lastPts = pts
            unsafe frame.pointer.pointee.pts = pts
            try encoder.encode(
                frame,
                duration: max(
                    1,
                    unsafe sourceBase.rescale(
                        frame.pointer.pointee.pkt_duration, to: encoder.timeBase))
            ) {
                (packet) throws(MasqueError) in try put(packet, encoder, muxer)
            }
        }
    }

    /// Writes a packet of pictures, after all sound that comes before it.
    private func put(_ packet: OwnedPacket, _ encoder: FrameEncoder, _ muxer: Muxer) throws(MasqueError) {
        try companions?.write(until: unsafe encoder.timeBase.seconds(packet.pointer.pointee.dts))
        guard let base = unsafe muxer.pointer.pointee.streams[Int(video)]?.pointee.time_base else { return }
        unsafe av_packet_rescale_ts(packet.pointer, encoder.timeBase.av, base)
        unsafe packet.pointer.pointee.stream_index = video
        try muxer.write(packet)
    }
}

/// A file's size.
enum FileSize {
    static func bytes(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
    }
}
