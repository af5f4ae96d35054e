// Which of the faces found are worked on.

/// How faces are chosen; names are FaceFusion's (`--face-selector-mode`).
package enum FaceSelectorMode: String, Sendable, CaseIterable {
    /// Every face.
    case many
    /// One face: the one at `position` in the order.
    case one
    /// Faces of the people in the reference pictures.
    case reference
}

/// Chooses faces. A value without state: the same faces and references always give the same choice.
package struct FaceSelector: Sendable {
    /// How faces are chosen.
    package var mode: FaceSelectorMode
    /// The order in which they are counted and given back.
    package var order: FaceOrder
    /// Which face of the order ``FaceSelectorMode/one`` takes, from 0.
    package var position: Int
    /// How near a reference an embedding must lie, in the embedder's own distance.
    package var referenceDistance: Float
    /// Which faces are left out before any is chosen or counted.
    package var filter: FaceFilter

    /// Makes a selector.
    package init(
        mode: FaceSelectorMode = .many, order: FaceOrder = .largeSmall, position: Int = 0,
        referenceDistance: Float = FaceEmbedding.samePersonDistance,
        filter: FaceFilter = FaceFilter()
    ) {
        self.mode = mode
        self.order = order
        self.position = position
        self.referenceDistance = referenceDistance
        self.filter = filter
    }

    /// Whether faces need their embeddings before they can be chosen.
    package var needsEmbeddings: Bool { mode == .reference }

    /// Whether faces need their attributes before they can be chosen.
    package var needsAttributes: Bool { !filter.isEmpty }

    /// The chosen faces, in order. Faces without an embedding are never chosen by reference.
    package func select(from faces: [Face], references: [FaceEmbedding] = []) -> [Face] {
        let sorted = order.sorted(faces.filter { filter.passes($0.attributes) })
        switch mode {
        case .many:
            return sorted
        case .one:
            return sorted.indices.contains(position) ? [sorted[position]] : []
        case .reference:
            return sorted.filter { face in
                guard let embedding = face.embedding else { return false }
                return references.contains { $0.distance(to: embedding) < referenceDistance }
            }
        }
    }

    /// FaceFusion's `--reference-face-distance` (0…1, where 0.3 is usual) on the built-in embedder's scale: 0.3 is
    /// ``FaceEmbedding/samePersonDistance``, the rest in proportion.
    package static func distance(fromFaceFusion value: Float) -> Float {
        value / 0.3 * FaceEmbedding.samePersonDistance
    }
}
