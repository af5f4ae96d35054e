// How fast a stage goes and how long it will take.

internal import Studio

/// The pace of one stage, measured from its first word on.
struct ProgressPace {
    let stage: MediaProgress.Stage
    private let start: ContinuousClock.Instant
    private let firstFrame: Int
    private let firstFraction: Double

    /// Begins to measure.
    init(_ progress: MediaProgress, at now: ContinuousClock.Instant) {
        stage = progress.stage
        start = now
        firstFrame = progress.frame
        firstFraction = progress.fraction
    }

    /// Frames a second so far; `nil` outside videos and in the first half second.
    func framesPerSecond(_ progress: MediaProgress, now: ContinuousClock.Instant) -> Double? {
        let seconds = (now - start) / .seconds(1), frames = progress.frame - firstFrame
        guard progress.frames > 0, seconds > 0.5, frames > 0 else { return nil }
        return Double(frames) / seconds
    }

    /// Seconds until the stage ends, if it goes on like this; `nil` while that is a guess.
    func secondsLeft(_ progress: MediaProgress, now: ContinuousClock.Instant) -> Double? {
        let seconds = (now - start) / .seconds(1), done = progress.fraction - firstFraction
        guard seconds > 1, done > 0.005, progress.fraction < 1 else { return nil }
        return seconds * (1 - progress.fraction) / done
    }
}
