// Which sound and subtitles a container holds.

internal import CFFmpeg

enum CompanionCodecs {
    private static let mp4Sound: Set<String> = [
        "aac", "mp3", "mp2", "ac3", "eac3", "alac", "opus", "flac", "dts", "truehd", "mp4als",
    ]
    private static let movSound: Set<String> = ["aac", "mp3", "ac3", "eac3", "alac", "amr_nb", "amr_wb"]

    /// Whether streams of `codec` can be copied into `container` as they are.
    static func takes(_ container: VideoContainer, _ codec: String, _ kind: AVMediaType) -> Bool {
        if kind == AVMEDIA_TYPE_SUBTITLE {
            switch container {
            case .mp4, .m4v, .mov: return codec == "mov_text"
            case .webm: return codec == "webvtt"
            case .mkv: return ["subrip", "ass", "webvtt", "hdmv_pgs_subtitle", "dvd_subtitle", "text"].contains(codec)
            case .gif: return false
            }
        }
        switch container {
        case .mp4, .m4v: return mp4Sound.contains(codec)
        case .mov: return movSound.contains(codec) || (codec.hasPrefix("pcm_") && codec != "pcm_bluray")
        case .webm: return codec == "opus" || codec == "vorbis"
        case .mkv: return !["amr_nb", "amr_wb", "pcm_s16be_planar"].contains(codec)
        case .gif: return false
        }
    }

    /// The codec to which other sound is converted.
    static func replacement(_ container: VideoContainer) -> String { container == .webm ? "opus" : "aac" }
}
