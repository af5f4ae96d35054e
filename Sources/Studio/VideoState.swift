// What a video swap remembers from frame to frame.

internal import Faces
internal import VideoIO

/// All that the stages of a video swap remember before a frame: with it, another run goes on at this frame and makes the
/// same pixels as if it had made the frames before.
struct VideoState: Sendable, Codable {
    /// The memory of the stage that follows faces.
    struct Analysis: Sendable, Codable {
        var tracker = FaceTrackerState?.none
        var cuts = SceneCutDetector()
        /// The numbers of all faces seen.
        var seen: Set<Int> = []
    }
    /// The memory of the stage that swaps.
    struct Swapping: Sendable, Codable {
        var memories: [Int: FaceMemory] = [:]
        var presences: [Int: Float] = [:]
        var frame = FrameMemory()
        var tally = VideoTally.Swapped()
    }

    /// The frame before which the memory is taken.
    let place: FramePlace
    let analysis: Analysis
    let swapping: Swapping
}
