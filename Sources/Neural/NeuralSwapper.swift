// Swaps one face of a picture or frame through a published generator: align, generate, mask, paste back.

package import Faces
package import Pixels

/// Which parts of a crop a generator's pixels may reach.
package struct MaskSettings: Sendable, Hashable {
    /// Softness of the box mask's edge, 0…1 (`--face-mask-blur`).
    package var blur: Float = 0.3
    /// What the box mask leaves out at each side, in percent of the crop (`--face-mask-padding`).
    package var padding = MaskPadding()
    /// Whether the box counts at all (`--face-mask-types box`).
    package var hasBox = true
    /// Areas of the face to which the swap is held (`--face-mask-types area`); empty: no such mask.
    package var areas: [FaceArea] = []
    /// Parts of the face by the parser (`--face-mask-types region`); empty: no such mask.
    package var regions: Set<FaceRegion> = []
    /// Whether the target's eyes stay as they are.
    package var keepsEyes = false
    /// Whether the target's lips and mouth stay as they are.
    package var keepsMouth = false

    /// FaceFusion's defaults: the box alone.
    package init() {}
}

/// A generator and how it is used.
package struct NeuralSwapper: Sendable {
    package let network: SwapNetwork
    /// Side of the crop in pixels: one of the model's ``SwapModel/boosts``.
    package let boost: Int
    /// FaceFusion's `--face-swapper-weight`, 0…1.
    package let weight: Float
    package let masks: MaskSettings
    private let faceMasks: FaceMasks
    /// Whether the generator's colours are brought to the target's.
    private let matchesColour: Bool

    /// Makes a swapper; the occluders find hands and hair before the face, the parser the regions that the masks name.
    package init(
        network: SwapNetwork, boost: Int? = nil, weight: Float = 0.5, masks: MaskSettings = MaskSettings(),
        occluders: [OcclusionModel] = [], parser: FaceParser? = nil, matchesColour: Bool = false
    ) {
        self.network = network
        self.boost = boost ?? network.model.size
        self.weight = weight
        self.masks = masks
        faceMasks = FaceMasks(settings: masks, occluders: occluders, parser: parser)
        self.matchesColour = matchesColour
    }

    /// Whether the generator is told who the source is by an embedding, not by a picture.
    package var wantsEmbeddings: Bool {
        if case .picture = network.model.identity { false } else { true }
    }

    /// Whether the target's own embedding changes what comes out.
    package var wantsTargetEmbedding: Bool {
        wantsEmbeddings && abs(weight - 0.5) > 1e-6
    }

    /// The identity of a source face in its picture.
    ///
    /// - Parameter embedding: the face's raw ArcFace embedding; several sources' mean; not used by models that take a
    ///   picture.
    package func identity(of points: FivePoints, in surface: some Surface, embedding: FaceEmbedding?) throws
        -> SwapIdentity
    {
        if case .picture(let template, let size) = network.model.identity {
            return .picture(surface.sample(template.crop(for: points, size: size), width: size, height: size))
        }
        return .vector(try network.identity(of: embedding ?? FaceEmbedding(values: [])))
    }

    /// Swaps the face with these landmarks.
    ///
    /// - Parameters:
    ///   - face: the target face; its five points align the crop, its landmarks draw area masks.
    ///   - targetEmbedding: the target's own raw embedding, if ``wantsTargetEmbedding``.
    ///   - strength: 0 leaves the face as it is, 1 swaps it wholly.
    /// - Throws: ``MasqueError`` when a model fails; the surface is then as it was.
    package func swap(
        on surface: inout some Surface, face: FaceShape, source: SwapIdentity, targetEmbedding: FaceEmbedding? = nil,
        strength: Float = 1
    ) throws {
        let transform = network.model.template.crop(for: face.points, size: boost)
        let target = surface.sample(transform, width: boost, height: boost)
        let own = try wantsTargetEmbedding ? targetEmbedding.map { try network.identity(of: $0) } : nil
        var swapped = try network.swapped(target, source: source.weighted(weight, target: own))
        let mask = try faceMasks.mask(
            target: target, result: swapped, face: face, transform: transform, strength: strength)
        if matchesColour { swapped.matchColour(of: target, where: mask) }
        surface.paste(swapped, mask: mask, through: transform)
    }
}
