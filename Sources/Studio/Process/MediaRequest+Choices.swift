// What concerns all processors from what a person chose: how faces are found, which are meant, which pixels may change.

internal import Errors
package import Faces
internal import Neural

extension MediaRequest {
    /// Takes the choices that concern all processors: masks, how faces are found and which are meant. To be called when
    /// everything else is chosen: it also notes what had no effect.
    ///
    /// - Throws: ``MasqueError`` `.badInput` for a value that there is not.
    package mutating func take(_ choices: ProcessorChoices) throws {
        masks = try FaceMaskSettings(choices)
        if let name = choices.text("face_detector_model") {
            guard let model = DetectorModel(named: name) else {
                throw unknown("face detector", name, DetectorModel.all.map(\.name))
            }
            detector.model = model
        }
        detector.size = try choices.side("face_detector_size") ?? detector.size
        let landmarker = try choices.word(
            "face_landmarker_model", of: LandmarkerModel.all.map(\.name), or: LandmarkerModel.mesh.name)
        detector.landmarker = LandmarkerModel(named: landmarker) ?? .mesh
        detector.landmarkerScore = Float(try choices.number("face_landmarker_score", in: 0...1, or: 0.5))
        detection = try detection.taking(choices)
        selector = try selector.taking(choices)
        referenceFrame = try choices.integer("reference_frame_number", in: 0...100_000_000, or: referenceFrame)
        hasOptions = choices.areOptions
        notes += IdleChoices(choices, of: self).sentences
    }
}

extension DetectionOptions {
    /// The same with how sure the detector must be, and at which turns faces are looked for.
    ///
    /// - Throws: ``MasqueError`` `.badInput` for a value that there is not.
    package func taking(_ choices: ProcessorChoices) throws -> DetectionOptions {
        var options = self
        options.threshold = Float(try choices.number("face_detector_score", in: 0...1, or: Double(threshold)))
        guard let angles = try choices.integers("face_detector_angles", in: 0...270, count: 1...4) else {
            return options
        }
        options.turns = try angles.map { angle in
            guard let turn = QuarterTurn(rawValue: angle) else {
                throw MasqueError(
                    .badInput, "\(choices.label("face_detector_angles")) names \(angle), which is no quarter turn.",
                    advice: "Write some of 0, 90, 180 and 270.")
            }
            return turn
        }
        return options
    }
}

extension FaceSelector {
    /// The same with the faces that are meant.
    ///
    /// - Throws: ``MasqueError`` `.badInput` for a value that there is not.
    func taking(_ choices: ProcessorChoices) throws -> FaceSelector {
        var selector = self
        selector.mode = try choices.value("face_selector_mode") ?? mode
        selector.order = try choices.value("face_selector_order") ?? order
        selector.position = try choices.integer("reference_face_position", in: 0...9999, or: position)
        if choices.text("reference_face_distance") != nil {
            selector.referenceDistance = FaceSelector.distance(
                fromFaceFusion: Float(try choices.number("reference_face_distance", in: 0...1, or: 0.3)))
        }
        var filter = FaceFilter()
        if choices.text("face_selector_age_start") != nil {
            filter.ageStart = try choices.integer("face_selector_age_start", in: 0...100, or: 0)
        }
        if choices.text("face_selector_age_end") != nil {
            filter.ageEnd = try choices.integer("face_selector_age_end", in: 0...100, or: 100)
        }
        filter.gender = try choices.value("face_selector_gender")
        filter.race = try choices.value("face_selector_race")
        selector.filter = filter
        return selector
    }
}

extension ProcessorChoices {
    /// One of an enumeration's words, or nil when it was not given.
    ///
    /// - Throws: `.badInput`.
    fileprivate func value<Value: RawRepresentable & CaseIterable>(_ name: String) throws -> Value?
    where Value.RawValue == String {
        guard text(name) != nil else { return nil }
        return Value(rawValue: try word(name, of: Value.allCases.map(\.rawValue), or: ""))
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
