// Graphs of the published generators' real size with random weights, written as ONNX files.
internal import Foundation

/// Stand-ins for weights that cannot be shipped: the same tensors, layers, parameters and work, but noise inside.
enum GeneratorGraphs {
    /// Writes `inswapper_128`'s shape: 138 M parameters, 174.5 GMAC a run. Encoder 3→128→256→512→1024 channels, six
    /// residual blocks of two 3×3 convolutions at 32×32 whose statistics the source's vector sets, decoder back; the
    /// 512×512 matrix is the last initializer.
    static func writeSwapper(to url: URL, half: Bool = false) throws {
        var graph = try OnnxWriter(url, half: half)
        graph.input("target", [1, 3, 128, 128])
        graph.input("source", [1, 512])
        var x = graph.convolve("target", from: 3, to: 128, kernel: 7)
        x = graph.activated(graph.convolve(x, from: 128, to: 256))
        x = graph.activated(graph.convolve(x, from: 256, to: 512, stride: 2))
        x = graph.activated(graph.convolve(x, from: 512, to: 1024, stride: 2))
        for _ in 0..<6 {
            let before = x
            x = graph.activated(graph.styled(graph.convolve(x, from: 1024, to: 1024), by: "source", 1024))
            x = graph.styled(graph.convolve(x, from: 1024, to: 1024), by: "source", 1024)
            x = graph.node("Add", [before, x])
        }
        x = graph.activated(graph.convolve(graph.enlarged(x), from: 1024, to: 512))
        x = graph.activated(graph.convolve(graph.enlarged(x), from: 512, to: 256))
        x = graph.activated(graph.convolve(x, from: 256, to: 128))
        x = graph.node("Tanh", [graph.convolve(x, from: 128, to: 3, kernel: 7)])
        x = graph.node("Add", [graph.node("Mul", [x, graph.constant(0.5)]), graph.constant(0.5)])
        graph.output(x, as: "output", [1, 3, 128, 128])
        // Nothing uses it but whoever reads the file.
        _ = graph.weights([512, 512], deviation: 0.04, isPlain: true)
        try graph.finish()
    }

    /// Writes a restorer of GFPGAN's kind: 512×512 in and out, a U-shaped network of 78 M parameters and 96 GMAC.
    static func writeEnhancer(to url: URL) throws {
        var graph = try OnnxWriter(url, half: false)
        graph.input("input", [1, 3, 512, 512])
        let channels = [32, 64, 128, 256, 512, 512, 512]
        var x = graph.activated(graph.convolve("input", from: 3, to: channels[0]))
        var kept: [String] = []
        for level in 1..<channels.count {
            kept.append(x)
            x = graph.activated(graph.convolve(x, from: channels[level - 1], to: channels[level], stride: 2))
            for _ in 0..<2 { x = graph.activated(graph.convolve(x, from: channels[level], to: channels[level])) }
        }
        for _ in 0..<12 { x = graph.activated(graph.convolve(x, from: 512, to: 512)) }
        for level in (1..<channels.count).reversed() {
            x = graph.activated(graph.convolve(graph.enlarged(x), from: channels[level], to: channels[level - 1]))
            x = graph.node("Add", [x, kept[level - 1]])
            for _ in 0..<2 {
                x = graph.activated(graph.convolve(x, from: channels[level - 1], to: channels[level - 1]))
            }
        }
        x = graph.node("Tanh", [graph.convolve(x, from: channels[0], to: 3)])
        graph.output(x, as: "output", [1, 3, 512, 512])
        try graph.finish()
    }

    /// Writes ArcFace's tensors over a small graph: who the source is costs nothing here.
    static func writeRecogniser(to url: URL) throws {
        var graph = try OnnxWriter(url, half: false)
        graph.input("input", [1, 3, 112, 112])
        let pooled = graph.node(
            "AveragePool", ["input"], [.integers("kernel_shape", [28, 28]), .integers("strides", [28, 28])])
        let flat = graph.node("Flatten", [pooled])
        graph.output(
            graph.node("MatMul", [flat, graph.weights([48, 512], deviation: 1)]), as: "output", [1, 512])
        try graph.finish()
    }
}
