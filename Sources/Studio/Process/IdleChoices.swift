// Which choices changed nothing, with the processors and models that were chosen.

internal import Faces
internal import Neural

/// Finds choices without effect, so that nobody wonders why nothing happened.
struct IdleChoices {
    /// Why a choice has no effect.
    private enum Reason: Hashable {
        /// Its processor is not among those that run.
        case absent(ProcessorName)
        /// The model that runs does not take it.
        case model(String)
        /// No processor that runs uses such a mask.
        case unmasked
        /// No processor that runs works on faces.
        case faceless
        /// It counts only with a word in another choice.
        case without(String, in: String)
        /// Another choice's value takes its effect.
        case beside(String, String)
    }

    private let choices: ProcessorChoices
    private let steps: [ProcessorStep]
    private var found: [(reason: Reason, labels: [String])] = []
    private var others: [String] = []

    /// - Parameter request: with all its choices taken.
    init(_ choices: ProcessorChoices, of request: MediaRequest) {
        self.choices = choices
        steps = request.processors
        absentProcessors()
        models()
        meshSettings(request)
        if steps.contains(where: { $0.name.worksOnFaces }) {
            masks()
            faces(request)
        } else {
            for prefix in ["face_mask_", "face_occluder_", "face_parser_", "face_detector_", "face_landmarker_"]
                + ["face_selector_", "reference_"]
            {
                for name in choices.names(beginning: prefix) { add(name, .faceless) }
            }
        }
        changesOfNothing()
    }

    /// One sentence for each reason.
    var sentences: [String] {
        others
            + found.map { reason, labels in
                let names = labels.joined(separator: ", ")
                return switch reason {
                case .absent(let processor):
                    "\(names) had no effect: \(processor.rawValue) is not among the processors."
                case .model(let model): "\(names) had no effect: the model \(model) does not take it."
                case .unmasked: "\(names) had no effect: the processors and models that ran use no such mask."
                case .faceless: "\(names) had no effect: no processor that ran works on faces."
                case .without(let word, let list): "\(names) had no effect: “\(word)” is not in \(list)."
                case .beside(let choice, let value): "\(names) had no effect: \(choice) is \(value)."
                }
            }
    }

    private mutating func add(_ name: String, _ reason: Reason) {
        guard choices.text(name) != nil else { return }
        add(label: choices.label(name), reason)
    }

    private mutating func add(label: String, _ reason: Reason) {
        if let place = found.firstIndex(where: { $0.reason == reason }) {
            found[place].labels.append(label)
        } else {
            found.append((reason, [label]))
        }
    }

    // MARK: Processors

    private mutating func absentProcessors() {
        for processor in ProcessorName.allCases where !steps.contains(where: { $0.name == processor }) {
            for name in choices.names(beginning: processor.rawValue + "_") { add(name, .absent(processor)) }
        }
    }

    private mutating func models() {
        for step in steps {
            switch step {
            case .faceSwapper(let settings) where settings.model == FaceSwapperSettings.mesh:
                for name in ["face_swapper_pixel_boost", "face_swapper_weight"] { add(name, .model(settings.model)) }
                if settings.matchesColour { add("face_swapper_match_colour", .model(settings.model)) }
            case .faceSwapper(let settings):
                if case .picture? = SwapModel(named: settings.model)?.identity {
                    add("face_swapper_weight", .model(settings.model))
                }
            case .faceEnhancer(let settings) where EnhancerModel(named: settings.model)?.hasWeight == false:
                add("face_enhancer_weight", .model(settings.model))
            default: continue
            }
        }
    }

    /// What only the built-in swap, or only swaps, pay attention to.
    private mutating func meshSettings(_ request: MediaRequest) {
        let standard = MeshSwapSettings(), chosen = request.swap
        let swap = steps.first { $0.name == .faceSwapper }
        var mesh: [String] = [], any: [String] = []
        if chosen.shape != standard.shape { mesh.append("shape") }
        if chosen.strength != standard.strength { mesh.append("strength") }
        if chosen.keepEyes { any.append("keep_eyes") }
        if chosen.keepMouth { any.append("keep_mouth") }
        for name in mesh + any {
            guard let swap else {
                add(label: choices.label(name), .absent(.faceSwapper))
                continue
            }
            if mesh.contains(name), swap.model != FaceSwapperSettings.mesh {
                add(label: choices.label(name), .model(swap.model))
            }
        }
    }

    private mutating func changesOfNothing() {
        for step in steps {
            switch step {
            case .ageModifier(let settings) where settings.direction == 0:
                others.append("The age modifier changed nothing: \(choices.label("age_modifier_direction")) is 0.")
            case .expressionRestorer(let settings) where settings.factor == 0:
                others.append(
                    "The expression restorer changed nothing: \(choices.label("expression_restorer_factor")) is 0.")
            default: continue
            }
        }
    }

    // MARK: Faces

    private mutating func masks() {
        func uses(_ mask: FaceMask) -> Bool { steps.contains { $0.masks.contains(mask) } }
        let types = choices.text("face_mask_types")?.split { $0 == "," || $0.isWhitespace }.map(String.init) ?? ["box"]
        let list = choices.label("face_mask_types")
        if !uses(.blur) { add("face_mask_blur", .unmasked) }
        if !uses(.padding) { add("face_mask_padding", .unmasked) }
        for (word, mask, dependents) in [
            ("occlusion", FaceMask.occlusion, ["face_occluder_model"]), ("area", .parts, ["face_mask_areas"]),
            ("region", .parts, ["face_mask_regions", "face_parser_model"]),
        ] {
            for name in dependents {
                if !uses(mask) {
                    add(name, .unmasked)
                } else if !types.contains(word) {
                    add(name, .without(word, in: list))
                }
            }
            if types.contains(word), !uses(mask) { add(label: "“\(word)” in \(list)", .unmasked) }
        }
    }

    private mutating func faces(_ request: MediaRequest) {
        if request.detector.model.sizes.isEmpty {
            add("face_detector_size", .beside(choices.label("face_detector_model"), request.detector.model.name))
        }
        if request.detector.landmarker == .mesh {
            add("face_landmarker_score", .beside(choices.label("face_landmarker_model"), LandmarkerModel.mesh.name))
        }
        guard request.map == nil, request.pairs == nil, request.selector.mode != .reference else { return }
        let mode = Reason.beside(choices.label("face_selector_mode"), request.selector.mode.rawValue)
        if request.selector.mode == .many { add("reference_face_position", mode) }
        add("reference_face_distance", mode)
        add("reference_frame_number", mode)
    }
}

/// A kind of mask that a processor may use.
private enum FaceMask {
    case blur, padding, occlusion, parts
}

extension ProcessorStep {
    /// The masks that it pays attention to.
    fileprivate var masks: Set<FaceMask> {
        switch self {
        case .faceSwapper(let settings) where settings.model == FaceSwapperSettings.mesh: []
        case .faceSwapper, .deepSwapper, .faceDebugger: [.blur, .padding, .occlusion, .parts]
        case .faceEnhancer, .ageModifier, .expressionRestorer: [.blur, .occlusion]
        case .faceEditor: [.blur]
        case .lipSyncer(let settings):
            settings.model.hasPrefix("wav2lip") ? [.occlusion] : [.blur, .padding, .occlusion]
        case .frameEnhancer, .frameColorizer, .backgroundRemover: []
        }
    }
}

extension ProcessorName {
    /// Whether it looks for faces.
    fileprivate var worksOnFaces: Bool {
        switch self {
        case .frameEnhancer, .frameColorizer, .backgroundRemover: false
        default: true
        }
    }
}
