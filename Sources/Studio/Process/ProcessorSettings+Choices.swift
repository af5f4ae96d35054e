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
        default: throw MasqueError(.badInput, "The processor “\(name.rawValue)” cannot be used here yet.")
        }
    }

    /// Everything that can be chosen, of all processors and of masks.
    package static let choiceNames = Set<String>([
        "face_swapper_model", "face_swapper_pixel_boost", "face_swapper_weight", "face_swapper_match_colour",
        "face_enhancer_model", "face_enhancer_blend", "face_enhancer_weight",
        "expression_restorer_model", "expression_restorer_factor", "expression_restorer_areas",
        "face_editor_model", "age_modifier_model", "age_modifier_direction", "deep_swapper_model",
        "deep_swapper_morph",
        "face_detector_model", "face_detector_size", "face_detector_score", "face_landmarker_model",
        "face_landmarker_score", "face_selector_age_start", "face_selector_age_end", "face_selector_gender",
        "face_selector_race",
        "face_mask_types", "face_mask_areas", "face_mask_regions", "face_mask_blur", "face_mask_padding",
        "face_occluder_model", "face_parser_model",
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

extension SwapRequest {
    /// Takes the choices that concern all processors: masks, how faces are found and which are meant.
    ///
    /// - Throws: ``MasqueError`` `.badInput` for a value that there is not.
    package mutating func take(_ choices: ProcessorChoices) throws {
        masks = try FaceMaskSettings(choices)
        if let name = choices.text("face_detector_model") {
            guard let model = DetectorModel(named: name) else {
                throw MasqueError(
                    .badInput, "There is no face detector “\(name.prefix(64))”.",
                    advice: "Known names are \(DetectorModel.all.map(\.name).joined(separator: ", ")).")
            }
            detector.model = model
        }
        detector.size = try choices.side("face_detector_size") ?? detector.size
        detection.threshold = Float(
            try choices.number("face_detector_score", in: 0...1, or: Double(detection.threshold)))
        let landmarker = try choices.word(
            "face_landmarker_model", of: LandmarkerModel.all.map(\.name), or: LandmarkerModel.mesh.name)
        detector.landmarker = LandmarkerModel(named: landmarker) ?? .mesh
        detector.landmarkerScore = Float(try choices.number("face_landmarker_score", in: 0...1, or: 0.5))
        var filter = FaceFilter()
        if choices.text("face_selector_age_start") != nil {
            filter.ageStart = Int(try choices.number("face_selector_age_start", in: 0...100, or: 0))
        }
        if choices.text("face_selector_age_end") != nil {
            filter.ageEnd = Int(try choices.number("face_selector_age_end", in: 0...100, or: 100))
        }
        if choices.text("face_selector_gender") != nil {
            let word = try choices.word(
                "face_selector_gender", of: FaceAttributes.Gender.allCases.map(\.rawValue), or: "")
            filter.gender = FaceAttributes.Gender(rawValue: word)
        }
        if choices.text("face_selector_race") != nil {
            let word = try choices.word("face_selector_race", of: FaceAttributes.Race.allCases.map(\.rawValue), or: "")
            filter.race = FaceAttributes.Race(rawValue: word)
        }
        selector.filter = filter
    }
}

extension FaceMaskSettings {
    /// The masks that were chosen.
    ///
    /// - Throws: ``MasqueError`` `.badInput` for a value that there is not.
    package init(_ choices: ProcessorChoices) throws {
        self.init()
        let types = try choices.words("face_mask_types", of: ["box", "occlusion", "area", "region"], or: ["box"])
        parts.hasBox = types.contains("box")
        parts.blur = Float(try choices.number("face_mask_blur", in: 0...1, or: 0.3))
        let areas = try choices.words(
            "face_mask_areas", of: FaceArea.allCases.map(\.rawValue), or: FaceArea.allCases.map(\.rawValue))
        if types.contains("area") { parts.areas = areas.compactMap(FaceArea.init(rawValue:)) }
        let labels = FaceRegion.allCases.map(\.label)
        let regions = try choices.words("face_mask_regions", of: labels, or: labels)
        if types.contains("region") { parts.regions = Set(FaceRegion.allCases.filter { regions.contains($0.label) }) }
        let occluder = try choices.word(
            "face_occluder_model", of: OcclusionModel.names + ["many"], or: OcclusionModel.names[0])
        if types.contains("occlusion") { occluders = occluder == "many" ? OcclusionModel.names : [occluder] }
        parser = try choices.word("face_parser_model", of: FaceParser.names, or: parser)
        if let sides = try choices.integers("face_mask_padding", in: 0...100, count: 1...4) {
            // As in CSS: all; vertical, horizontal; top, horizontal, bottom; top, right, bottom, left.
            let right = sides.count > 1 ? sides[1] : sides[0]
            parts.padding = MaskPadding(
                top: sides[0], right: right, bottom: sides.count > 2 ? sides[2] : sides[0],
                left: sides.count > 3 ? sides[3] : right)
        }
    }
}
