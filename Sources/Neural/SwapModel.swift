// The published swap generators, with the crops, colours and identities that they were trained with.

package import Faces

/// One published face swapper, by the name of its file.
///
/// Source: FaceFusion 3.5.2's model table; the numbers belong to the weights, not to that program.
package struct SwapModel: Sendable, Hashable {
    /// How a generator is told who the source is.
    package enum Identity: Sendable, Hashable {
        /// The raw ArcFace embedding times the matrix that the generator's file carries, over the embedding's length
        /// (inswapper's "emap").
        case projected
        /// The ArcFace embedding at length 1.
        case embedding
        /// What a converter graph makes of the raw ArcFace embedding, at length 1 when `isNormalised`.
        case converted(by: String, isNormalised: Bool)
        /// A crop of the source itself, R, G, B 0…1, at a template and size.
        case picture(AlignmentTemplate, size: Int)
    }

    /// What the generator gives back.
    package enum Range: Sendable, Hashable {
        /// R, G, B from 0 to 1.
        case unit
        /// R, G, B from -1 to 1.
        case symmetric
    }

    /// The file's name without its suffix, as `--face-swapper-model` takes it.
    package let name: String
    /// How the target's crop is aligned.
    package let template: AlignmentTemplate
    /// Side of the crop in pixels.
    package let size: Int
    /// What is taken from R, G and B (0…1) before they are divided by ``deviation``.
    package let mean: [Float]
    /// What R, G and B are divided by after ``mean`` is taken off.
    package let deviation: [Float]
    /// How the source is given.
    package let identity: Identity
    /// What comes out.
    package let range: Range

    private init(
        _ name: String, _ template: AlignmentTemplate, _ size: Int, mean: [Float] = [0, 0, 0],
        deviation: [Float] = [1, 1, 1], _ identity: Identity, _ range: Range = .unit
    ) {
        self.name = name
        self.template = template
        self.size = size
        self.mean = mean
        self.deviation = deviation
        self.identity = identity
        self.range = range
    }

    private static let half: [Float] = [0.5, 0.5, 0.5]

    /// All of them.
    package static let all: [SwapModel] =
        ["inswapper_128", "inswapper_128_fp16"].map { SwapModel($0, .arcface128, 128, .projected) }
        + ["hyperswap_1a_256", "hyperswap_1b_256", "hyperswap_1c_256"].map {
            SwapModel($0, .arcface128, 256, mean: half, deviation: half, .embedding, .symmetric)
        }
        + ["ghost_1_256", "ghost_2_256", "ghost_3_256"].map {
            SwapModel(
                $0, .arcface112v1, 256, mean: half, deviation: half,
                .converted(by: "crossface_ghost", isNormalised: false), .symmetric)
        }
        + [
            SwapModel(
                "hififace_unofficial_256", .mtcnn512, 256, mean: half, deviation: half,
                .converted(by: "crossface_hififace", isNormalised: true), .symmetric),
            SwapModel(
                "simswap_256", .arcface112v1, 256, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225],
                .converted(by: "crossface_simswap", isNormalised: true)),
            SwapModel(
                "simswap_unofficial_512", .arcface112v1, 512,
                .converted(by: "crossface_simswap", isNormalised: true)),
            SwapModel("blendswap_256", .ffhq512, 256, .picture(.arcface112v2, size: 112)),
            SwapModel(
                "uniface_256", .ffhq512, 256, mean: half, deviation: half, .picture(.ffhq512, size: 256), .symmetric),
        ]

    /// The model of a name, if there is one.
    package init?(named name: String) {
        guard let model = Self.all.first(where: { $0.name == name }) else { return nil }
        self = model
    }

    /// The files that must be there: the generator and, where it needs them, its converter and the recogniser.
    package var files: [String] {
        switch identity {
        case .projected, .embedding: [name, ArcFaceEmbedder.model]
        case .converted(let converter, _): [name, converter, ArcFaceEmbedder.model]
        case .picture: [name]
        }
    }

    /// The sides to which the crop can be boosted: whole multiples of ``size`` up to 1024.
    package var boosts: [Int] { stride(from: size, through: 1024, by: size).map { $0 } }
}
