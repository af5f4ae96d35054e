// A loaded swap generator: identity and crop in, crop out.

internal import Errors
package import Faces
package import Inference
package import Pixels

/// A published swapper, loaded. Safe to share; calls block for as long as the graph takes.
package struct SwapNetwork: Sendable {
    /// Which one it is.
    package let model: SwapModel
    private let session: any InferenceSession
    private let converter: (any InferenceSession)?
    /// inswapper's matrix, 512 rows of 512 values.
    private let projection: [Float]

    /// The length of ArcFace's embeddings and of the vectors that generators take.
    package static let identityCount = 512

    /// Takes a loaded generator.
    ///
    /// - Parameters:
    ///   - converter: the loaded converter, for the models that name one.
    ///   - projection: inswapper's matrix of 512×512 values, row by row: the last initializer of the generator's file.
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(
        model: SwapModel, session: any InferenceSession, converter: (any InferenceSession)? = nil,
        projection: [Float] = []
    ) throws {
        let count = Self.identityCount
        let side = model.size
        try session.requireInput(ExpectedTensor(name: "target", shape: [1, 3, side, side]), of: model.name)
        let source: [Int]
        switch model.identity {
        case .projected, .embedding, .converted: source = [1, count]
        case .picture(_, let size): source = [1, 3, size, size]
        }
        try session.requireInput(ExpectedTensor(name: "source", shape: source), of: model.name)
        try session.requireOutput(shape: [1, 3, side, side], of: model.name)
        if case .converted(let name, _) = model.identity {
            guard let converter else {
                throw MasqueError(
                    .missingModel, "“\(model.name)” needs the converter “\(name)”.",
                    advice: "Fetch it from where the swapper is published.")
            }
            try converter.requireInput(ExpectedTensor(name: "input", shape: [1, count]), of: name)
            try converter.requireOutput(shape: [1, count], of: name)
        }
        if case .projected = model.identity, projection.count != count * count {
            throw unexpectedTensor(model.name, "carries no matrix of \(count)×\(count) values as its last initializer")
        }
        self.model = model
        self.session = session
        self.converter = converter
        self.projection = projection
    }

    /// The vector by which the generator knows a person.
    ///
    /// - Parameter embedding: ArcFace's raw output, 512 values.
    /// - Throws: ``MasqueError`` when the converter fails or the embedding is of another length.
    package func identity(of embedding: FaceEmbedding) throws -> [Float] {
        let raw = embedding.values
        guard raw.count == Self.identityCount else {
            throw MasqueError(
                .failed, "“\(model.name)” takes identities of \(Self.identityCount) values, not of \(raw.count).")
        }
        switch model.identity {
        case .embedding: return raw.unitLength
        case .projected:
            let count = raw.count
            var sum = [Float](repeating: 0, count: count)
            for (row, value) in raw.unitLength.enumerated() {
                for column in 0..<count { sum[column] += value * projection[row * count + column] }
            }
            return sum
        case .converted(let name, let isNormalised):
            guard let converter,
                let values = try converter.run(["input": .float32(raw, shape: [1, raw.count])]).first?.floats,
                values.count == raw.count
            else { throw unexpectedTensor(name, "gives no \(raw.count) values") }
            return isNormalised ? values.unitLength : values
        case .picture: return []
        }
    }

    /// Puts an identity into a crop of the target.
    ///
    /// - Parameters:
    ///   - source: of ``identity(of:)``, or the source's crop for models that take one (R, G, B 0…255).
    ///   - target: a square crop whose side is a multiple of the model's; larger ones go through in interleaved parts.
    /// - Returns: the swapped crop of the same size, 0…255, not rounded.
    /// - Throws: ``MasqueError`` when the model fails.
    package func swapped(_ target: Crop, source: SwapIdentity) throws -> Crop {
        let tensor: Tensor
        switch source {
        case .vector(let values): tensor = .float32(values, shape: [1, values.count])
        case .picture(let crop): tensor = crop.tensor(.nchw, scale: 1 / 255)
        }
        let factor = target.width / model.size
        let parts = try target.interleavedParts(factor).map { part in
            let inputs = ["source": tensor, "target": part.normalised(mean: model.mean, deviation: model.deviation)]
            guard let values = try session.run(inputs).first?.floats, values.count == 3 * part.width * part.height
            else { throw unexpectedTensor(model.name, "gives another number of pixels than it takes") }
            switch model.range {
            case .unit: return Crop(output: values, side: model.size)
            case .symmetric: return Crop(output: values, side: model.size, scale: 0.5, shift: 0.5)
            }
        }
        return factor > 1 ? Crop(interleaving: parts, factor: factor) : parts[0]
    }
}

/// Who goes into a crop, as one generator takes it.
package enum SwapIdentity: Sendable {
    /// A vector of ``SwapNetwork/identityCount`` values.
    case vector([Float])
    /// A crop of the source, R, G, B 0…255.
    case picture(Crop)

    /// The identity drawn towards (or away from) the target's own: `weight` 0…1 is FaceFusion's
    /// `--face-swapper-weight`; 0.5 leaves the source as it is, 1 exaggerates it, 0 takes 35 % of the target's.
    package func weighted(_ weight: Float, target: [Float]?) -> SwapIdentity {
        let share = 0.35 - 0.7 * min(max(weight, 0), 1)
        guard case .vector(let values) = self, let target, target.count == values.count, abs(share) > 1e-6 else {
            return self
        }
        return .vector(zip(values, target).map { $0 * (1 - share) + $1 * share })
    }
}

extension [Float] {
    /// The vector at length 1; a vector of zeros stays.
    var unitLength: [Float] {
        let length = reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? map { $0 / length } : self
    }
}
