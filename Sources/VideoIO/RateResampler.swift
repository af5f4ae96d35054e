// Drops and repeats frames so that they come at an even rate.

internal import Errors

/// Resamples to a fixed rate: each frame moves to the nearest slot of 1/rate seconds, the last frame of a slot wins,
/// and empty slots repeat the frame before (as FFmpeg's `fps` filter does).
struct RateResampler {
    private let slotBase: Rational
    private let timeBase: Rational
    private let origin: Int64
    private let last: Int64
    private var held: (frame: TimedFrame, slot: Int64)?
    private var due: (frame: TimedFrame, from: Int64, to: Int64)?
    private var isEmpty = true

    /// Makes a resampler for frames whose pts count ticks of `timeBase` from `origin`, for at most `longest` seconds.
    init(rate: Rational, timeBase: Rational, origin: Int64, longest: Double) {
        slotBase = rate.inverse
        self.timeBase = timeBase
        self.origin = origin
        last = slotBase.ticks(longest)
    }

    private func slot(_ pts: Int64) -> Int64 {
        min(last, timeBase.rescale(pts &- origin, to: slotBase))
    }

    /// Takes a frame; ``pop()`` must have returned nil before.
    mutating func push(_ frame: TimedFrame) {
        let slot = slot(frame.pts)
        if let held, slot > held.slot { due = (held.frame, held.slot, slot) }
        held = (frame, slot)
    }

    /// Says that nothing more comes.
    mutating func finish() {
        guard let held else { return }
        self.held = nil
        let end = max(slot(held.frame.pts &+ held.frame.duration), isEmpty ? held.slot + 1 : 0)
        // A last frame that was rounded up to the very end would make the video longer.
        if held.slot < end { due = (held.frame, held.slot, end) }
    }

    /// The next frame that is due, with its pts and duration in slots.
    mutating func pop() throws(MasqueError) -> TimedFrame? {
        guard let now = due else { return nil }
        isEmpty = false
        let isLast = now.from + 1 >= now.to
        let frame = try isLast ? now.frame.frame : now.frame.frame.reference()
        due = isLast ? nil : (now.frame, now.from + 1, now.to)
        return TimedFrame(
            frame: frame, layout: now.frame.layout, pts: now.from, duration: 1, isKey: now.frame.isKey,
            timeBase: slotBase, sourcePts: now.frame.pts)
    }

    /// Says that frames came out before, of which this resampler knows nothing.
    mutating func goOn() { isEmpty = false }
}
