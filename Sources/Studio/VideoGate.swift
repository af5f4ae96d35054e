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
        var samples = 0, over = 0
        var options = DetectionOptions.video
        options.turns = [turn]
        let scan = try VideoScan(path: path, limits: limits, trim: trim) { frame, _ in
            try progress(frame.seconds)
            samples += 1
            let highest = try frame.withPlanes { planes in
                let boxes = try detector.detect(in: planes, options: options).map(\.box)
                return try score(of: planes, boxes: boxes, turn: turn)
            }
            if highest >= Self.threshold { over += 1 }
        }
        guard samples > 0 else {
            throw MasqueError(.unsupportedMedia, "Not one picture of the target “\(name)” could be checked.")
        }
        if Double(over) > Self.videoShare * Double(samples) {
            throw Self.refusal(role: "target", name: name)
        }
        return scan
    }
}
