// Which frames of a video are looked at for the people in it when no moment was named.

internal import VideoIO

enum ReferenceFrames {
    /// Frames from one look to the next, and looks at most.
    private static let step = 6, looks = 120

    /// Looks at frame `first`, then at every sixth, until a look finds something; 120 at most.
    ///
    /// - Parameters:
    ///   - reader: at its beginning.
    ///   - look: `nil`: look on.
    /// - Returns: what was found; `nil` when nothing was.
    static func search<Found>(
        _ reader: VideoReader, from first: Int = 0, look: (VideoFrame) throws -> Found?
    ) throws -> Found? {
        var seen = 0
        while seen < looks, let frame = try reader.next() {
            guard frame.index >= first, (frame.index - first) % step == 0 else { continue }
            seen += 1
            if let found = try look(frame) { return found }
        }
        return nil
    }
}
