// Shorter ways to run a session.

extension InferenceSession {
    /// Runs the model and returns all outputs in the graph's order.
    package func run(_ inputs: [String: Tensor]) throws -> [Tensor] { try run(inputs, outputs: []) }

    /// Runs a model that has one input and returns all outputs in the graph's order.
    package func run(_ input: Tensor) throws -> [Tensor] {
        try run(Dictionary(inputs.map { ($0.name, input) }) { first, _ in first }, outputs: [])
    }
}
