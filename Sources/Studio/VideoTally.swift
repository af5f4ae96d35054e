// What is counted and measured while a video is swapped.

internal import Synchronization

/// Counters that the pipeline's threads share.
final class VideoTally: Sendable {
    private struct Sums {
        var source = 0
        var samples = 0
        var skipped = 0
        var before: Float?
        var after: Float = 0
        var error: Float = 0
    }
    private struct State {
        var frames = 0
        var size = (width: 0, height: 0)
        var framesSwapped = 0
        var seen: Set<Int> = []
        var tracks: [Int: Sums] = [:]
    }
    private let state = Mutex(State())

    /// Frames written.
    var frames: Int { state.withLock { $0.frames } }
    /// Frames in which a face was swapped.
    var framesSwapped: Int { state.withLock { $0.framesSwapped } }
    /// Faces that were followed.
    var tracks: Int { state.withLock { $0.seen.count } }

    /// Columns and rows of the frames written.
    var size: (width: Int, height: Int) { state.withLock { $0.size } }

    func wrote(width: Int, height: Int) {
        state.withLock { state in
            state.frames += 1
            state.size = (width, height)
        }
    }
    func swappedFrame() { state.withLock { $0.framesSwapped += 1 } }
    func saw(_ ids: [Int]) { state.withLock { $0.seen.formUnion(ids) } }

    /// Whether a track's result should be measured now: five times at most, some frames apart.
    func wantsMeasure(_ track: Int) -> Bool {
        state.withLock { state in
            var sums = state.tracks[track] ?? Sums()
            defer { state.tracks[track] = sums }
            guard sums.samples < 5 else { return false }
            sums.skipped += 1
            return sums.skipped % 12 == 1
        }
    }

    /// Takes one measurement of a track.
    func measured(_ track: Int, source: Int, before: Float?, after: Float, error: Float) {
        state.withLock { state in
            var sums = state.tracks[track] ?? Sums()
            sums.source = source
            sums.samples += 1
            sums.before = before
            sums.after += after
            sums.error += error
            state.tracks[track] = sums
        }
    }

    /// The swapped tracks with the means of their measurements.
    var faces: [SwapReport.SwappedFace] {
        state.withLock { state in
            state.tracks.sorted { $0.key < $1.key }.filter { $0.value.samples > 0 }.map { id, sums in
                let n = Float(sums.samples)
                return SwapReport.SwappedFace(
                    number: id - 1, source: sums.source + 1, distanceBefore: sums.before, distanceAfter: sums.after / n,
                    landmarkError: sums.error / n)
            }
        }
    }
}
