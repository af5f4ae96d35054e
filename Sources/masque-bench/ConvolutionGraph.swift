// A large convolutional graph made for the bench, written as an ONNX file.
internal import Foundation

/// A network of the shape of a face swapper's body: 256×256 picture → 32 channels → 64 channels at 128×128 → eight
/// residual 3×3 convolutions → picture at 128×128. About 10.3 GFLOP a run. Weights are seeded He-normal noise.
struct ConvolutionGraph {
    static let blocks = 8
    /// Multiplications and additions of a run.
    static let flops =
        2.0 * 9 * (256 * 256 * 3 * 32 + 128 * 128 * 32 * 64 + Double(blocks) * 128 * 128 * 64 * 64 + 128 * 128 * 64 * 3)

    /// Writes the graph to `url`.
    static func write(to url: URL) throws {
        var graph = Graph()
        graph.convolve("x", "a0", from: 3, to: 32, stride: 1)
        graph.node("Relu", ["a0"], "a")
        graph.convolve("a", "b0", from: 32, to: 64, stride: 2)
        graph.node("Relu", ["b0"], "r0")
        for block in 0..<blocks {
            graph.convolve("r\(block)", "c\(block)", from: 64, to: 64, stride: 1, gain: 0.5)
            graph.node("Relu", ["c\(block)"], "d\(block)")
            graph.node("Add", ["r\(block)", "d\(block)"], "r\(block + 1)")
        }
        graph.convolve("r\(blocks)", "y", from: 64, to: 3, stride: 1)
        try graph.model(input: ("x", [1, 3, 256, 256]), output: ("y", [1, 3, 128, 128])).write(to: url)
    }

    /// Collects nodes and weights in Protocol Buffers' wire format; field numbers are those of `onnx.proto`.
    private struct Graph {
        private var nodes = Data()
        private var weights = Data()
        private var random = SeededNumbers(state: 20_240_607)

        mutating func node(_ type: String, _ inputs: [String], _ output: String, _ attributes: [Data] = []) {
            var node = Data()
            for input in inputs { node.field(1, Data(input.utf8)) }
            node.field(2, Data(output.utf8))
            node.field(4, Data(type.utf8))
            for attribute in attributes { node.field(5, attribute) }
            nodes.field(1, node)
        }

        mutating func convolve(
            _ input: String, _ output: String, from: Int, to: Int, stride: Int, gain: Float = 1
        ) {
            let count = to * from * 9
            let deviation = gain * (2 / Float(from * 9)).squareRoot()
            let values = (0..<count).map { _ in random.normal() * deviation }
            var tensor = Data()
            for dimension in [to, from, 3, 3] { tensor.field(1, UInt64(dimension)) }
            tensor.field(2, 1)
            tensor.field(8, Data("\(output).weight".utf8))
            tensor.field(9, values.withUnsafeBufferPointer { Data(buffer: $0) })
            weights.field(5, tensor)
            node(
                "Conv", [input, "\(output).weight"], output,
                [Self.integers("pads", [1, 1, 1, 1]), Self.integers("strides", [stride, stride])])
        }

        func model(input: (String, [Int]), output: (String, [Int])) -> Data {
            var graph = nodes
            graph.field(2, Data("bench".utf8))
            graph.append(weights)
            graph.field(11, Self.value(input.0, input.1))
            graph.field(12, Self.value(output.0, output.1))
            var opset = Data()
            opset.field(1, Data())
            opset.field(2, 13)
            var model = Data()
            model.field(1, 8)
            model.field(7, graph)
            model.field(8, opset)
            return model
        }

        private static func integers(_ name: String, _ values: [Int]) -> Data {
            var attribute = Data()
            attribute.field(1, Data(name.utf8))
            for value in values { attribute.field(8, UInt64(value)) }
            attribute.field(20, 7)
            return attribute
        }

        private static func value(_ name: String, _ shape: [Int]) -> Data {
            var dimensions = Data()
            for size in shape {
                var dimension = Data()
                dimension.field(1, UInt64(size))
                dimensions.field(1, dimension)
            }
            var tensor = Data()
            tensor.field(1, 1)
            tensor.field(2, dimensions)
            var type = Data()
            type.field(1, tensor)
            var value = Data()
            value.field(1, Data(name.utf8))
            value.field(2, type)
            return value
        }
    }
}

extension Data {
    /// Adds a field of bytes.
    mutating func field(_ number: UInt64, _ bytes: Data) {
        varint(number << 3 | 2)
        varint(UInt64(bytes.count))
        append(bytes)
    }

    /// Adds a field of a whole number.
    mutating func field(_ number: UInt64, _ value: UInt64) {
        varint(number << 3)
        varint(value)
    }

    /// Adds a number in base 128.
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}

/// Reproducible random numbers.
struct SeededNumbers {
    var state: UInt64

    /// The next number in 0..<1.
    mutating func uniform() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) / Float(1 << 24)
    }

    /// The next number of mean 0 and deviation 1 (the sum of twelve uniform numbers, less 6).
    mutating func normal() -> Float { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
}
