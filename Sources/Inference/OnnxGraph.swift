// Names, types and shapes of a graph's inputs and outputs, and its last weights, read from the ONNX file itself.
internal import Errors
internal import Foundation
internal import ModelFiles

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
            guard let graph = try ProtobufMessage(data).submessages(7).first else { throw ProtobufDamage() }
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
    private static func spec(_ value: ProtobufMessage) throws -> TensorSpec {
        guard let name = try value.text(1), let tensor = try value.submessages(2).first?.submessages(1).first,
            let type = ElementType(onnx: Int32(clamping: try tensor.number(1) ?? 0))
        else { throw ProtobufDamage() }
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
            guard let graph = try ProtobufMessage(data).submessages(7).first, let last = try graph.submessages(5).last
            else {
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
                throw ProtobufDamage()
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
        guard let data = try? Data(mappingFileAt: path) else {
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
}
