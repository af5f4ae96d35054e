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

    /// Whether it puts in the face of a source picture.
    package var takesSources: Bool { self == .faceSwapper }
}

/// One processor of a request. Several are applied in order, each to what the one before made.
package enum ProcessorStep: Sendable, Hashable {
    case faceSwapper(FaceSwapperSettings)
    case faceEnhancer(FaceEnhancerSettings)

    /// Which one it is.
    package var name: ProcessorName {
        switch self {
        case .faceSwapper: .faceSwapper
        case .faceEnhancer: .faceEnhancer
        }
    }

    /// What makes its pixels, as provenance and reports name it.
    package var model: String {
        switch self {
        case .faceSwapper(let settings): settings.model
        case .faceEnhancer(let settings): settings.model
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
