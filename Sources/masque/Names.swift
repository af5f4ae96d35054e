// The engine's names as arguments.

internal import ArgumentParser
internal import Faces
internal import VideoIO

extension FaceSelectorMode: ExpressibleByArgument {}
extension FaceOrder: ExpressibleByArgument {}
extension EncodePreset: ExpressibleByArgument {}

extension VideoCodec: ExpressibleByArgument {
    /// Reads Masque's names and those of FFmpeg's encoders, which FaceFusion uses.
    init?(argument: String) {
        switch argument.lowercased() {
        case "h264", "libx264", "avc": self = .h264
        case "hevc", "libx265", "h265": self = .hevc
        case "vp9", "libvpx-vp9": self = .vp9
        case "gif": self = .gif
        default: return nil
        }
    }
}
