// The outputs of detectors that look at three grids of cells: checked, and read level by level.

internal import Inference

/// Outputs of several kinds, each for the grids of 8, 16 and 32 pixels a cell, in the order kind by kind.
struct AnchorMaps {
    /// Pixels a cell of each level.
    static let strides = [8, 16, 32]

    private let outputs: [[Float]]
    private let size: Int
    private let each: Int

    /// Checks a graph's outputs as it declares them: `kinds` are how many values each kind has a place; each cell has
    /// `each` places.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor.
    static func require(_ session: any InferenceSession, kinds: [Int], each: Int, size: Int, of model: String) throws {
        for (kind, values) in kinds.enumerated() {
            for (level, stride) in strides.enumerated() {
                let place = kind * strides.count + level
                let count = (size / stride) * (size / stride) * each
                guard session.outputs.indices.contains(place) else {
                    throw unexpectedTensor(
                        model, "gives \(session.outputs.count) outputs where \(kinds.count * strides.count) are due")
                }
                // Some exports carry a first dimension for the batch.
                let rank = session.outputs[place].shape.count
                try session.requireOutput(
                    place, shape: rank == 3 ? [1, count, values] : [count, values], of: model)
            }
        }
    }

    /// Takes the outputs of one run.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`) when one has another size.
    init(_ tensors: [Tensor], kinds: [Int], each: Int, size: Int, of model: String) throws {
        self.size = size
        self.each = each
        outputs = tensors.map { $0.floats ?? [] }
        guard outputs.count == kinds.count * Self.strides.count else { throw unexpectedOutputs(of: model) }
        for (kind, values) in kinds.enumerated() {
            for (level, stride) in Self.strides.enumerated() {
                let count = (size / stride) * (size / stride) * each
                guard outputs[kind * Self.strides.count + level].count == count * values else {
                    throw unexpectedOutputs(of: model)
                }
            }
        }
    }

    /// One place of one level.
    struct Place {
        /// The cell's top left pixel.
        let x: Float
        let y: Float
        /// Pixels a cell.
        let stride: Float
        /// The values of a kind at this place.
        let values: (_ kind: Int, _ count: Int) -> [Float]
    }

    /// Calls `body` with each place whose score, of the values of the first `kinds` kinds multiplied, is at least
    /// `threshold`.
    func forEach(scoredBy kinds: Int, atLeast threshold: Float, _ body: (Place, Float) -> Void) {
        for (level, stride) in Self.strides.enumerated() {
            let columns = size / stride
            for place in 0..<columns * columns * each {
                var score: Float = 1
                for kind in 0..<kinds { score *= outputs[kind * Self.strides.count + level][place] }
                guard score >= threshold else { continue }
                let cell = place / each
                body(
                    Place(
                        x: Float(cell % columns * stride), y: Float(cell / columns * stride), stride: Float(stride),
                        values: { kind, count in
                            let map = outputs[kind * Self.strides.count + level]
                            return Array(map[place * count..<(place + 1) * count])
                        }), score)
            }
        }
    }
}
