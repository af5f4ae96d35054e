// What a video file says about itself.

/// A stream beside the picture: sound, subtitles, data.
package struct StreamInfo: Sendable, Hashable {
    /// The codec's short name, such as "aac".
    package let codec: String
    /// The language tag of the file, if it has one.
    package let language: String?
    /// Samples a second; 0 for streams without sound.
    package let sampleRate: Int
    /// Channels; 0 for streams without sound.
    package let channels: Int
}

/// What a video file says about itself; read without decoding more than a few frames.
package struct VideoInfo: Sendable {
    /// The container's short name, such as "mov" or "matroska".
    package let container: String
    /// The picture codec's short name, such as "h264".
    package let codec: String
    /// Columns of the stored picture, before rotation.
    package let width: Int
    /// Rows of the stored picture, before rotation.
    package let height: Int
    /// Clockwise degrees by which a player turns the stored picture: 0, 90, 180 or 270.
    package let rotation: Int
    /// The shape of one pixel, width to height; 1/1 when the file does not say.
    package let pixelAspect: Rational
    /// Average frames a second; unknown for some damaged files.
    package let frameRate: Rational
    /// The lowest rate at which all timestamps fall on whole frames, as far as FFmpeg guessed it.
    package let baseFrameRate: Rational
    /// Seconds from the first to the end of the last frame, as the file promises; 0 when it does not say.
    package let duration: Double
    /// Frames, from the file's index or from duration and rate; 0 when neither is known.
    package let frameCountEstimate: Int
    /// Seconds per tick of the stream's timestamps.
    package let timeBase: Rational
    /// FFmpeg's name of the pixel layout, such as "yuv420p10le".
    package let pixelFormat: String
    /// Bits per sample, usually 8 or 10.
    package let bitDepth: Int
    /// FFmpeg's name of the colour primaries, such as "bt709" or "unknown".
    package let primaries: String
    /// FFmpeg's name of the transfer curve, such as "smpte2084".
    package let transfer: String
    /// FFmpeg's name of the Y′CbCr matrix.
    package let matrix: String
    /// Whether samples span all codes (JPEG range) rather than the video range.
    package let fullRange: Bool
    /// Whether the file says that its frames are two fields each.
    package let isInterlaced: Bool
    /// Whether the picture carries transparency.
    package let hasAlpha: Bool
    /// The streams of sound, in file order.
    package let audio: [StreamInfo]
    /// The streams of subtitles, in file order.
    package let subtitles: [StreamInfo]

    /// Whether the transfer curve is PQ (SMPTE ST 2084) or HLG (ARIB STD-B67).
    package var isHDR: Bool { transfer == "smpte2084" || transfer == "arib-std-b67" }
    /// Whether frames seem to come at uneven times (the two rates differ by more than one in a hundred).
    package var isVariableRate: Bool {
        guard frameRate.isKnown, baseFrameRate.isKnown else { return false }
        return abs(frameRate.value / baseFrameRate.value - 1) > 0.01
    }
    /// Width as a player shows it, after rotation.
    package var displayWidth: Int { rotation % 180 == 0 ? width : height }
    /// Height as a player shows it, after rotation.
    package var displayHeight: Int { rotation % 180 == 0 ? height : width }
}

/// Bounds on what is read, so that a hostile file costs bounded time and memory.
package struct VideoLimits: Sendable, Hashable {
    /// The longest video, in seconds.
    package var duration: Double
    /// The largest picture, in pixels.
    package var pixels: Int

    /// Makes limits; the defaults are six hours and 8192×4608.
    package init(duration: Double = 6 * 3600, pixels: Int = 8192 * 4608) {
        self.duration = duration
        self.pixels = pixels
    }

    /// The most streams a file may have.
    static let streams = 64
    /// Packets in a row that may fail to give a frame before the rest is given up.
    static let barrenPackets = 2000
}
