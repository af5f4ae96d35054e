// The published models that tell a picture's subject from its background.

/// One published background remover, by the name of its file.
///
/// Source: FaceFusion 3.5.2's model table: R, G, B 0…1, normalised, in a square; a mask of the same square out.
package struct RemoverModel: Sendable, Hashable {
    /// The file's name without its suffix, as `--background-remover-model` takes it.
    package let name: String
    /// Side of the square in pixels.
    package let size: Int
    /// What is taken from R, G and B (0…1) before they are divided by ``deviation``.
    package let mean: [Float]
    package let deviation: [Float]
    /// How many planes come out: one mask, or scores of classes of which the first is background.
    package let classes: Int

    private init(_ name: String, _ size: Int, _ mean: [Float], _ deviation: [Float], classes: Int = 1) {
        self.name = name
        self.size = size
        self.mean = mean
        self.deviation = deviation
        self.classes = classes
    }

    private static let none: [Float] = [0, 0, 0]
    private static let half: [Float] = [0.5, 0.5, 0.5]
    private static let one: [Float] = [1, 1, 1]
    private static let imagenetMean: [Float] = [0.485, 0.456, 0.406]
    private static let imagenetDeviation: [Float] = [0.229, 0.224, 0.225]

    /// All of them.
    package static let all: [RemoverModel] =
        ["ben_2", "birefnet_general", "birefnet_portrait", "ormbg"].map { RemoverModel($0, 1024, none, one) }
        + ["isnet_general", "rmbg_1.4"].map { RemoverModel($0, 1024, half, one) }
        + [
            RemoverModel("modnet", 512, half, half),
            RemoverModel("rmbg_2.0", 1024, imagenetMean, imagenetDeviation),
            RemoverModel("u2net_cloth", 768, imagenetMean, imagenetDeviation, classes: 4),
        ]
        + ["silueta", "u2net_general", "u2net_human", "u2netp"].map {
            RemoverModel($0, 320, imagenetMean, imagenetDeviation)
        }

    /// The model of a name, if there is one.
    package init?(named name: String) {
        guard let model = Self.all.first(where: { $0.name == name }) else { return nil }
        self = model
    }

    /// The files that must be there.
    package var files: [String] { [name] }
}
