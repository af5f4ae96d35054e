// What a job is to do: one description to which the modes and the processors of both contracts map.

/// The work of a job, apart from its files. Stored as JSON with the job; unknown fields of newer versions are ignored.
package struct JobDescription: Sendable, Codable, Hashable {
    /// The name under which a client asked, e.g. `photo_video_fast`; nil for process calls.
    package var mode: String?
    /// FaceFusion's processor names, applied in order; never empty.
    package var processors: [String]
    /// The way faces are generated: `mesh` (built in) or a model's name such as `hyperswap_1c_256`.
    package var swapper: String
    /// The model that restores faces after the swap, e.g. `gfpgan_1.4`; nil for none.
    package var enhancer: String?
    /// Which lane works it off; also says whether the target is a picture or a video.
    package var lane: Lane
    package var options: JobOptions

    package init(
        mode: String?, processors: [String], swapper: String, enhancer: String?, lane: Lane,
        options: JobOptions = JobOptions()
    ) {
        self.mode = mode
        self.processors = processors
        self.swapper = swapper
        self.enhancer = enhancer
        self.lane = lane
        self.options = options
    }
}

extension JobDescription {
    /// The model that is asked for by a processor's name; nil: whichever is the default.
    package func model(of processor: String) -> String? {
        if let chosen = options.choices?[processor + "_model"] { return chosen }
        return switch processor {
        case "face_swapper": swapper
        case "face_enhancer": enhancer
        default: nil
        }
    }

    /// The model that a client, or the mode that he named, chose for a processor; nil: any will do.
    package func chosenModel(of processor: String) -> String? {
        let model = model(of: processor)
        // A process call that names no swapper has `mesh` for want of another.
        let isChosen = mode != nil || model != "mesh" || options.choices?[processor + "_model"] != nil
        return isChosen ? model : nil
    }
}

/// The choices of a client; nil is the default of the engine.
package struct JobOptions: Sendable, Codable, Hashable {
    /// Who becomes whom: face number in the target (as `faces` lists them, from 0) → face number in the source.
    /// nil: FaceFusion's default, the first source face onto the reference face(s).
    package var map: [Int: Int]?
    /// Seconds into the target video at which the faces of `map` were found; the reference frame.
    package var referenceTime: Double?
    /// 0…1.
    package var detectorScore: Double?
    package var detectorModel: String?
    package var keepEyes: Bool?
    package var keepMouth: Bool?
    /// Percent, 10…400.
    package var outputScale: Int?
    /// Frames a second, 1…120; nil as the input.
    package var outputFPS: Double?
    /// Seconds.
    package var trimStart: Double?
    package var trimEnd: Double?
    package var executionProviders: [String]?
    /// 1…32.
    package var threadCount: Int?
    /// Choices for processors by FaceFusion's names, such as `face_enhancer_blend`: `80`.
    package var choices: [String: String]?

    package init() {}
}

/// A file given to a job.
package struct JobInput: Sendable, Codable, Hashable {
    package let role: InputRole
    package let blob: BlobKey
    /// As sniffed from the content, e.g. `image/jpeg`, `video/mp4`.
    package let mediaType: String
    package let byteCount: Int64
    /// Lower-case hexadecimal; for the audit log.
    package let sha256: String
    /// As the client named it, without folders; nil when it did not.
    package let fileName: String?
    /// Pixels, after rotation; nil when it was not looked at.
    package let width: Int?
    package let height: Int?
    /// Seconds of a video; nil for a picture.
    package let duration: Double?
    /// Frames a second of a video; nil for a picture, and where it is not known.
    package let framesPerSecond: Double?

    package init(
        role: InputRole, blob: BlobKey, mediaType: String, byteCount: Int64, sha256: String, fileName: String?,
        width: Int? = nil, height: Int? = nil, duration: Double? = nil, framesPerSecond: Double? = nil
    ) {
        self.role = role
        self.blob = blob
        self.mediaType = mediaType
        self.byteCount = byteCount
        self.sha256 = sha256
        self.fileName = fileName
        self.width = width
        self.height = height
        self.duration = duration
        self.framesPerSecond = framesPerSecond
    }
}

/// What a finished job made.
package struct JobOutput: Sendable, Codable, Hashable {
    package let blob: BlobKey
    package let mediaType: String
    package let byteCount: Int64
    package let sha256: String
    /// Pixels, after rotation.
    package let width: Int
    package let height: Int
    /// Seconds; nil for a picture.
    package let duration: Double?
    /// How many faces were replaced (pictures) or tracks (videos).
    package let faceCount: Int
    /// Sentences a person should know, e.g. that `mesh` was used because a model is missing.
    package let notes: [String]
    /// Seconds spent by stage, e.g. `["loading": 0.2, "swapping": 1.4]`.
    package let stageSeconds: [String: Double]

    package init(
        blob: BlobKey, mediaType: String, byteCount: Int64, sha256: String, width: Int, height: Int, duration: Double?,
        faceCount: Int, notes: [String], stageSeconds: [String: Double]
    ) {
        self.blob = blob
        self.mediaType = mediaType
        self.byteCount = byteCount
        self.sha256 = sha256
        self.width = width
        self.height = height
        self.duration = duration
        self.faceCount = faceCount
        self.notes = notes
        self.stageSeconds = stageSeconds
    }
}

/// Why a job or an attempt failed, as a person and a program read it.
package struct JobFailure: Sendable, Codable, Hashable {
    /// A ``Errors/MasqueError/Code`` name, e.g. `noFace`.
    package let code: String
    package let message: String
    package let advice: String?
    /// Whether another attempt may go through.
    package let isRetryable: Bool

    package init(code: String, message: String, advice: String?, isRetryable: Bool) {
        self.code = code
        self.message = message
        self.advice = advice
        self.isRetryable = isRetryable
    }
}
