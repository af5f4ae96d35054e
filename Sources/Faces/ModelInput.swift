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

/// A loaded model that takes one picture and gives floats: what every model of this module is.
struct SingleInputModel: Sendable {
    private let session: any InferenceSession
    private let input: TensorSpec
    private let layout: ChannelLayout
    private let name: String

    /// Takes a loaded model; channels lie as its input says, unless `layout` does.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`) when the graph has no input.
    init(_ session: any InferenceSession, name: String, layout: ChannelLayout? = nil) throws {
        guard let input = session.inputs.first else {
            throw MasqueError(
                .damagedModel, "The model \(name) has no input.", advice: "Run scripts/setup to fetch it again.")
        }
        self.session = session
        self.input = input
        self.layout = layout ?? ChannelLayout(of: input)
        self.name = name
    }

    /// Runs the model on a crop, each value v as v · `scale` + `shift`; its outputs in the graph's order.
    ///
    /// - Throws: ``MasqueError`` when the model fails or an output is of another type.
    func outputs(for crop: Crop, scale: Float = 1, shift: Float = 0) throws -> [[Float]] {
        let tensor = crop.tensor(layout, scale: scale, shift: shift)
        return try session.run([input.name: tensor], outputs: []).map { output in
            guard let values = output.floats else {
                throw MasqueError(
                    .damagedModel, "The model \(name) gave an output that is not of floats.",
                    advice: "Run scripts/setup to fetch it again.")
            }
            return values
        }
    }
}

/// The error for a model whose outputs are not what its decoder knows.
package func unexpectedOutputs(of model: String) -> MasqueError {
    MasqueError(
        .damagedModel, "The model “\(model)” gave outputs of an unexpected size.",
        advice: "Fetch it again: scripts/setup brings built-in models, “masque models pull” published ones.")
}
