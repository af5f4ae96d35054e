// The published face restorers.

package import Faces

/// One published face enhancer, by the name of its file. All take and give R, G, B from -1 to 1, channels first.
///
/// Source: FaceFusion 3.5.2's model table.
package struct EnhancerModel: Sendable, Hashable {
    /// The file's name without its suffix, as `--face-enhancer-model` takes it.
    package let name: String
    /// How the crop is aligned.
    package let template: AlignmentTemplate
    /// Side of the crop in pixels.
    package let size: Int
    /// Whether the graph has an input `weight`: how far it may depart from what it is given (CodeFormer's fidelity).
    package let hasWeight: Bool

    private init(_ name: String, _ template: AlignmentTemplate = .ffhq512, _ size: Int = 512, hasWeight: Bool = false) {
        self.name = name
        self.template = template
        self.size = size
        self.hasWeight = hasWeight
    }

    /// All of them.
    package static let all: [EnhancerModel] =
        [EnhancerModel("codeformer", hasWeight: true)]
        + ["gfpgan_1.2", "gfpgan_1.3", "gfpgan_1.4"].map { EnhancerModel($0) }
        + [
            EnhancerModel("gpen_bfr_256", .arcface128, 256), EnhancerModel("gpen_bfr_512"),
            EnhancerModel("gpen_bfr_1024", .ffhq512, 1024), EnhancerModel("gpen_bfr_2048", .ffhq512, 2048),
            EnhancerModel("restoreformer_plus_plus"),
        ]

    /// The model of a name, if there is one.
    package init?(named name: String) {
        guard let model = Self.all.first(where: { $0.name == name }) else { return nil }
        self = model
    }
}
