// Refuses model files whose tensors are not those of the model that they are named after.

package import Errors
package import Inference

/// What a published model's tensor must look like; a dimension of -1 may be anything.
package struct ExpectedTensor: Sendable {
    package let name: String
    package let shape: [Int]

    /// Makes an expectation.
    package init(name: String, shape: [Int]) {
        self.name = name
        self.shape = shape
    }
}

extension InferenceSession {
    /// The input of a name, which must have a shape; dimensions that the graph leaves free fit any.
    ///
    /// - Throws: `.damagedModel`, naming the tensor and what it should be.
    @discardableResult
    package func requireInput(_ expected: ExpectedTensor, of model: String) throws -> TensorSpec {
        guard let spec = inputs.first(where: { $0.name == expected.name }) else {
            let names = inputs.map { "“\($0.name)”" }.joined(separator: ", ")
            throw unexpectedTensor(model, "has no input “\(expected.name)”; its inputs are \(names)")
        }
        guard Self.fits(spec.shape, expected.shape) else {
            throw unexpectedTensor(
                model, "takes \(Self.text(spec.shape)) for “\(spec.name)” where \(Self.text(expected.shape)) is due")
        }
        return spec
    }

    /// The output at a place, which must have a shape.
    ///
    /// - Throws: `.damagedModel`, naming the tensor and what it should be.
    @discardableResult
    package func requireOutput(_ place: Int = 0, shape: [Int], of model: String) throws -> TensorSpec {
        guard outputs.indices.contains(place) else {
            throw unexpectedTensor(model, "gives \(outputs.count) outputs where \(place + 1) are due")
        }
        let spec = outputs[place]
        guard Self.fits(spec.shape, shape) else {
            throw unexpectedTensor(
                model, "gives \(Self.text(spec.shape)) as “\(spec.name)” where \(Self.text(shape)) is due")
        }
        return spec
    }

    /// The output at a place, which must hold so many values; exporters differ in the dimensions of one around them.
    ///
    /// - Throws: `.damagedModel`, naming the tensor and what it should be.
    @discardableResult
    package func requireOutput(_ place: Int = 0, count: Int, of model: String) throws -> TensorSpec {
        let spec = try requireOutput(
            place, shape: outputs.indices.contains(place) ? outputs[place].shape : [], of: model)
        guard spec.shape.isEmpty || spec.shape.contains(where: { $0 < 0 }) || spec.shape.reduce(1, *) == count else {
            throw unexpectedTensor(
                model, "gives \(Self.text(spec.shape)) as “\(spec.name)” where \(Self.text([1, count])) is due")
        }
        return spec
    }

    private static func fits(_ shape: [Int], _ expected: [Int]) -> Bool {
        // Exporters may leave all of an output's shape open.
        shape.isEmpty
            || shape.count == expected.count && zip(shape, expected).allSatisfy { $0 < 0 || $1 < 0 || $0 == $1 }
    }

    private static func text(_ shape: [Int]) -> String {
        "[" + shape.map { $0 < 0 ? "?" : String($0) }.joined(separator: ", ") + "]"
    }
}

/// The error for a model file that is not the model it is named after.
package func unexpectedTensor(_ model: String, _ what: String) -> MasqueError {
    MasqueError(
        .damagedModel, "The file of “\(model)” is another model: it \(what).",
        advice: "Fetch the file again from where the model is published.")
}
