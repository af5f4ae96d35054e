// Reads a video frame by frame: demux, decode, convert where needed, trim, resample.

internal import CFFmpeg
package import Errors

/// Reads a video's frames in display order. All calls block; one thread at a time.
///
/// Open it, call ``prepare(for:trim:upright:)`` to say where the frames will go, then ``next()`` until nil.
/// Frames of a layout that Masque works on come in the decoder's own planes; others are converted once.
// @unchecked: a reader is handed from thread to thread and used by one at a time.
package final class VideoReader: @unchecked Sendable {
    /// What the file says about itself.
    package let info: VideoInfo
    /// The file.
    package let path: String
    /// Bounds on what is read.
    package let limits: VideoLimits
    /// What could not be kept or read, as sentences; grows while reading and is complete after the last frame.
    package var warnings: [String] {
        let lost = shaper.dropped
        let sentence = lost == 1 ? "One damaged frame was left out." : "\(lost) damaged frames were left out."
        return notes + decoder.warnings + (lost > 0 ? [sentence] : [])
    }
    /// Where the frames that come out lie in the file; needed by the writer for the sound. Set by `prepare`.
    package private(set) var source: VideoSource
    /// Clockwise degrees that the frames still have to be turned for showing: `info.rotation`, or 0 once `prepare`
    /// turns the pixels.
    package private(set) var rotation: Int

    private var notes: [String] = []
    /// The file's last path component.
    var name: String { decoder.name }
    private let decoder: FrameDecoder
    private var shaper: FrameShaper
    private var resampler: RateResampler?
    private var pending: [TimedFrame] = []
    /// A frame that was read ahead and is given next.
    private var returned: VideoFrame?
    /// The resampler before its first frame.
    private var freshResampler: RateResampler?
    private var isPrepared = false
    private var decoderEnded = false
    private var isEnded = false
    private var endTicks: Int64?
    private var startTicks: Int64 = .min
    /// Where the wanted part begins.
    private var firstTicks: Int64 = .min
    private var given = 0

    /// Opens a video; `forScanning` decodes faster and a little coarser.
    ///
    /// - Throws: ``MasqueError`` with a sentence when the file is no video, is damaged from the start, needs a decoder
    ///   that is not there, or is beyond `limits`.
    package init(path: String, limits: VideoLimits = VideoLimits(), forScanning: Bool = false) throws(MasqueError) {
        let demuxer = try Demuxer(path: path)
        let stream = try demuxer.bestVideoStream()
        demuxer.select { $0 == stream }
        guard let info = VideoInfo(demuxer, stream: stream) else { throw LibAV.outOfMemory("a demuxer") }
        try VideoReader.check(info, name: demuxer.name, limits: limits)
        self.info = info
        self.path = path
        self.limits = limits
        rotation = info.rotation
        decoder = try FrameDecoder(demuxer, stream: stream, info: info, limits: limits, fast: forScanning)
        source = VideoSource(path: path, info: info, start: decoder.origin, end: nil, turned: false)
        shaper = FrameShaper(info: info, options: nil, upright: false)
    }

    private static func check(_ info: VideoInfo, name: String, limits: VideoLimits) throws(MasqueError) {
        guard info.width > 0, info.height > 0 else {
            throw MasqueError(
                .unsupportedMedia, "“\(name)” is damaged or encrypted: its \(info.codec) picture has no size.")
        }
        guard info.width <= limits.pixels / info.height else {
            throw MasqueError(
                .tooLarge, "“\(name)” is \(info.width)×\(info.height), beyond the limit of \(limits.pixels) pixels.")
        }
        guard info.duration <= limits.duration else {
            throw MasqueError(
                .tooLarge, "“\(name)” lasts \(Int(info.duration)) s, beyond the limit of \(Int(limits.duration)) s.",
                advice: "Cut a part out of it.")
        }
    }

    /// Says where the frames will go and which part is wanted, and decodes the first frame.
    ///
    /// - Parameters:
    ///   - options: The encoder's options, so that frames come in a layout, size and rate that it takes; nil when the
    ///     frames are only looked at.
    ///   - trim: The wanted part, exact to the frame.
    ///   - upright: Whether the pixels are turned as the rotation tag says (needs a pass over each frame).
    /// - Throws: ``MasqueError`` when nothing can be decoded or the part is empty.
    package func prepare(
        for options: EncodeOptions? = nil, trim: VideoTrim = .all, upright: Bool = false
    ) throws(MasqueError) {
        precondition(!isPrepared, "prepare is called once, before the first frame")
        isPrepared = true
        if let scale = options?.scale {
            let size = scale.apply(width: info.width, height: info.height)
            guard size.width <= limits.pixels / size.height else {
                throw MasqueError(
                    .tooLarge,
                    "“\(decoder.name)” would become \(size.width)×\(size.height), beyond the limit of "
                        + "\(limits.pixels) pixels.", advice: "Choose a smaller --scale.")
            }
        }
        shaper = FrameShaper(info: info, options: options, upright: upright)
        if let end = trim.end { endTicks = try ticks(of: end, orEnd: true) }
        if let start = trim.start, let ticks = try ticks(of: start) { try seek(to: ticks) }
        if let endTicks, endTicks <= max(startTicks, decoder.origin) {
            throw MasqueError(
                .badInput, "The wanted part of “\(decoder.name)” is empty: its end is not after its start.")
        }
        try decodeFirst(isTrimmed: trim.start != nil)
        notes += shaper.notes
        if shaper.turned != 0 { rotation = 0 }
        let origin = trim.start == nil ? decoder.origin : pending.first?.pts ?? decoder.origin
        source = VideoSource(
            path: path, info: info, start: origin, end: endTicks, turned: shaper.turned != 0,
            isTrimmed: trim.start != nil, toneMapped: shaper.toneMaps)
        let cap: Double? = options?.codec == .gif ? 50 : nil
        var rate = options?.frameRate
        if let cap, (rate ?? info.frameRate.value) > cap { rate = cap }
        if let rate {
            resampler = RateResampler(
                rate: Rational(rate), timeBase: info.timeBase, origin: origin, longest: limits.duration)
        }
        freshResampler = resampler
        firstTicks = startTicks
    }

    private func decodeFirst(isTrimmed: Bool) throws(MasqueError) {
        guard let first = try nextDecoded() else {
            if isTrimmed, decoder.framesGiven > 0 {
                throw MasqueError(
                    .badInput, "The wanted part begins after the end of “\(decoder.name)”.",
                    advice: "The video lasts \(format(info.duration)) s.")
            }
            throw MasqueError(
                .unsupportedMedia, "“\(decoder.name)” is damaged or encrypted: not one frame of it could be decoded.")
        }
        pending.insert(first, at: 0)
    }

    /// The next frame in display order; nil after the last.
    ///
    /// - Throws: ``MasqueError`` when the video turns out to be beyond the limits or memory ends. Damage inside the
    ///   video does not throw: it is skipped and told in ``warnings``.
    package func next() throws(MasqueError) -> VideoFrame? {
        if !isPrepared { try prepare() }
        if let frame = returned {
            returned = nil
            return frame
        }
        if resampler == nil { return try nextTimed().map { make($0, timeBase: info.timeBase, origin: source.start) } }
        while true {
            if let ready = try resampler?.pop() {
                return make(ready, timeBase: ready.timeBase ?? info.timeBase, origin: 0)
            }
            if isEnded { return nil }
            if let frame = try nextTimed() {
                resampler?.push(frame)
            } else {
                isEnded = true
                resampler?.finish()
            }
        }
    }

    private func nextTimed() throws(MasqueError) -> TimedFrame? {
        pending.isEmpty ? try nextDecoded() : pending.removeFirst()
    }

    private func make(_ timed: TimedFrame, timeBase: Rational, origin: Int64) -> VideoFrame {
        defer { given += 1 }
        return VideoFrame(
            timed.frame, layout: timed.layout, pts: timed.pts &- origin, duration: max(1, timed.duration),
            timeBase: timeBase, isKey: timed.isKey, index: given, sourcePts: timed.sourcePts ?? timed.pts)
    }

    /// The next frame, which stays the next one.
    package func peek() throws(MasqueError) -> VideoFrame? {
        if returned == nil { returned = try next() }
        return returned
    }

    /// Goes to the frame that an earlier reader of the same file, prepared in the same way, gave at `place`; the next
    /// ``next()`` gives it, with the same number, time and pixels.
    ///
    /// First by a jump, whose landing is checked by time and pixels; where that fails (no index, broken timestamps,
    /// pictures that refer across the jump), by reading everything before it.
    /// - Parameter check: called for each frame that is read; its errors end the search.
    /// - Returns: false when there is no such frame; the reader is of no use then.
    package func go(to place: FramePlace, check: () throws -> Void = {}) throws -> Bool {
        if !isPrepared { try prepare() }
        // Woven fields depend on the fields before them.
        let lead = info.isInterlaced || shaper.delays ? info.timeBase.ticks(1) : 0
        try jump(to: place.sourcePts, lead: lead)
        given = place.index
        if place.index > 0 { resampler?.goOn() }
        while let frame = try next() {
            try check()
            if frame.pts < place.pts {
                given = place.index
                continue
            }
            if frame.pts == place.pts, frame.sourcePts == place.sourcePts, try frame.digest() == place.digest {
                returned = frame
                return true
            }
            break
        }
        try jump(to: firstTicks, lead: 0)
        given = 0
        while let frame = try next(), frame.index <= place.index {
            try check()
            guard frame.index == place.index else { continue }
            returned = frame
            return frame.pts == place.pts
        }
        return false
    }

    private func jump(to ticks: Int64, lead: Int64) throws(MasqueError) {
        pending = []
        returned = nil
        resampler = freshResampler
        try seek(to: ticks, lead: lead)
    }

    /// The next converted frame inside the wanted part, with the file's own timestamps.
    private func nextDecoded() throws(MasqueError) -> TimedFrame? {
        while true {
            if let ready = try shaper.pop() {
                if ready.pts < startTicks { continue }
                if let endTicks, ready.pts >= endTicks { return nil }
                return ready
            }
            if decoderEnded { return nil }
            if let decoded = try decoder.next() {
                if let endTicks, decoded.pts >= endTicks, !shaper.delays { return nil }
                if decoded.pts < startTicks, !shaper.delays { continue }
                try shaper.push(decoded)
            } else {
                decoderEnded = true
                try shaper.finish()
            }
        }
    }

    /// Goes to the first frame at or after `seconds` from the beginning; the next ``next()`` gives it. Timestamps
    /// stay those of the whole video. Not to be mixed with a frame rate in `prepare`.
    package func seek(toSeconds seconds: Double) throws(MasqueError) {
        if !isPrepared { try prepare() }
        pending = []
        returned = nil
        try seek(to: decoder.origin &+ info.timeBase.ticks(seconds))
    }

    /// Goes to frame number `index` in display order, from 0.
    package func seek(toFrame index: Int) throws(MasqueError) {
        if !isPrepared { try prepare() }
        pending = []
        returned = nil
        if let ticks = try ticks(of: .frame(index)) { try seek(to: ticks) }
    }

    private func seek(to ticks: Int64, lead: Int64 = 0) throws(MasqueError) {
        startTicks = ticks
        decoderEnded = false
        isEnded = false
        shaper.reset()
        try decoder.seek(to: ticks == .min ? ticks : ticks &- lead)
    }

    private func ticks(of mark: VideoTrim.Mark, orEnd: Bool = false) throws(MasqueError) -> Int64? {
        switch mark {
        case .seconds(let seconds): return decoder.origin &+ info.timeBase.ticks(seconds)
        case .frame(let index): return try FrameIndex.pts(ofFrame: index, path: path, orEnd: orEnd)
        }
    }

    private func format(_ seconds: Double) -> String { String((seconds * 100).rounded() / 100) }
}
