// A job's choices as FaceFusion's command line takes them (version 3.5.2).

internal import Errors
internal import JobQueue
internal import WorkerProtocol

/// The arguments of `job-add-step` and `job-run` that a job comes down to.
struct FaceFusionOptions {
    /// Of `job-add-step`, without paths.
    private(set) var step: [String] = []
    /// Of `job-run`, without paths.
    private(set) var run: [String] = []

    /// FaceFusion's processors.
    static let processors: Set<String> = [
        "age_modifier", "background_remover", "deep_swapper", "expression_restorer", "face_debugger", "face_editor",
        "face_enhancer", "face_swapper", "frame_colorizer", "frame_enhancer", "lip_syncer",
    ]
    static let swappers: Set<String> = [
        "blendswap_256", "ghost_1_256", "ghost_2_256", "ghost_3_256", "hififace_unofficial_256", "hyperswap_1a_256",
        "hyperswap_1b_256", "hyperswap_1c_256", "inswapper_128", "inswapper_128_fp16", "simswap_256",
        "simswap_unofficial_512", "uniface_256",
    ]
    static let enhancers: Set<String> = [
        "codeformer", "gfpgan_1.2", "gfpgan_1.3", "gfpgan_1.4", "gpen_bfr_256", "gpen_bfr_512", "gpen_bfr_1024",
        "gpen_bfr_2048", "restoreformer_plus_plus",
    ]
    private static let detectors = [
        "many": "many", "retinaface": "retinaface", "scrfd": "scrfd", "yunet": "yunet", "yolo_face": "yolo_face",
        "yoloface": "yolo_face", "yoloface_8n": "yolo_face",
    ]
    /// Choices of which several are given, with commas or spaces between.
    private static let lists: Set<String> = [
        "expression_restorer_areas", "face_debugger_items", "background_remover_color", "face_mask_types",
        "face_mask_areas", "face_mask_regions", "face_mask_padding", "face_detector_angles",
    ]
    /// Choices that have one value.
    private static let single: Set<String> = [
        "face_swapper_model", "face_swapper_pixel_boost", "face_swapper_weight", "face_enhancer_model",
        "face_enhancer_blend", "face_enhancer_weight", "expression_restorer_model", "expression_restorer_factor",
        "face_editor_model", "age_modifier_model", "age_modifier_direction", "deep_swapper_model",
        "deep_swapper_morph", "lip_syncer_model", "lip_syncer_weight", "frame_enhancer_model",
        "frame_enhancer_blend", "frame_colorizer_model", "frame_colorizer_size", "frame_colorizer_blend",
        "background_remover_model", "face_detector_model", "face_detector_size", "face_detector_score",
        "face_landmarker_model", "face_landmarker_score", "face_selector_age_start", "face_selector_age_end",
        "face_selector_gender", "face_selector_race", "face_selector_mode", "face_selector_order",
        "reference_face_position", "reference_face_distance", "reference_frame_number", "face_mask_blur",
        "face_occluder_model", "face_parser_model",
        "face_editor_eyebrow_direction", "face_editor_eye_gaze_horizontal", "face_editor_eye_gaze_vertical",
        "face_editor_eye_open_ratio", "face_editor_lip_open_ratio", "face_editor_mouth_grim", "face_editor_mouth_pout",
        "face_editor_mouth_purse", "face_editor_mouth_smile", "face_editor_mouth_position_horizontal",
        "face_editor_mouth_position_vertical", "face_editor_head_pitch", "face_editor_head_yaw",
        "face_editor_head_roll", "voice_extractor_model",
    ]

    /// Whether FaceFusion has all that a job asks for. What it does not have: Masque's own mesh swap, maps of several
    /// faces, keeping eyes or mouth, and sizes that are no quarter.
    static func cover(_ description: JobDescription) -> Bool {
        let options = description.options
        guard !description.processors.isEmpty, processors.isSuperset(of: description.processors), options.map == nil,
            options.keepEyes != true, options.keepMouth != true
        else { return false }
        if let scale = options.outputScale, scale % 25 != 0 || !(25...800).contains(scale) { return false }
        if let model = options.detectorModel, detectors[model] == nil { return false }
        for (name, models) in [("face_swapper", swappers), ("face_enhancer", enhancers)]
        where description.processors.contains(name) {
            // Where none was chosen it takes its own default.
            if let model = description.chosenModel(of: name), !models.contains(model) { return false }
        }
        // It has no way to hear a recording as it is.
        if options.choices?["voice_extractor_model"] == "none" { return false }
        return (options.choices ?? [:]).allSatisfy { key, value in
            (single.contains(key) || lists.contains(key)) && words(value, of: key) != nil
        }
    }

    /// Translates a job.
    ///
    /// - Throws: `.badInput` for what ``cover(_:)`` says no to, or a part of a video that is none.
    init(_ description: JobDescription, target: MediaFacts, settings: FaceFusionSettings) throws(MasqueError) {
        guard Self.cover(description) else {
            throw MasqueError(.badInput, "FaceFusion cannot do all that this job asks for.")
        }
        let options = description.options
        step = ["--processors"] + description.processors
        var values = options.choices ?? [:]
        for name in ["face_swapper", "face_enhancer"] where description.processors.contains(name) {
            values[name + "_model"] = description.chosenModel(of: name)
        }
        if let model = options.detectorModel { values["face_detector_model"] = Self.detectors[model] }
        if let score = options.detectorScore {
            guard (0...1).contains(score) else {
                throw MasqueError(.badInput, "The detector score \(score) is outside 0 to 1.")
            }
            // It takes steps of a twentieth.
            values["face_detector_score"] = "\((score * 20).rounded() / 20)"
        }
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            step += ["--" + key.replacing("_", with: "-")] + (Self.words(value, of: key) ?? [])
        }
        if target.isVideo { try addVideo(options, target) } else { addPicture(options) }
        let lane = description.lane
        run += ["--execution-providers"] + (options.executionProviders ?? settings.providers[lane] ?? ["cpu"])
        if let count = options.threadCount, count > 1 { run += ["--execution-thread-count", "\(min(count, 32))"] }
        run += ["--video-memory-strategy", settings.memoryStrategies[lane] ?? "strict"]
    }

    private mutating func addPicture(_ options: JobOptions) {
        // Masque writes it once more, with the statement of its origin.
        step += ["--output-image-quality", "100"]
        if let scale = options.outputScale { step += ["--output-image-scale", Self.factor(scale)] }
    }

    private mutating func addVideo(_ options: JobOptions, _ target: MediaFacts) throws(MasqueError) {
        // Its own default, flac, is not kept in mp4 by all versions of FFmpeg.
        step += ["--output-audio-encoder", "aac"]
        if let scale = options.outputScale { step += ["--output-video-scale", Self.factor(scale)] }
        if let rate = options.outputFPS { step += ["--output-video-fps", "\(rate)"] }
        let marks = [
            ("--trim-frame-start", options.trimStart), ("--trim-frame-end", options.trimEnd),
            ("--reference-frame-number", options.referenceTime),
        ]
        for (flag, time) in marks {
            guard let time else { continue }
            guard let rate = target.framesPerSecond, rate > 0, time.isFinite, (0..<1e6).contains(time) else {
                throw MasqueError(.badInput, "The time \(time) is not a moment of a video.")
            }
            step += [flag, "\(Int((time * rate).rounded()))"]
        }
        if let end = options.trimEnd, end <= options.trimStart ?? 0 {
            throw MasqueError(
                .badInput,
                "The part of the video ends at \(end) s and begins at \(options.trimStart ?? 0) s, so nothing is left.",
                advice: "Choose an end after the beginning.")
        }
    }

    private static func factor(_ percent: Int) -> String { "\(Double(percent) / 100)" }

    /// A value's words when none of them could be taken for another option.
    private static func words(_ value: String, of key: String) -> [String]? {
        let words = lists.contains(key) ? value.split { $0 == "," || $0 == " " }.map(String.init) : [value]
        let isPlain = words.allSatisfy { word in
            !word.isEmpty && word.utf8.count <= 100
                && word.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                        || "_.-/+".utf8.contains($0)
                }
                && (!word.hasPrefix("-") || Double(word) != nil)
        }
        return isPlain && !words.isEmpty ? words : nil
    }
}
