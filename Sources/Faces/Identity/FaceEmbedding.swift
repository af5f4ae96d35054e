// Who a face is, as a point in a space of identities.

/// An identity vector; two pictures of one person lie near each other.
package struct FaceEmbedding: Sendable, Hashable, Codable {
    /// The vector, 128 values for the built-in model.
    package let values: [Float]

    /// Makes an embedding.
    package init(values: [Float]) {
        self.values = values
    }

    /// Below this distance two faces are taken for the same person (dlib's advice for its model).
    package static let samePersonDistance: Float = 0.6

    /// The Euclidean distance to another embedding; infinite when their lengths differ.
    package func distance(to other: FaceEmbedding) -> Float {
        guard values.count == other.values.count else { return .infinity }
        var sum: Float = 0
        for (a, b) in zip(values, other.values) { sum += (a - b) * (a - b) }
        return sum.squareRoot()
    }

    /// The mean of several embeddings of one person, for several source pictures; `nil` when there are none or their
    /// lengths differ.
    package static func mean(of embeddings: [FaceEmbedding]) -> FaceEmbedding? {
        guard let first = embeddings.first, embeddings.allSatisfy({ $0.values.count == first.values.count }) else {
            return nil
        }
        var sum = [Float](repeating: 0, count: first.values.count)
        for embedding in embeddings {
            for i in sum.indices { sum[i] += embedding.values[i] }
        }
        return FaceEmbedding(values: sum.map { $0 / Float(embeddings.count) })
    }
}
