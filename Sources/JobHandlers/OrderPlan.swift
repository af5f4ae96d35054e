// What an order comes down to on this machine: the engine's request, and what a person should know about it.

internal import Errors
internal import Faces
internal import Files
internal import Foundation
internal import ImageIO
internal import Inference
internal import JobQueue
internal import Studio
internal import VideoIO
internal import WorkerProtocol

/// An order translated for the engine.
struct OrderPlan {
    var request: MediaRequest
    var policy: ExecutionPolicy
    /// Sentences for the result.
    var notes: [String] = []
    let isPicture: Bool
    let mediaType: String

    /// What clients of the process API send who do not choose.
    private static let standardDetector = "yoloface_8n"

    /// Translates an order.
    ///
    /// - Parameter own: how models run when the order does not say; also the bound on threads.
    /// - Throws: ``MasqueError``: `.missingModel` for what cannot run here, `.badInput`, `.unsupportedMedia`.
    init(_ order: WorkOrder, abilities: Abilities, own: ExecutionPolicy) throws {
        let description = order.description, options = description.options
        let names = try ProcessorStep.names(description.processors)
        // A mode's own enhancer is a model of that mode: `choose` says what becomes of it where it is missing.
        let catalogue = abilities.catalogue
        try catalogue.check(names.filter { $0 != .faceEnhancer || description.mode == nil })
        policy = own
        let format = try Self.pictureFormat(of: order)
        isPicture = format != nil
        mediaType = format?.mediaType ?? "video/mp4"
        request = MediaRequest(
            sources: order.sourcePaths, target: order.targetPath,
            output: "\(order.folder)/result.\(format?.fileExtension ?? "mp4")")
        request.voice = order.voicePath
        request.overwrite = true
        // The fence lets this process write to no input, and stored files are never written to again.
        request.targetIsImmutable = true
        if format == nil {
            request.checkpoint = "\(order.folder)/parts"
            request.previewFolder = order.folder
        }
        try apply(options)
        try choose(
            names, description, fallsBack: order.fallsBackToMesh && description.mode != nil,
            catalogue: catalogue)
        try choose(providers: description.options.executionProviders, of: abilities.providers)
    }

    /// The format of a target picture; nil for a video.
    ///
    /// - Throws: `.unsupportedMedia` when it is not what the order's lane works on.
    static func pictureFormat(of order: WorkOrder) throws -> PictureFormat? {
        let description = order.description
        let head = try readHead(of: order.targetPath, count: 512)
        let format = PictureFormat(sniffing: head)
        if description.lane == .image, format == nil {
            let kind = describeContent(head).map { "\($0), not a picture" } ?? "not a picture"
            throw MasqueError(
                .unsupportedMedia, "The target “\(name(order.targetPath))” is \(kind).",
                advice: "Use a JPEG, PNG or WebP picture, or a mode for videos.")
        }
        if description.lane == .video, let format {
            throw MasqueError(
                .unsupportedMedia,
                "The target “\(name(order.targetPath))” is a \(format.label) picture, and this job makes a video.",
                advice: "Use a video, or a mode for pictures.")
        }
        return format
    }

    private mutating func apply(_ options: JobOptions) throws {
        request.pairs = options.map
        request.referenceTime = options.referenceTime
        request.outputScale = options.outputScale.map(Double.init)
        if let score = options.detectorScore {
            guard score >= 0, score <= 1 else {
                throw MasqueError(.badInput, "The detector score \(score) is outside 0 to 1.")
            }
            request.detection.threshold = Float(score)
        }
        request.swap.keepEyes = options.keepEyes ?? false
        request.swap.keepMouth = options.keepMouth ?? false
        if !isPicture {
            request.outputRate = options.outputFPS
            request.trim = try Self.trim(options)
        }
        if let count = options.threadCount {
            guard (1...32).contains(count) else {
                throw MasqueError(.badInput, "The number of threads \(count) is outside 1 to 32.")
            }
            // 1 is what clients send who do not care.
            if count > 1 { policy.threads = min(count, policy.threads) }
        }
    }

    /// The part of a video that is wanted.
    ///
    /// - Throws: `.badInput` when there is no such part.
    static func trim(_ options: JobOptions) throws -> VideoTrim {
        let (start, end) = (options.trimStart, options.trimEnd)
        for mark in [start, end] {
            if let mark, !(mark.isFinite && mark >= 0) {
                throw MasqueError(.badInput, "The time \(mark) is not a moment of a video.")
            }
        }
        if let end, end <= start ?? 0 {
            throw MasqueError(
                .badInput, "The part of the video ends at \(end) s and begins at \(start ?? 0) s, so nothing is left.",
                advice: "Choose an end after the beginning.")
        }
        return VideoTrim(start: start.map { .seconds($0) }, end: end.map { .seconds($0) })
    }

    /// Decides with which models processors run.
    private mutating func choose(
        _ names: [ProcessorName], _ description: JobDescription, fallsBack: Bool, catalogue: ProcessorCatalogue
    ) throws {
        var values = description.options.choices ?? [:]
        if let wrong = values.keys.sorted().first(where: { !ProcessorStep.choiceNames.contains($0) }) {
            throw MasqueError(
                .badInput, "There is no option “\(wrong.prefix(64))”.", advice: "docs/facefusion.md lists them.")
        }
        var missing: [String] = [], lacking: [String] = []
        var kept: [ProcessorName] = []
        for name in names {
            let key = name.rawValue + "_model"
            let named = description.model(of: name.rawValue)
            let model = named ?? catalogue.runnable(name).first?.model
            if let model { values[key] = model }
            // A name that no server could have is the client's mistake and not this server's.
            if named != nil {
                _ = try ProcessorStep(name, choices: ProcessorChoices(values))
            }
            let files = model.map { catalogue.missing(name, model: $0) } ?? []
            if files.isEmpty {
                kept.append(name)
            } else {
                missing.append(model ?? name.rawValue)
                lacking += files
                values[key] = name == .faceSwapper ? FaceSwapperSettings.mesh : nil
                if name == .faceSwapper { kept.append(name) }
            }
        }
        if !missing.isEmpty {
            try note(missing, lacking, isSwapMissing: missing.contains(description.swapper), fallsBack: fallsBack)
        }
        let choices = ProcessorChoices(values)
        request.processors = try kept.map { try ProcessorStep($0, choices: choices) }
        try look(values, description.options.detectorModel, catalogue: catalogue)
    }

    /// Decides how faces are found and which are meant.
    private mutating func look(
        _ values: [String: String], _ detector: String?, catalogue: ProcessorCatalogue
    ) throws {
        var values = values
        // Clients of the process API name FaceFusion's default without a thought; ours does as well where it is missing.
        if let name = detector {
            if let model = DetectorModel(named: name), catalogue.isInstalled(model.files) {
                values["face_detector_model"] = model.name
            } else if name != Self.standardDetector {
                notes.append(MissingModelNote.foundByBuiltIn(without: String(name.prefix(64))))
            }
        }
        try request.take(ProcessorChoices(values))
    }

    /// Says that models are missing: as an error, or in the result when it may do without them.
    private mutating func note(
        _ missing: [String], _ files: [String], isSwapMissing: Bool, fallsBack: Bool
    ) throws {
        let list = missing.map { "“\($0)”" }
        let models = list.count == 1 ? "model \(list[0]) is" : "models \(list.joined(separator: " and ")) are"
        guard fallsBack else {
            throw MasqueError(
                .missingModel, "The \(models) not installed on this server.",
                advice: "Its operator can fetch what is missing: “masque models pull \(files.joined(separator: " "))”.")
        }
        notes.append(
            isSwapMissing
                ? MissingModelNote.swappedByMesh(without: models) : MissingModelNote.unrestored(without: models))
    }

    /// Decides on what models run.
    private mutating func choose(providers wanted: [String]?, of providers: [String]) throws {
        guard let wanted, !wanted.isEmpty else { return }
        guard let first = wanted.first(where: providers.contains),
            let provider = ExecutionPolicy.Provider(rawValue: first)
        else {
            throw MasqueError(
                .badInput,
                "This server cannot compute on \(wanted.map { "“\($0.prefix(32))”" }.joined(separator: ", ")).",
                advice: "It can compute on \(providers.joined(separator: ", ")).")
        }
        if first != wanted.first {
            notes.append("“\(wanted[0].prefix(32))” is not there on this server, so “\(first)” computed this result.")
        }
        policy.provider = provider
    }

    private static func name(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }
}
