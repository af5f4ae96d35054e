// What every inference runtime offers: a loaded model that runs.

/// A loaded model. Safe to share between threads; `run` blocks its thread, so call it from an engine thread and
/// never from the cooperative pool.
package protocol InferenceSession: Sendable {
    /// The inputs in the order in which the graph lists them.
    var inputs: [TensorSpec] { get }
    /// The outputs in the order in which the graph lists them.
    var outputs: [TensorSpec] { get }
    /// The runtime and provider that run it, for `masque doctor` and logs, such as `onnxruntime/cpu`.
    var backend: String { get }

    /// Runs the model once.
    ///
    /// - Parameters:
    ///   - inputs: one tensor per input name.
    ///   - outputs: the outputs wanted, by name; all of them, in the graph's order, when empty.
    /// - Returns: one tensor per wanted output, in that order.
    /// - Throws: ``MasqueError`` with the runtime's own message as its cause.
    func run(_ inputs: [String: Tensor], outputs: [String]) throws -> [Tensor]
}
