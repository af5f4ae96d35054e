// A file that a client sent, and what its first bytes say it is.

internal import Errors
internal import JobQueue

/// An uploaded file on this server's disk, of which nothing is believed yet.
package struct ReceivedFile: Sendable, Hashable {
    package let path: String
    package let byteCount: Int64
    /// Lower-case hexadecimal.
    package let sha256: String
    /// As the client named it; may hold anything.
    package let fileName: String?
    /// From the content: e.g. `image/jpeg`, `video/mp4`; nil when the bytes are none that is known.
    package let sniffedType: String?

    package init(path: String, byteCount: Int64, sha256: String, fileName: String?, sniffedType: String?) {
        self.path = path
        self.byteCount = byteCount
        self.sha256 = sha256
        self.fileName = fileName
        self.sniffedType = sniffedType
    }

    /// The name without folders and control characters, at most 150 characters; nil when nothing is left.
    package var cleanName: String? {
        guard let last = fileName?.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last else { return nil }
        let visible = last.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 && !$0.properties.isBidiControl }
        let name = String(String.UnicodeScalarView(visible.prefix(150)))
        return name.isEmpty || name == "." || name == ".." ? nil : name
    }
}

/// What may be sent for a role.
enum AcceptedKind: Sendable {
    case picture, video, voice

    static let pictures: Set<String> = ["image/jpeg", "image/png", "image/webp"]
    static let videos: Set<String> = ["video/mp4", "video/quicktime", "video/webm", "video/x-matroska"]
    static let recordings: Set<String> = [
        "audio/wav", "audio/mpeg", "audio/flac", "audio/ogg", "audio/aac", "audio/mp4", "audio/aiff",
    ]

    init(_ role: InputRole, lane: Lane) {
        self =
            switch role {
            case .source: .picture
            case .voice: .voice
            case .target: lane == .video ? .video : .picture
            }
    }

    /// What a file is that was sent as a source: the voice, where a processor listens to one and the file is no picture;
    /// else the source.
    static func role(ofSource file: ReceivedFile, for description: JobDescription) -> InputRole {
        guard description.hearsVoice else { return .source }
        let type = file.sniffedType ?? ""
        if pictures.contains(type) { return .source }
        let isSound = recordings.contains(type) || videos.contains(type)
        return isSound || !description.neededInputs.contains(.source) ? .voice : .source
    }

    private var accepted: Set<String> {
        switch self {
        case .picture: Self.pictures
        case .video: Self.videos
        case .voice: Self.recordings.union(Self.videos)
        }
    }

    /// - Throws: `.unsupportedMedia` with a sentence that says what is taken instead.
    func check(_ file: ReceivedFile, as role: InputRole, limits: LimitSet) throws(MasqueError) {
        if let type = file.sniffedType, accepted.contains(type) { return }
        let what =
            file.byteCount == 0 ? "is empty" : file.sniffedType.map { "is \($0)" } ?? "is of a kind that is not known"
        throw MasqueError(
            .unsupportedMedia, "The \(role.rawValue) file \(what), which cannot be used here.",
            advice: advice(for: file.sniffedType ?? "", as: role, limits: limits))
    }

    /// What to send instead of something that is not taken.
    func advice(for mediaType: String, as role: InputRole, limits: LimitSet) -> String {
        switch self {
        case .voice: "Send a recording as WAV, MP3, FLAC, OGG, AAC or M4A, or a video with sound."
        case .picture where role == .source && mediaType.hasPrefix("audio/"):
            "Send a JPEG, PNG or WebP picture; a recording is only for the processor lip_syncer."
        case .picture where role == .target && AcceptedKind.videos.contains(mediaType):
            limits == .jobs
                ? "Send a JPEG, PNG or WebP picture, or choose a mode for videos."
                : "Send a JPEG, PNG or WebP picture, or send the video to POST /process/video."
        case .picture where mediaType.hasPrefix("image/"): "Turn it into a JPEG, PNG or WebP picture."
        case .picture: "Send a JPEG, PNG or WebP picture."
        case .video where mediaType == "image/gif": "Turn it into an MP4 video."
        case .video where mediaType.hasPrefix("image/"):
            limits == .jobs
                ? "Send an MP4, MOV, WebM or MKV video, or choose a mode for pictures."
                : "Send an MP4, MOV, WebM or MKV video, or send the picture to POST /process/image."
        case .video: "Send an MP4, MOV, WebM or MKV video."
        }
    }
}
