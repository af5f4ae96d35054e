// What concerns all processors from what a person chose: how faces are found, which are meant, which pixels may change.

internal import Errors
internal import Faces
internal import Neural

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
        try takeSelector(choices)
    }

    /// Which faces are meant, and at which turns they are looked for.
    private mutating func takeSelector(_ choices: ProcessorChoices) throws {
        let mode = try choices.word(
            "face_selector_mode", of: FaceSelectorMode.allCases.map(\.rawValue), or: selector.mode.rawValue)
        selector.mode = FaceSelectorMode(rawValue: mode) ?? selector.mode
        let order = try choices.word(
            "face_selector_order", of: FaceOrder.allCases.map(\.rawValue), or: selector.order.rawValue)
        selector.order = FaceOrder(rawValue: order) ?? selector.order
        selector.position = Int(
            try choices.number("reference_face_position", in: 0...9999, or: Double(selector.position)))
        if choices.text("reference_face_distance") != nil {
            selector.referenceDistance = FaceSelector.distance(
                fromFaceFusion: Float(try choices.number("reference_face_distance", in: 0...1, or: 0.3)))
        }
        referenceFrame = Int(try choices.number("reference_frame_number", in: 0...1e8, or: Double(referenceFrame)))
        if let angles = try choices.integers("face_detector_angles", in: 0...270, count: 1...4) {
            detection.turns = try angles.map { angle in
                guard let turn = QuarterTurn(rawValue: angle) else {
                    throw MasqueError(
                        .badInput, "\(choices.label("face_detector_angles")) names \(angle), which is no quarter turn.",
                        advice: "Write some of 0, 90, 180 and 270.")
                }
                return turn
            }
        }
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
