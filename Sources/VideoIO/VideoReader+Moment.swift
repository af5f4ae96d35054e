// The frame of a video at a moment.

package import Errors

extension VideoReader {
    /// The first frame at or after `seconds` from the video's beginning; beyond the end the last frame. The same moment
    /// of the same file always gives the same frame.
    ///
    /// - Throws: ``MasqueError`` when not one frame can be decoded.
    package func frame(at seconds: Double) throws(MasqueError) -> VideoFrame {
        let wanted = seconds.isFinite ? max(0, seconds) : 0
        try seek(toSeconds: wanted)
        if let frame = try next() { return frame }
        // Beyond the end: the last frame is near what the file promises, or somewhere before it.
        for back in [1.0, 10, .infinity] {
            try seek(toSeconds: max(0, min(wanted, info.duration > 0 ? info.duration : wanted) - back))
            var last: VideoFrame?
            while let frame = try next() { last = frame }
            if let last { return last }
        }
        throw MasqueError(.unsupportedMedia, "“\(name)” is damaged: not one frame of it could be decoded.")
    }
}
