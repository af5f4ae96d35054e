// The files of which LivePortrait is made, and which of them each processor needs.

/// One graph of LivePortrait as FaceFusion publishes it; the raw value is the file's name without its suffix.
///
/// Source: J. Guo et al., "LivePortrait", arXiv:2407.03168; files and tensor names of FaceFusion 3.5.2.
package enum LivePortraitFile: String, Sendable, CaseIterable {
    /// A face's looks as a volume: input [1, 3, 256, 256], output [1, 32, 16, 64, 64].
    case featureExtractor = "live_portrait_feature_extractor"
    /// Its pose and expression: input [1, 3, 256, 256], seven outputs.
    case motionExtractor = "live_portrait_motion_extractor"
    /// The face with its points moved: `feature_volume`, `source` (new points) and `target` (old points), output
    /// [1, 3, 512, 512].
    case generator = "live_portrait_generator"
    /// Moves that open or close the eyes: 63 coordinates and three ratios in, 63 offsets out.
    case eyeRetargeter = "live_portrait_eye_retargeter"
    /// Moves that open or close the lips: 63 coordinates and two ratios in, 63 offsets out.
    case lipRetargeter = "live_portrait_lip_retargeter"
    /// Ties moved points to the shoulders: `source` and `target` [1, 21, 3] in, new points out.
    case stitcher = "live_portrait_stitcher"
}

/// A published expression restorer, by the name that `--expression-restorer-model` takes.
package struct ExpressionRestorerModel: Sendable, Hashable {
    package let name: String
    /// The files that must be there.
    package let files: [String]

    /// All of them.
    package static let all = [
        ExpressionRestorerModel(
            name: "live_portrait",
            files: [LivePortraitFile.featureExtractor, .motionExtractor, .generator].map(\.rawValue))
    ]

    /// The model of a name, if there is one.
    package init?(named name: String) {
        guard let model = Self.all.first(where: { $0.name == name }) else { return nil }
        self = model
    }

    private init(name: String, files: [String]) {
        self.name = name
        self.files = files
    }
}

/// A published face editor, by the name that `--face-editor-model` takes.
package struct FaceEditorModel: Sendable, Hashable {
    package let name: String
    /// The files that must be there.
    package let files: [String]

    /// All of them.
    package static let all = [
        FaceEditorModel(name: "live_portrait", files: LivePortraitFile.allCases.map(\.rawValue))
    ]

    /// The model of a name, if there is one.
    package init?(named name: String) {
        guard let model = Self.all.first(where: { $0.name == name }) else { return nil }
        self = model
    }

    private init(name: String, files: [String]) {
        self.name = name
        self.files = files
    }
}
