// The content gate over a video: one frame a second and each new scene.

internal import Errors
internal import Faces
internal import Pixels
internal import VideoIO

extension ContentGate {
    /// Lets a video pass or refuses it, before anything is made of it.
    ///
    /// - Parameters:
    ///   - turn: how far clockwise the frames are turned for showing; no option of a request changes it.
    ///   - progress: told the seconds of video looked at.
    /// - Returns: the scan's warnings.
    /// - Throws: ``MasqueError`` `.refusedContent` when more than ``videoShare`` of the samples are at or over the
    ///   threshold; what reading throws.
    func check(
        video path: String, name: String, trim: VideoTrim, limits: VideoLimits, detector: some FaceDetector,
        shown turn: QuarterTurn, progress: (Double) throws -> Void
    ) throws -> VideoScan {
        // All samples, and those that only time called for: neither many harmless cuts nor many harmless seconds hide
        // the rest.
        var all = Share(), timed = Share()
        var options = DetectionOptions.video
        options.turns = [turn]
        let scan = try VideoScan(path: path, limits: limits, trim: trim, gap: Self.gap) { frame, reason in
            try progress(frame.seconds)
            let highest = try frame.withPlanes { planes in
                let boxes = try detector.detect(in: planes, options: options).map(\.box)
                return try score(of: planes, boxes: boxes, turn: turn)
            }
            all.add(highest >= Self.threshold)
            if reason != .cut { timed.add(highest >= Self.threshold) }
        }
        guard all.samples > 0 else {
            throw MasqueError(.unsupportedMedia, "Not one picture of the target “\(name)” could be checked.")
        }
        if all.isTooMuch || timed.isTooMuch {
            throw Self.refusal(role: "target", name: name)
        }
        return scan
    }

    /// The seconds to the next sample: a second in the mean, less at the beginning so that the shortest video gives
    /// several samples, and by chance a little more or less, so that nobody can make a video that is harmless at just
    /// the moments that are looked at.
    static func gap(after seconds: Double) -> Double { min(1, 0.1 + seconds / 2) * Double.random(in: 0.6...1.4) }
}

/// How many of the samples were over the threshold.
private struct Share {
    private(set) var samples = 0
    private var over = 0

    mutating func add(_ isOver: Bool) {
        samples += 1
        if isOver { over += 1 }
    }

    var isTooMuch: Bool { samples > 0 && Double(over) > ContentGate.videoShare * Double(samples) }
}
