// The settings of whole-frame processors, the lip syncer and the debugger from what a person chose.

internal import Errors
internal import Neural

extension LipSyncerSettings {
    init(_ choices: ProcessorChoices) throws {
        self.init()
        model = try choices.word("lip_syncer_model", of: LipSyncModel.all.map(\.name), or: model)
        weight = Float(try choices.number("lip_syncer_weight", in: 0...1, or: 0.5))
        if choices.text("voice_extractor_model") != nil {
            let name = try choices.word(
                "voice_extractor_model", of: VoiceExtractorModel.all.map(\.name) + ["none"], or: "none")
            extractor = name == "none" ? .off : .named(name)
        }
    }
}

extension FaceDebuggerItem {
    /// The items that were chosen; FaceFusion's two by default.
    static func chosen(_ choices: ProcessorChoices) throws -> Set<FaceDebuggerItem> {
        let standard: [FaceDebuggerItem] = [.alignmentPoints, .mask]
        let words = try choices.words(
            "face_debugger_items", of: allCases.map(\.rawValue), or: standard.map(\.rawValue))
        return Set(words.compactMap(FaceDebuggerItem.init(rawValue:)))
    }
}

extension FrameEnhancerSettings {
    init(_ choices: ProcessorChoices) throws {
        self.init()
        model = try choices.word("frame_enhancer_model", of: FrameEnhancerModel.all.map(\.name), or: model)
        if choices.text("frame_enhancer_blend") != nil { blend = try choices.percent("frame_enhancer_blend", or: 80) }
    }
}

extension FrameColorizerSettings {
    init(_ choices: ProcessorChoices) throws {
        self.init()
        model = try choices.word("frame_colorizer_model", of: ColorizerModel.all.map(\.name), or: model)
        size = try choices.side("frame_colorizer_size") ?? size
        guard ColorizerModel.sizes.contains(size) else {
            throw MasqueError(
                .badInput, "\(choices.label("frame_colorizer_size")) is \(size), which no model takes.",
                advice: "Choose one of \(ColorizerModel.sizes.map { "\($0)x\($0)" }.joined(separator: ", ")).")
        }
        blend = try choices.percent("frame_colorizer_blend", or: 100)
    }
}

extension BackgroundRemoverSettings {
    init(_ choices: ProcessorChoices) throws {
        self.init()
        model = try choices.word(
            "background_remover_model", of: [Self.people] + RemoverModel.all.map(\.name), or: model)
        if let colour = try choices.integers("background_remover_color", in: 0...255, count: 3...4) {
            ground = GroundColour(
                red: UInt8(colour[0]), green: UInt8(colour[1]), blue: UInt8(colour[2]),
                alpha: colour.count > 3 ? UInt8(colour[3]) : 255)
        }
    }
}
