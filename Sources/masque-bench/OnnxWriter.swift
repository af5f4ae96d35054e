// Writes ONNX files piece by piece, so that half a gigabyte of weights need not lie in memory twice.
internal import Foundation
internal import Inference
internal import ModelFiles

/// An ONNX graph in the making (`onnx.proto`, opset 13): nodes in memory, weights in a file beside it until the end.
struct OnnxWriter {
    /// An attribute of a node.
    enum Attribute {
        case integers(String, [Int])
        case integer(String, Int)
        case text(String, String)
    }

    private let url: URL
    /// Whether all arithmetic is in float16, with float32 at the ends, as published fp16 files have it.
    private let half: Bool
    private var nodes = Data()
    private var inputs = Data()
    private var outputs = Data()
    private let weightFile: FileHandle
    private let weightURL: URL
    private var weightBytes = 0
    private var count = 0
    private var random = Noise(state: 20_261_122)
    private var halves: [String: String] = [:]

    init(_ url: URL, half: Bool) throws {
        self.url = url
        self.half = half
        weightURL = url.appendingPathExtension("weights")
        _ = FileManager.default.createFile(atPath: weightURL.path, contents: nil)
        weightFile = try FileHandle(forWritingTo: weightURL)
    }

    mutating func input(_ name: String, _ shape: [Int]) {
        inputs.field(11, Self.value(name, shape))
        if half { halves[name] = node("Cast", [name], [.integer("to", 10)], isPlain: true) }
    }

    /// Adds a node and names its output.
    mutating func node(
        _ type: String, _ inputs: [String], _ attributes: [Attribute] = [], isPlain: Bool = false,
        as name: String? = nil
    ) -> String {
        count += 1
        let output = name ?? "t\(count)"
        var node = Data()
        for input in inputs { node.field(1, Data((isPlain ? input : halves[input] ?? input).utf8)) }
        node.field(2, Data(output.utf8))
        node.field(4, Data(type.utf8))
        for attribute in attributes { node.field(5, Self.data(attribute)) }
        nodes.field(1, node)
        return output
    }

    mutating func output(_ name: String, as last: String, _ shape: [Int]) {
        _ = node(half ? "Cast" : "Identity", [name], half ? [.integer("to", 1)] : [], as: last)
        outputs.field(12, Self.value(last, shape))
    }

    /// Adds random weights and names them; `isPlain` keeps them float32.
    mutating func weights(_ shape: [Int], deviation: Float, isPlain: Bool = false) -> String {
        let total = shape.reduce(1, *)
        // Uniform numbers of that deviation: twelve times as quick to draw as normal ones.
        let width = deviation * Float(12).squareRoot()
        var raw = Data(capacity: total * 4)
        let isHalf = half && !isPlain
        if isHalf {
            let values = (0..<total).map { _ in Float16((random.next() - 0.5) * width) }
            raw = values.withUnsafeBufferPointer { Data(buffer: $0) }
        } else {
            let values = (0..<total).map { _ in (random.next() - 0.5) * width }
            raw = values.withUnsafeBufferPointer { Data(buffer: $0) }
        }
        return store(raw, shape, as: isHalf ? .float16 : .float32)
    }

    /// Adds a number and names it.
    mutating func constant(_ value: Float) -> String {
        half
            ? store(withUnsafeBytes(of: Float16(value)) { Data($0) }, [], as: .float16)
            : store(withUnsafeBytes(of: value) { Data($0) }, [], as: .float32)
    }

    /// ONNX's number of an element type.
    private enum ElementType: UInt64 {
        case float32 = 1
        case int64 = 7
        case float16 = 10
    }

    /// Writes an initializer and names it.
    private mutating func store(_ raw: Data, _ shape: [Int], as type: ElementType) -> String {
        count += 1
        let name = "w\(count)"
        var head = Data()
        for dimension in shape { head.field(1, UInt64(dimension)) }
        head.field(2, type.rawValue)
        head.field(8, Data(name.utf8))
        head.varint(9 << 3 | 2)
        head.varint(UInt64(raw.count))
        var front = Data()
        front.varint(5 << 3 | 2)
        front.varint(UInt64(head.count + raw.count))
        weightFile.write(front + head)
        weightFile.write(raw)
        weightBytes += front.count + head.count + raw.count
        return name
    }

    mutating func convolve(_ input: String, from: Int, to: Int, kernel: Int = 3, stride: Int = 1) -> String {
        let weight = weights([to, from, kernel, kernel], deviation: (1 / Float(from * kernel * kernel)).squareRoot())
        return node(
            "Conv", [input, weight],
            [.integers("pads", [Int](repeating: kernel / 2, count: 4)), .integers("strides", [stride, stride])])
    }

    mutating func activated(_ input: String) -> String { node("LeakyRelu", [input]) }

    mutating func enlarged(_ input: String) -> String {
        let scales = store([Float(1), 1, 2, 2].withUnsafeBufferPointer { Data(buffer: $0) }, [4], as: .float32)
        return node(
            "Resize", [input, "", scales],
            [.text("mode", "linear"), .text("coordinate_transformation_mode", "half_pixel")])
    }

    /// Adaptive instance normalisation: mean and spread of each channel from a vector of 512.
    mutating func styled(_ input: String, by source: String, _ channels: Int) -> String {
        let style = node("MatMul", [source, weights([512, 2 * channels], deviation: 0.04)])
        let shape = store(
            [Int64(1), Int64(2 * channels), 1, 1].withUnsafeBufferPointer { Data(buffer: $0) }, [4],
            as: .int64)
        let parts = node("Reshape", [style, shape])
        let gain = node("Slice", [parts] + bounds(0, channels))
        let shift = node("Slice", [parts] + bounds(channels, 2 * channels))
        let mean = node("ReduceMean", [input], [.integers("axes", [2, 3])])
        let centred = node("Sub", [input, mean])
        let variance = node("ReduceMean", [node("Mul", [centred, centred])], [.integers("axes", [2, 3])])
        let spread = node("Sqrt", [node("Add", [variance, constant(1e-4)])])
        let normal = node("Div", [centred, spread])
        return node("Add", [node("Mul", [normal, node("Add", [gain, constant(1)])]), shift])
    }

    private mutating func bounds(_ start: Int, _ end: Int) -> [String] {
        [start, end, 1].map { number in
            store([Int64(number)].withUnsafeBufferPointer { Data(buffer: $0) }, [1], as: .int64)
        }
    }

    /// Puts the file together.
    func finish() throws {
        try weightFile.close()
        defer { try? FileManager.default.removeItem(at: weightURL) }
        var ends = Data()
        ends.field(2, Data("bench".utf8))
        var head = Data()
        head.field(1, 8)
        var opset = Data()
        opset.field(1, Data())
        opset.field(2, 13)
        head.field(8, opset)
        head.varint(7 << 3 | 2)
        head.varint(UInt64(nodes.count + ends.count + weightBytes + inputs.count + outputs.count))
        _ = FileManager.default.createFile(atPath: url.path, contents: nil)
        let file = try FileHandle(forWritingTo: url)
        file.write(head + nodes + ends)
        let weights = try FileHandle(forReadingFrom: weightURL)
        while let part = try weights.read(upToCount: 1 << 24), !part.isEmpty { file.write(part) }
        try weights.close()
        file.write(inputs + outputs)
        try file.close()
    }

    private static func data(_ attribute: Attribute) -> Data {
        var data = Data()
        switch attribute {
        case .integers(let name, let values):
            data.field(1, Data(name.utf8))
            for value in values { data.field(8, UInt64(value)) }
            data.field(20, 7)
        case .integer(let name, let value):
            data.field(1, Data(name.utf8))
            data.field(3, UInt64(value))
            data.field(20, 2)
        case .text(let name, let value):
            data.field(1, Data(name.utf8))
            data.field(4, Data(value.utf8))
            data.field(20, 3)
        }
        return data
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
