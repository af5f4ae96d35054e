// How a video is written, and which part of it.

internal import ArgumentParser
internal import Errors
internal import Studio
internal import VideoIO

/// Options about videos; pictures do not mind them. The longer names are FaceFusion's.
struct VideoOptions: ParsableArguments {
    @Option(
        name: [.customLong("video-codec"), .customLong("output-video-encoder")],
        help: "The codec: h264, hevc, vp9 or gif. (default: what plays almost everywhere in the container)")
    var videoCodec: VideoCodec?

    @Option(
        name: [.customLong("video-quality"), .customLong("output-video-quality")],
        help: ArgumentHelp("Quality of a written video, 0 to 100.", valueName: "number"))
    var videoQuality = 80

    @Option(
        name: [.customLong("video-preset"), .customLong("output-video-preset")],
        help: "The encoder's time against size.")
    var videoPreset = EncodePreset.veryfast

    @Option(
        name: [.customLong("fps"), .customLong("output-video-fps")],
        help: ArgumentHelp("Frames a second; without it every frame keeps its time.", valueName: "rate"))
    var fps: Double?

    @Option(
        name: [.customLong("scale"), .customLong("output-video-scale"), .customLong("output-image-scale")],
        help: ArgumentHelp("Size: 50% or 0.5; of a video also 1280x720 or 720p.", valueName: "size"))
    var scale: String?

    @Option(
        help: ArgumentHelp(
            "The part to take: 2.5..7 in seconds, 1:02..1:10 on the clock, 30f..60f in frames; either end may be left out.",
            valueName: "part"))
    var trim: String?

    @Option(
        help: ArgumentHelp("Where the part begins: seconds, clock time, or a frame such as 30f.", valueName: "time"))
    var start: String?

    @Option(help: ArgumentHelp("Where the part ends (left out itself).", valueName: "time"))
    var end: String?

    @Option(
        name: [.customLong("start-frame"), .customLong("trim-frame-start")],
        help: ArgumentHelp("The part's first frame, from 0.", valueName: "number"))
    var startFrame: Int?

    @Option(
        name: [.customLong("end-frame"), .customLong("trim-frame-end")],
        help: ArgumentHelp("The first frame after the part.", valueName: "number"))
    var endFrame: Int?

    @Flag(help: "Leave sound and subtitles out.")
    var noAudio = false

    /// Puts the choices into a request whose output is named.
    func apply(to request: inout MediaRequest) throws {
        request.trim = try part()
        // Ranges are checked for pictures too, so that a wrong number never passes in silence.
        _ = try encoding(.mkv, codec: nil)
        guard let container = try? VideoContainer(path: request.output) else {
            request.outputScale = try pictureScale()
            return
        }
        request.video = try encoding(container, codec: videoCodec)
    }

    private func encoding(_ container: VideoContainer, codec: VideoCodec?) throws -> VideoIO.EncodeOptions {
        try VideoIO.EncodeOptions(
            container: container, codec: codec, quality: videoQuality, preset: videoPreset, frameRate: fps,
            scale: scale.map { text throws(MasqueError) in try FrameScale(text) }, keepAudio: !noAudio)
    }

    /// The scale of a picture in percent.
    private func pictureScale() throws -> Double? {
        guard let scale else { return nil }
        guard case .factor(let factor) = try FrameScale(scale) else {
            throw MasqueError(
                .badInput, "“\(scale)” is not a picture's scale.", advice: "Write 50% or 0.5, from 10% to 400%.")
        }
        return factor * 100
    }

    private func part() throws -> VideoTrim {
        let ways = [trim != nil, start != nil || end != nil, startFrame != nil || endFrame != nil].filter { $0 }
        guard ways.count <= 1 else {
            throw MasqueError(
                .badInput, "The part of the video is given in more than one way.",
                advice: "Use one of --trim, --start with --end, or --start-frame with --end-frame.")
        }
        if let trim { return try VideoTrim(trim) }
        if start != nil || end != nil { return try VideoTrim("\(start ?? "")..\(end ?? "")") }
        if startFrame != nil || endFrame != nil {
            return try VideoTrim("\(startFrame.map { "\($0)f" } ?? "")..\(endFrame.map { "\($0)f" } ?? "")")
        }
        return .all
    }
}
