// Which FFmpeg this program runs with.

internal import CFFmpeg

/// FFmpeg's libraries as they are loaded.
package enum LibraryVersions {
    /// Name and version of each library, such as `("libavcodec", "59.37.100")`.
    package static var all: [(name: String, version: String)] {
        [
            ("libavformat", avformat_version()), ("libavcodec", avcodec_version()), ("libavfilter", avfilter_version()),
            ("libswscale", swscale_version()), ("libavutil", avutil_version()),
        ].map { ($0.0, "\($0.1 >> 16).\($0.1 >> 8 & 0xFF).\($0.1 & 0xFF)") }
    }

    /// FFmpeg's own release, such as `5.1.9-0+deb12u1`.
    package static var release: String { unsafe LibAV.name(av_version_info()) }

    /// Whether this FFmpeg has the encoder that a codec is written with.
    package static func canWrite(_ codec: VideoCodec) -> Bool {
        unsafe avcodec_find_encoder_by_name(codec.encoder) != nil
    }
}
