// Each processor's settings from what a person chose; names, ranges and defaults are FaceFusion's.

internal import Errors
internal import Faces
internal import Neural

extension ProcessorStep {
    /// The processor of a name with the choices that concern it.
    ///
    /// - Throws: ``MasqueError`` `.badInput` for a value out of its range.
    package init(_ name: ProcessorName, choices: ProcessorChoices) throws {
        switch name {
        case .faceSwapper: self = .faceSwapper(try FaceSwapperSettings(choices))
        case .faceEnhancer: self = .faceEnhancer(try FaceEnhancerSettings(choices))
        default: throw MasqueError(.badInput, "The processor “\(name.rawValue)” cannot be used here yet.")
        }
    }

    /// Everything that can be chosen, of all processors and of masks.
    package static let choiceNames: Set<String> = [
        "face_swapper_model", "face_swapper_pixel_boost", "face_swapper_weight", "face_swapper_match_colour",
        "face_enhancer_model", "face_enhancer_blend", "face_enhancer_weight",
        "face_mask_types", "face_mask_areas", "face_mask_regions", "face_mask_blur", "face_mask_padding",
        "face_occluder_model", "face_parser_model",
    ]

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
