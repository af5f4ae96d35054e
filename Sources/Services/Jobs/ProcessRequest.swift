// The `request` of a process call: FaceFusion REST's fields, defaults and ranges, and the job they make.

internal import Errors
package import JobQueue

/// The JSON of the `request` part (contract process.md); every field may be missing.
package struct ProcessRequest: Sendable, Decodable, Hashable {
    package var processors: [String]
    package var executionProviders: [String]
    package var executionThreadCount: Int
    package var outputVideoFPS: Double?
    /// Percent; nil: as the processors make it.
    package var outputImageScale: Int?
    package var outputVideoScale: Int?
    package var faceDetectorModel: String
    package var faceDetectorScore: Double
    package var webhookURL: String?
    /// Options of processors by FaceFusion's names, such as `face_enhancer_blend`; the media process reads them.
    package var choices: [String: String]

    private enum CodingKeys: String, CodingKey {
        case processors
        case executionProviders = "execution_providers"
        case executionThreadCount = "execution_thread_count"
        case outputVideoFPS = "output_video_fps"
        case outputImageScale = "output_image_scale"
        case outputVideoScale = "output_video_scale"
        case faceDetectorModel = "face_detector_model"
        case faceDetectorScore = "face_detector_score"
        case webhookURL = "webhook_url"
    }

    /// The defaults.
    package init() {
        processors = ["face_swapper"]
        executionProviders = ["cpu"]
        executionThreadCount = 1
        outputVideoFPS = nil
        outputImageScale = nil
        outputVideoScale = nil
        faceDetectorModel = "yoloface_8n"
        faceDetectorScore = 0.5
        webhookURL = nil
        choices = [:]
    }

    package init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        processors = try values.words(.processors) ?? processors
        executionProviders = try values.words(.executionProviders) ?? executionProviders
        executionThreadCount =
            try values.decodeIfPresent(Int.self, forKey: .executionThreadCount) ?? executionThreadCount
        outputVideoFPS = try values.decodeIfPresent(Double.self, forKey: .outputVideoFPS)
        outputImageScale = try values.decodeIfPresent(Int.self, forKey: .outputImageScale)
        outputVideoScale = try values.decodeIfPresent(Int.self, forKey: .outputVideoScale)
        faceDetectorModel = try values.decodeIfPresent(String.self, forKey: .faceDetectorModel) ?? faceDetectorModel
        faceDetectorScore = try values.decodeIfPresent(Double.self, forKey: .faceDetectorScore) ?? faceDetectorScore
        webhookURL = try values.decodeIfPresent(String.self, forKey: .webhookURL)
        choices = try ProcessorChoiceFields(from: decoder).values
    }

    /// FaceFusion's eleven processors.
    package static let processorNames = [
        "age_modifier", "background_remover", "deep_swapper", "expression_restorer", "face_debugger", "face_editor",
        "face_enhancer", "face_swapper", "frame_colorizer", "frame_enhancer", "lip_syncer",
    ]

    /// The job that does it.
    ///
    /// - Throws: `.badInput` naming the field, its value and its range.
    package func description(lane: Lane) throws -> JobDescription {
        guard !processors.isEmpty, processors.count <= 16 else {
            throw MasqueError(.badInput, "processors must name 1 to 16 processors.", advice: "See GET /processors.")
        }
        for name in processors where !ProcessRequest.processorNames.contains(name) {
            throw MasqueError(
                .badInput, "There is no processor “\(name.prefix(60))”.",
                advice: "Use \(ProcessRequest.processorNames.joined(separator: ", ")).")
        }
        // Both scales are checked, whichever of them is used.
        var unused = JobOptions()
        unused.outputScale = lane == .image ? outputVideoScale : outputImageScale
        try unused.check(.process(lane == .image ? .video : .image))
        var options = JobOptions()
        options.detectorScore = faceDetectorScore
        options.detectorModel = faceDetectorModel
        options.executionProviders = executionProviders
        options.threadCount = executionThreadCount
        options.outputScale = lane == .image ? outputImageScale : outputVideoScale
        options.outputFPS = outputVideoFPS
        options.choices = choices.isEmpty ? nil : choices
        try options.check(.process(lane))
        return JobDescription(
            mode: nil, processors: processors, swapper: "mesh", enhancer: nil, lane: lane, options: options)
    }
}

extension KeyedDecodingContainer {
    /// A list of words, or a text with commas or spaces between them.
    fileprivate func words(_ key: Key) throws -> [String]? {
        if let text = try? decodeIfPresent(String.self, forKey: key) {
            return text.split { $0 == "," || $0.isWhitespace }.map(String.init)
        }
        return try decodeIfPresent([String].self, forKey: key)
    }
}
