// A large convolutional graph made for the bench, written as an ONNX file.
internal import Foundation

/// A network of the shape of a face swapper's body: 256×256 picture → 32 channels → 64 channels at 128×128 → eight
/// residual 3×3 convolutions → picture at 128×128. About 10.3 GFLOP a run. Weights are seeded noise.
struct ConvolutionGraph {
    static let blocks = 8
    /// Multiplications and additions of a run.
    static let flops =
        2.0 * 9 * (256 * 256 * 3 * 32 + 128 * 128 * 32 * 64 + Double(blocks) * 128 * 128 * 64 * 64 + 128 * 128 * 64 * 3)

    /// Writes the graph to `url`.
    static func write(to url: URL) throws {
        var graph = try OnnxWriter(url, half: false)
        graph.input("x", [1, 3, 256, 256])
        var x = graph.node("Relu", [graph.convolve("x", from: 3, to: 32)])
        x = graph.node("Relu", [graph.convolve(x, from: 32, to: 64, stride: 2)])
        for _ in 0..<blocks {
            let change = graph.node("Relu", [graph.convolve(x, from: 64, to: 64)])
            x = graph.node("Add", [x, change])
        }
        graph.output(graph.convolve(x, from: 64, to: 3), as: "y", [1, 3, 128, 128])
        try graph.finish()
    }
}
