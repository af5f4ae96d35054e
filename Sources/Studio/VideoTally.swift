// What is counted and measured while a video is swapped.

internal import Synchronization
internal import VideoIO

/// Counters that the pipeline's threads share.
final class VideoTally: Sendable {
    /// The measurements of one face.
    struct Sums: Sendable, Codable {
        /// From 0; `nil` when nobody was put in.
        var source: Int?
        var samples = 0
        var skipped = 0
        var before: Float?
        var after: Float?
        var error: Float?
    }
    /// What the stage that swaps has counted.
    struct Swapped: Sendable, Codable {
        var frames = 0
        var tracks: [Int: Sums] = [:]
    }
    private struct State {
        var frames = 0
        var size = (width: 0, height: 0)
        var seen: Set<Int> = []
        var swapped = Swapped()
    }
    private let state: Mutex<State>

    /// Makes counters that go on from `earlier`, or begin at nothing.
    init(after earlier: VideoState? = nil) {
        var state = State()
        if let earlier {
            state.frames = earlier.place.index
            state.seen = earlier.analysis.seen
            state.swapped = earlier.swapping.tally
        }
        self.state = Mutex(state)
    }

    /// Frames written.
    var frames: Int { state.withLock { $0.frames } }
    /// Frames in which a face was swapped.
    var framesSwapped: Int { swapped.frames }
    /// Faces that were followed.
    var tracks: Int { seen.count }
    /// The numbers of the faces that were followed.
    var seen: Set<Int> { state.withLock { $0.seen } }
    /// What the stage that swaps has counted.
    var swapped: Swapped { state.withLock { $0.swapped } }

    /// Columns and rows of the frames written.
    var size: (width: Int, height: Int) { state.withLock { $0.size } }

    func wrote() { state.withLock { $0.frames += 1 } }
    func settle(width: Int, height: Int) { state.withLock { $0.size = (width, height) } }
    /// Takes over the counts of a swap all of whose frames were made before.
    func take(frames: Int, seen: Set<Int>, swapped: Swapped) {
        state.withLock { state in
            state.frames = frames
            state.seen = seen
            state.swapped = swapped
        }
    }
    func swappedFrame() { state.withLock { $0.swapped.frames += 1 } }
    func saw(_ ids: [Int]) { state.withLock { $0.seen.formUnion(ids) } }

    /// Whether a track's result should be measured now: five times at most, some frames apart.
    func wantsMeasure(_ track: Int) -> Bool {
        state.withLock { state in
            var sums = state.swapped.tracks[track] ?? Sums()
            defer { state.swapped.tracks[track] = sums }
            guard sums.samples < 5 else { return false }
            sums.skipped += 1
            return sums.skipped % 12 == 1
        }
    }

    /// Takes one measurement of a track.
    func measured(_ track: Int, source: Int?, before: Float?, after: Float?, error: Float?) {
        state.withLock { state in
            var sums = state.swapped.tracks[track] ?? Sums()
            sums.source = source
            sums.samples += 1
            sums.before = before
            if let after { sums.after = (sums.after ?? 0) + after }
            if let error { sums.error = (sums.error ?? 0) + error }
            state.swapped.tracks[track] = sums
        }
    }

    /// The swapped tracks with the means of their measurements.
    var faces: [MediaReport.SwappedFace] {
        swapped.tracks.sorted { $0.key < $1.key }.filter { $0.value.samples > 0 }.map { id, sums in
            let n = Float(sums.samples)
            return MediaReport.SwappedFace(
                number: id - 1, source: sums.source.map { $0 + 1 }, distanceBefore: sums.before,
                distanceAfter: sums.after.map { $0 / n },
                landmarkError: sums.error.map { $0 / n })
        }
    }
}
