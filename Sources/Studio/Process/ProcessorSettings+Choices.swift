// Each processor's settings from what a person chose; names, ranges and defaults are FaceFusion's.

internal import Errors
internal import Faces
internal import Foundation
package import Neural

extension ProcessorStep {
    /// The processor of a name with the choices that concern it.
    ///
    /// - Throws: ``MasqueError`` `.badInput` for a value out of its range.
    package init(_ name: ProcessorName, choices: ProcessorChoices) throws {
        switch name {
        case .faceSwapper: self = .faceSwapper(try FaceSwapperSettings(choices))
        case .faceEnhancer: self = .faceEnhancer(try FaceEnhancerSettings(choices))
        case .expressionRestorer: self = .expressionRestorer(try ExpressionRestorerSettings(choices))
        case .faceEditor: self = .faceEditor(try FaceEdits(choices))
        case .ageModifier: self = .ageModifier(try AgeModifierSettings(choices))
        case .deepSwapper: self = .deepSwapper(try DeepSwapperSettings(choices))
        case .lipSyncer: self = .lipSyncer(try LipSyncerSettings(choices))
        case .faceDebugger: self = .faceDebugger(try FaceDebuggerItem.chosen(choices))
        case .frameEnhancer: self = .frameEnhancer(try FrameEnhancerSettings(choices))
        case .frameColorizer: self = .frameColorizer(try FrameColorizerSettings(choices))
        case .backgroundRemover: self = .backgroundRemover(try BackgroundRemoverSettings(choices))
        }
    }

    /// Everything that can be chosen, of all processors and of masks.
    package static let choiceNames = Set<String>([
        "face_swapper_model", "face_swapper_pixel_boost", "face_swapper_weight", "face_swapper_match_colour",
        "face_enhancer_model", "face_enhancer_blend", "face_enhancer_weight",
        "expression_restorer_model", "expression_restorer_factor", "expression_restorer_areas",
        "face_editor_model", "age_modifier_model", "age_modifier_direction", "deep_swapper_model",
        "deep_swapper_morph", "lip_syncer_model", "lip_syncer_weight", "face_debugger_items",
        "frame_enhancer_model", "frame_enhancer_blend", "frame_colorizer_model", "frame_colorizer_size",
        "frame_colorizer_blend", "background_remover_model", "background_remover_color",
        "face_detector_model", "face_detector_size", "face_detector_score", "face_landmarker_model",
        "face_landmarker_score", "face_selector_age_start", "face_selector_age_end", "face_selector_gender",
        "face_selector_race", "face_selector_mode", "face_selector_order", "reference_face_position",
        "reference_face_distance", "reference_frame_number", "face_detector_angles",
        "face_mask_types", "face_mask_areas", "face_mask_regions", "face_mask_blur", "face_mask_padding",
        "face_occluder_model", "face_parser_model", "voice_extractor_model",
    ])
    .union(FaceEdit.allCases.map(\.choice))

    /// Reads a list of processors' names, with commas between.
    ///
    /// - Throws: ``MasqueError`` `.badInput` for a name that there is not.
    package static func names(_ list: [String]) throws -> [ProcessorName] {
        try list.flatMap { $0.split { $0 == "," || $0.isWhitespace } }.map { word in
            guard let name = ProcessorName(rawValue: String(word)) else {
                throw MasqueError(
                    .badInput, "There is no processor “\(word.prefix(64))”.",
                    advice: "Processors are \(ProcessorName.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            return name
        }
    }
}

extension FaceSwapperSettings {
    init(_ choices: ProcessorChoices) throws {
        self.init(
            model: try choices.word(
                "face_swapper_model", of: [Self.mesh] + SwapModel.all.map(\.name), or: Self.mesh))
        boost = try choices.side("face_swapper_pixel_boost")
        weight = Float(try choices.number("face_swapper_weight", in: 0...1, or: 0.5))
        matchesColour = try choices.flag("face_swapper_match_colour")
    }
}

extension FaceEnhancerSettings {
    init(_ choices: ProcessorChoices) throws {
        self.init(
            model: try choices.word(
                "face_enhancer_model", of: EnhancerModel.all.map(\.name), or: FaceEnhancerSettings().model))
        blend = try choices.percent("face_enhancer_blend", or: 80)
        weight = try choices.number("face_enhancer_weight", in: 0...1, or: 0.5)
    }
}

extension ExpressionRestorerSettings {
    init(_ choices: ProcessorChoices) throws {
        self.init()
        _ = try choices.word("expression_restorer_model", of: ["live_portrait"], or: "live_portrait")
        factor = try choices.percent("expression_restorer_factor", or: 80)
        let all = ExpressionArea.allCases.map(\.rawValue)
        areas = Set(
            try choices.words("expression_restorer_areas", of: all, or: all).compactMap(ExpressionArea.init(rawValue:)))
    }
}

extension FaceEdit {
    /// The name of the option that sets it.
    package var choice: String { "face_editor_" + rawValue.replacingOccurrences(of: "-", with: "_") }
}

extension FaceEdits {
    init(_ choices: ProcessorChoices) throws {
        self.init()
        _ = try choices.word("face_editor_model", of: ["live_portrait"], or: "live_portrait")
        for edit in FaceEdit.allCases { self[edit] = Float(try choices.number(edit.choice, in: -1...1, or: 0)) }
        guard !isEmpty else {
            throw MasqueError(
                .badInput, "The face editor has nothing to change: all its sliders are at 0.",
                advice: "Set one, such as \(choices.label(FaceEdit.mouthSmile.choice)) to 0.5.")
        }
    }
}

extension AgeModifierSettings {
    init(_ choices: ProcessorChoices) throws {
        self.init()
        _ = try choices.word(
            "age_modifier_model", of: AgeModifierModel.all.map(\.name), or: AgeModifierModel.all[0].name)
        direction = Float(try choices.number("age_modifier_direction", in: -100...100, or: 0))
    }
}

extension DeepSwapperSettings {
    init(_ choices: ProcessorChoices) throws {
        guard let model = choices.text("deep_swapper_model"), !model.isEmpty else {
            throw MasqueError(
                .badInput, "The deep swapper needs a model, and none is named.",
                advice:
                    "Add your own DFM file with “masque models import” and name it with \(choices.label("deep_swapper_model"))."
            )
        }
        self.init(model: model)
        morph = try choices.percent("deep_swapper_morph", or: 100)
    }
}
