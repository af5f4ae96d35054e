// The published generators, loaded by name when first asked for.

package import Inference

/// Makes published generators over a model library, which loads each file once. Every call may load a model and blocks
/// for as long; each generator's own file has the extension that makes it.
package struct NeuralModels: Sendable {
    package let library: ModelLibrary
    package let policy: ExecutionPolicy

    /// Models of `library`, run as `policy` says.
    package init(_ library: ModelLibrary = .shared, policy: ExecutionPolicy = ExecutionPolicy()) {
        self.library = library
        self.policy = policy
    }

    /// A loaded model by the name of its file.
    ///
    /// - Throws: ``MasqueError`` (`missingModel`, `damagedModel` or `failed`).
    package func session(_ name: String) throws -> any InferenceSession {
        try library.session(name, policy: policy)
    }
}
