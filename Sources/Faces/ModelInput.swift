// Crops turned into the tensors that models take.

package import Errors
package import Inference
package import Pixels

/// Where a model wants its colour channels.
package enum ChannelLayout: Sendable {
    /// Channels last: [1, height, width, 3].
    case nhwc
    /// Channels first: [1, 3, height, width].
    case nchw

    /// The layout that a model's input names: channels last when its last dimension is 3.
    package init(of input: TensorSpec) {
        self = input.shape.count == 4 && input.shape[3] == 3 && input.shape[1] != 3 ? .nhwc : .nchw
    }
}

extension Crop {
    /// The crop as a tensor of one picture, each value v as v · `scale` + `shift`, colours in R, G, B order.
    package func tensor(_ layout: ChannelLayout, scale: Float = 1, shift: Float = 0) -> Tensor {
        let plane = width * height
        let scaled: [Float]
        switch layout {
        case .nchw where scale == 1 && shift == 0:
            scaled = values
        case .nchw:
            scaled = values.map { $0 * scale + shift }
        case .nhwc:
            scaled = [Float](unsafeUninitializedCapacity: 3 * plane) { target, count in
                values.withUnsafeBufferPointer { source in
                    for i in 0..<plane {
                        target[3 * i] = source[i] * scale + shift
                        target[3 * i + 1] = source[plane + i] * scale + shift
                        target[3 * i + 2] = source[2 * plane + i] * scale + shift
                    }
                }
                count = 3 * plane
            }
        }
        return .float32(scaled, shape: layout == .nchw ? [1, 3, height, width] : [1, height, width, 3])
    }
}

extension InferenceSession {
    /// The one input of a model that has one.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`) when the graph has no input.
    package func singleInput(of model: String) throws -> TensorSpec {
        guard let input = inputs.first else {
            throw MasqueError(
                .damagedModel, "The model \(model) has no input.", advice: "Run scripts/setup to fetch it again.")
        }
        return input
    }

    /// Runs a model of one input and gives its outputs as float arrays, in the graph's order.
    ///
    /// - Throws: ``MasqueError`` when the model fails or an output is of another type.
    package func floats(from tensor: Tensor, input: TensorSpec, model: String) throws -> [[Float]] {
        let outputs: [Tensor]
        do {
            outputs = try run([input.name: tensor], outputs: [])
        } catch let error as MasqueError where error.code == .badInput {
            // The input is of the program's making: it is the model that is not the one it should be.
            throw MasqueError(
                .damagedModel, "The model \(model) does not take the input that it should take.",
                advice: "Run scripts/setup to fetch it again.", cause: error)
        }
        return try outputs.map { output in
            guard let values = output.floats else {
                throw MasqueError(
                    .damagedModel, "The model \(model) gave an output that is not of floats.",
                    advice: "Run scripts/setup to fetch it again.")
            }
            return values
        }
    }
}

/// The error for a model whose outputs are not what its decoder knows.
package func unexpectedOutputs(of model: String) -> MasqueError {
    MasqueError(
        .damagedModel, "The model \(model) gave outputs of an unexpected size.",
        advice: "Run scripts/setup to fetch it again.")
}
