// Names, types and shapes of a graph's inputs and outputs, and its last weights, read from the ONNX file itself.
internal import Errors
internal import Foundation

/// What an ONNX file says of its inputs and outputs. OpenVINO merges tensors that carry one value and then knows them
/// by any of their names; the file knows which are the model's own.
///
/// Reads the few fields of `onnx.proto` that this takes, and steps over the weights.
package struct OnnxGraph {
    let inputs: [TensorSpec]
    let outputs: [TensorSpec]

    /// Reads the file at `path`; `name` is what messages call it.
    init(path: String, name: String) throws {
        let data = try Self.file(path, name)
        do {
            // ModelProto.graph = 7.
            guard let graph = try Message(data).submessages(7).first else { throw Damage() }
            // GraphProto: initializer = 5 (its name = 8), input = 11, output = 12.
            let constants = Set(try graph.submessages(5).compactMap { try $0.text(8) })
            inputs = try graph.submessages(11).map { try Self.spec($0) }.filter { !constants.contains($0.name) }
            outputs = try graph.submessages(12).map { try Self.spec($0) }
        } catch {
            throw Self.damaged(path, name, error)
        }
    }

    /// ValueInfoProto: name = 1, type = 2; TypeProto.tensor_type = 1; Tensor: elem_type = 1, shape = 2;
    /// TensorShapeProto.dim = 1; Dimension.dim_value = 1.
    private static func spec(_ value: Message) throws -> TensorSpec {
        guard let name = try value.text(1), let tensor = try value.submessages(2).first?.submessages(1).first,
            let type = ElementType(onnx: Int32(clamping: try tensor.number(1) ?? 0))
        else { throw Damage() }
        let dimensions = try tensor.submessages(2).first?.submessages(1) ?? []
        return TensorSpec(
            name: name, elementType: type,
            shape: try dimensions.map { try $0.number(1).flatMap { $0 > 0 ? Int(clamping: $0) : nil } ?? -1 })
    }

    /// The values and dimensions of a model's last initializer, if it holds float32 or float16 values: inswapper keeps its
    /// "emap" there, which no node uses.
    ///
    /// - Throws: `.missingModel` or `.damagedModel`.
    package static func lastInitializer(inFileAt path: String, name: String) throws -> (
        values: [Float], shape: [Int]
    )? {
        let data = try file(path, name)
        do {
            guard let graph = try Message(data).submessages(7).first, let last = try graph.submessages(5).last else {
                return nil
            }
            // TensorProto: dims = 1, data_type = 2, float_data = 4, raw_data = 9.
            let shape = try last.numbers(1).map { Int(clamping: $0) }
            guard let raw = try last.bytes(9) ?? last.bytes(4) else { return nil }
            let type = ElementType(onnx: Int32(clamping: try last.number(2) ?? 0))
            let values: [Float]
            switch type {
            case .float32:
                values = stride(from: 0, to: raw.count - 3, by: 4).map { Float(bitPattern: little(raw, $0, 4)) }
            case .float16:
                values = stride(from: 0, to: raw.count - 1, by: 2).map {
                    Float(Float16(bitPattern: UInt16(truncatingIfNeeded: little(raw, $0, 2))))
                }
            default: return nil
            }
            guard values.count == shape.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) else {
                throw Damage()
            }
            return (values, shape)
        } catch {
            throw damaged(path, name, error)
        }
    }

    private static func little(_ data: Data, _ offset: Int, _ count: Int) -> UInt32 {
        let start = data.startIndex + offset
        return (0..<count).reduce(UInt32(0)) { $0 | UInt32(data[start + $1]) << (8 * UInt32($1)) }
    }

    private static func file(_ path: String, _ name: String) throws -> Data {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else {
            throw MasqueError(
                .missingModel, "The file of the model “\(name)” cannot be read at \(path).",
                advice: Installation.setupAdvice)
        }
        return data
    }

    private static func damaged(_ path: String, _ name: String, _ cause: any Error) -> MasqueError {
        MasqueError(
            .damagedModel, "The file of the model “\(name)” at \(path) is not a whole ONNX model.",
            advice: Installation.setupAdvice, cause: cause)
    }

    private struct Damage: Error {}

    /// A message of Protocol Buffers' wire format, as a slice of the file.
    private struct Message {
        private enum Field {
            case number(UInt64)
            case bytes(Data)
        }
        private let data: Data

        init(_ data: Data) { self.data = data }

        func submessages(_ wanted: UInt64) throws -> [Message] {
            try fields(wanted).compactMap { if case .bytes(let bytes) = $0 { Message(bytes) } else { nil } }
        }

        func bytes(_ wanted: UInt64) throws -> Data? {
            try fields(wanted).lazy.compactMap { if case .bytes(let bytes) = $0 { bytes } else { nil } }.last
        }

        /// A repeated number, one by one or packed.
        func numbers(_ wanted: UInt64) throws -> [UInt64] {
            try fields(wanted).flatMap { field in
                switch field {
                case .number(let number): [number]
                case .bytes(let bytes): try Message(bytes).varints()
                }
            }
        }

        private func varints() throws -> [UInt64] {
            var numbers: [UInt64] = []
            var value: UInt64 = 0, shift: UInt64 = 0
            for byte in data {
                guard shift < 70 else { throw Damage() }
                value |= UInt64(byte & 0x7f) << shift
                shift += 7
                if byte < 0x80 {
                    numbers.append(value)
                    (value, shift) = (0, 0)
                }
            }
            return numbers
        }

        func text(_ wanted: UInt64) throws -> String? {
            try fields(wanted).lazy.compactMap {
                if case .bytes(let bytes) = $0 { String(data: bytes, encoding: .utf8) } else { nil }
            }.first
        }

        func number(_ wanted: UInt64) throws -> UInt64? {
            try fields(wanted).lazy.compactMap { if case .number(let number) = $0 { number } else { nil } }.first
        }

        private func fields(_ wanted: UInt64) throws -> [Field] {
            var found: [Field] = []
            var position = data.startIndex
            func varint() throws -> UInt64 {
                var value: UInt64 = 0
                for shift in stride(from: UInt64(0), to: 70, by: 7) {
                    guard position < data.endIndex else { throw Damage() }
                    let byte = data[position]
                    position += 1
                    value |= UInt64(byte & 0x7f) << shift
                    if byte < 0x80 { return value }
                }
                throw Damage()
            }
            func step(_ count: UInt64) throws -> Data {
                guard count <= UInt64(data.endIndex - position) else { throw Damage() }
                let slice = data[position..<position + Int(count)]
                position += Int(count)
                return slice
            }
            while position < data.endIndex {
                let key = try varint()
                let field: Field
                switch key & 7 {
                case 0: field = .number(try varint())
                case 1: field = .bytes(try step(8))
                case 2: field = .bytes(try step(varint()))
                case 5: field = .bytes(try step(4))
                default: throw Damage()
                }
                if key >> 3 == wanted { found.append(field) }
            }
            return found
        }
    }
}
