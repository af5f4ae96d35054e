// Checks names and shapes of a run's inputs and outputs before a runtime sees them.
internal import Errors

extension InferenceSession {
    /// The inputs in the graph's order, checked and in the graph's element types.
    func prepare(_ tensors: [String: Tensor]) throws -> [NativeTensor] {
        if let stranger = tensors.keys.sorted().first(where: { name in !inputs.contains { $0.name == name } }) {
            throw MasqueError(
                .badInput, "The model has no input “\(stranger)”; its inputs are \(Self.list(inputs)).")
        }
        return try inputs.map { spec in
            guard let tensor = tensors[spec.name] else {
                throw MasqueError(.badInput, "The model's input “\(spec.name)” was given no tensor.")
            }
            return try NativeTensor(tensor, for: spec)
        }
    }

    /// The positions of the wanted outputs; of all when none is named.
    func positions(of wanted: [String]) throws -> [Int] {
        guard !wanted.isEmpty else { return Array(outputs.indices) }
        return try wanted.map { name in
            guard let index = outputs.firstIndex(where: { $0.name == name }) else {
                throw MasqueError(
                    .badInput, "The model has no output “\(name)”; its outputs are \(Self.list(outputs)).")
            }
            return index
        }
    }

    private static func list(_ specs: [TensorSpec]) -> String {
        specs.map { "“\($0.name)”" }.joined(separator: ", ")
    }
}
