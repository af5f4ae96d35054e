// The processors that a request names, with their settings.

package import Neural

/// What can be done to faces and frames; names and order are FaceFusion's.
package enum ProcessorName: String, Sendable, Codable, CaseIterable {
    case ageModifier = "age_modifier"
    case backgroundRemover = "background_remover"
    case deepSwapper = "deep_swapper"
    case expressionRestorer = "expression_restorer"
    case faceDebugger = "face_debugger"
    case faceEditor = "face_editor"
    case faceEnhancer = "face_enhancer"
    case faceSwapper = "face_swapper"
    case frameColorizer = "frame_colorizer"
    case frameEnhancer = "frame_enhancer"
    case lipSyncer = "lip_syncer"

    /// Whether it takes a source: the picture of a face, or a voice.
    package var takesSources: Bool { self == .faceSwapper || self == .lipSyncer }
}

/// One processor of a request. Several are applied in order, each to what the one before made.
package enum ProcessorStep: Sendable, Hashable {
    case faceSwapper(FaceSwapperSettings)
    case faceEnhancer(FaceEnhancerSettings)
    case expressionRestorer(ExpressionRestorerSettings)
    case faceEditor(FaceEdits)
    case ageModifier(AgeModifierSettings)
    case deepSwapper(DeepSwapperSettings)
    case lipSyncer(LipSyncerSettings)
    case faceDebugger(Set<FaceDebuggerItem>)
    case frameEnhancer(FrameEnhancerSettings)
    case frameColorizer(FrameColorizerSettings)
    case backgroundRemover(BackgroundRemoverSettings)

    /// Which one it is.
    package var name: ProcessorName {
        switch self {
        case .faceSwapper: .faceSwapper
        case .faceEnhancer: .faceEnhancer
        case .expressionRestorer: .expressionRestorer
        case .faceEditor: .faceEditor
        case .ageModifier: .ageModifier
        case .deepSwapper: .deepSwapper
        case .lipSyncer: .lipSyncer
        case .faceDebugger: .faceDebugger
        case .frameEnhancer: .frameEnhancer
        case .frameColorizer: .frameColorizer
        case .backgroundRemover: .backgroundRemover
        }
    }

    /// What makes its pixels, as provenance and reports name it.
    package var model: String {
        switch self {
        case .faceSwapper(let settings): settings.model
        case .faceEnhancer(let settings): settings.model
        case .expressionRestorer, .faceEditor: "live_portrait"
        case .ageModifier: AgeModifierModel.all[0].name
        case .deepSwapper(let settings): settings.model
        case .lipSyncer(let settings): settings.model
        case .faceDebugger: "drawing"
        case .frameEnhancer(let settings): settings.model
        case .frameColorizer(let settings): settings.model
        case .backgroundRemover(let settings): settings.model
        }
    }
}

/// Puts source faces on target faces.
package struct FaceSwapperSettings: Sendable, Hashable {
    /// The built-in way of swapping, which needs no published model.
    package static let mesh = "mesh"

    /// ``mesh``, or a published model's name.
    package var model = Self.mesh
    /// Side of the crop in pixels (`--face-swapper-pixel-boost`); `nil` is the model's own.
    package var boost: Int?
    /// 0…1 (`--face-swapper-weight`): 0.5 takes the source as it is, more exaggerates it, less keeps of the target.
    package var weight: Float = 0.5
    /// Whether a published model's colours are brought to the target's.
    package var matchesColour = false

    /// FaceFusion's settings but for the model.
    package init(model: String = Self.mesh) { self.model = model }
}

/// Restores faces.
package struct FaceEnhancerSettings: Sendable, Hashable {
    /// A published model's name.
    package var model = "gfpgan_1.4"
    /// How much of the restored face shows, 0…1.
    package var blend: Float = 0.8
    /// The `weight` that CodeFormer takes, 0…1.
    package var weight = 0.5

    /// FaceFusion's settings.
    package init(model: String = "gfpgan_1.4") { self.model = model }
}

/// Brings back the expression that a face had before it was changed.
package struct ExpressionRestorerSettings: Sendable, Hashable {
    /// How far, 0…1.
    package var factor: Float = 0.8
    /// Which parts of the face.
    package var areas = Set(ExpressionArea.allCases)

    /// FaceFusion's settings.
    package init() {}
}

/// Makes faces younger or older.
package struct AgeModifierSettings: Sendable, Hashable {
    /// -100 (young) … 100 (old).
    package var direction: Float = 0

    /// No change.
    package init() {}
}

/// Puts in the face that an operator's own DFM model was trained on.
package struct DeepSwapperSettings: Sendable, Hashable {
    /// The name of the file in the models folder.
    package var model: String
    /// How far the face becomes the trained one, 0…1, where the file can.
    package var morph: Float = 1

    /// Wholly.
    package init(model: String) { self.model = model }
}

/// Moves mouths to a voice.
package struct LipSyncerSettings: Sendable, Hashable {
    /// A published model's name.
    package var model = "wav2lip_gan_96"
    /// How strongly the voice moves the mouth, 0…1.
    package var weight: Float = 0.5
    /// What takes the voice out of the recording before it is heard.
    package var extractor = Extractor.standard

    /// Which voice extractor hears first.
    package enum Extractor: Sendable, Hashable {
        /// FaceFusion's default where it is installed, else none.
        case standard
        /// This one; it must be installed.
        case named(String)
        /// None: the recording is speech alone.
        case off
    }
    /// FaceFusion's default.
    package static let standardExtractor = "kim_vocal_2"

    /// FaceFusion's settings.
    package init() {}
}

/// Enlarges frames.
package struct FrameEnhancerSettings: Sendable, Hashable {
    /// One of Masque's upscalers, or a published one.
    package var model = FrameEnhancerModel.standard.name
    /// How much of the model's result shows over a plain enlargement, 0…1; `nil` is the model's own.
    package var blend: Float?

    /// The quick upscaler that comes with Masque.
    package init() {}
}

/// Colours black-and-white frames.
package struct FrameColorizerSettings: Sendable, Hashable {
    /// A published model's name.
    package var model = "ddcolor"
    /// The side in pixels at which the model looks at a frame.
    package var size = 256
    /// How much of the colour shows, 0…1.
    package var blend: Float = 1

    /// FaceFusion's settings.
    package init() {}
}

/// Takes backgrounds away.
package struct BackgroundRemoverSettings: Sendable, Hashable {
    /// The segmenter of people that comes with Masque.
    package static let people = "selfie_segmentation"

    /// ``people``, or a published model's name.
    package var model = Self.people
    /// What is behind.
    package var ground = GroundColour.transparent

    /// Transparency behind people.
    package init() {}
}

/// Which pixels of a face published models may change; FaceFusion's `--face-mask-…`.
package struct FaceMaskSettings: Sendable, Hashable {
    /// Box, areas, regions, kept parts.
    package var parts = MaskSettings()
    /// The models that look for hands and hair before the face; empty: none. All of them count.
    package var occluders: [String] = []
    /// The model that knows the parts of a face, for regions.
    package var parser = "bisenet_resnet_34"

    /// The box alone.
    package init() {}
}
