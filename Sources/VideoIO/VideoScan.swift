// A quick first pass over a video: signatures, scene cuts, and sample frames for the content gate.

internal import Errors

/// What a first pass over a video found.
package struct VideoScan: Sendable {
    /// A frame that was seen.
    package struct Entry: Sendable {
        /// Ticks of ``VideoScan/timeBase`` from the beginning of the (trimmed) video.
        package let pts: Int64
        /// The frame's tiny picture.
        package let signature: FrameSignature
    }

    /// Why a frame was handed out in full.
    package enum Reason: Sendable, Hashable {
        /// The first frame of the video.
        case first
        /// A second has passed since the last frame that was handed out.
        case second
        /// The frame begins, or is within two frames after the beginning of, a new scene.
        case cut
    }

    /// Seconds per tick.
    package let timeBase: Rational
    /// Frames that were seen.
    package let frames: Int
    /// The numbers of the frames that begin a new scene, rising; 0 is not among them.
    package let cuts: [Int]
    /// What could not be read, as sentences.
    package let warnings: [String]

    /// Decodes a whole video, fast and a little coarse (without the loop filter), on the calling thread.
    ///
    /// - Parameters:
    ///   - trim: The wanted part; frame numbers count from its beginning.
    ///   - gap: The seconds from the sample frame at the given time to the next one.
    ///   - onFrame: Is given every frame's time and tiny picture, in order.
    ///   - onSample: Is given whole frames: the first, one per `gap`, and one for each new scene. Its errors end
    ///     the scan.
    /// - Throws: what ``VideoReader`` throws, and what the callbacks throw.
    package init(
        path: String, limits: VideoLimits = VideoLimits(), trim: VideoTrim = .all, gap: (Double) -> Double = { _ in 1 },
        onFrame: (Entry) throws -> Void = { _ in }, onSample: (VideoFrame, Reason) throws -> Void
    ) throws {
        let reader = try VideoReader(path: path, limits: limits, forScanning: true)
        try reader.prepare(trim: trim)
        timeBase = reader.info.timeBase
        var detector = SceneCutDetector()
        var cuts: [Int] = []
        var seen = 0
        var nextSample = 0.0
        var unsampled: VideoFrame?
        while let frame = try reader.next() {
            let signature = frame.signature()
            seen += 1
            try onFrame(Entry(pts: frame.pts, signature: signature))
            var reason: Reason?
            if case .confirmed(let index) = detector.look(signature) {
                cuts.append(index)
                reason = .cut
            }
            if frame.seconds >= nextSample {
                reason = reason ?? (frame.index == 0 ? .first : .second)
                nextSample = max(nextSample + max(0, gap(frame.seconds)), frame.seconds)
            }
            unsampled = reason == nil ? frame : nil
            if let reason { try onSample(frame, reason) }
        }
        if let last = detector.finish() {
            cuts.append(last)
            // The video ended before the cut was confirmed: its last frame stands for the scene.
            if let unsampled { try onSample(unsampled, .cut) }
        }
        frames = seen
        self.cuts = cuts
        warnings = reader.warnings
    }
}
