// Reads Protocol Buffers' wire format, as far as ONNX files take it.

package import Foundation

/// A message of Protocol Buffers' wire format, as a slice of the file.
package struct ProtobufMessage: Sendable {
    private enum Field {
        case number(UInt64)
        case bytes(Data)
    }
    private let data: Data

    /// Reads lazily: nothing is looked at yet.
    package init(_ data: Data) { self.data = data }

    /// The messages in the fields of a number.
    package func submessages(_ wanted: UInt64) throws -> [ProtobufMessage] {
        try fields(wanted).compactMap { if case .bytes(let bytes) = $0 { ProtobufMessage(bytes) } else { nil } }
    }

    /// The bytes of the last field of a number.
    package func bytes(_ wanted: UInt64) throws -> Data? {
        try fields(wanted).lazy.compactMap { if case .bytes(let bytes) = $0 { bytes } else { nil } }.last
    }

    /// A repeated number, one by one or packed.
    package func numbers(_ wanted: UInt64) throws -> [UInt64] {
        try fields(wanted).flatMap { field in
            switch field {
            case .number(let number): [number]
            case .bytes(let bytes): try ProtobufMessage(bytes).varints()
            }
        }
    }

    private func varints() throws -> [UInt64] {
        var numbers: [UInt64] = [], position = data.startIndex
        while position < data.endIndex {
            numbers.append(try WireField.varint(in: data, &position, before: data.endIndex))
        }
        return numbers
    }

    /// The text of the first field of a number.
    /// - Throws: ``ProtobufDamage`` also when it has more than a MiB: no name has, and a file may claim any length.
    package func text(_ wanted: UInt64) throws -> String? {
        try fields(wanted).lazy.compactMap { field throws -> String? in
            guard case .bytes(let bytes) = field else { return nil }
            guard bytes.count <= 1 << 20 else { throw ProtobufDamage() }
            return String(data: bytes, encoding: .utf8)
        }.first
    }

    /// The first number of a field.
    package func number(_ wanted: UInt64) throws -> UInt64? {
        try fields(wanted).lazy.compactMap { if case .number(let number) = $0 { number } else { nil } }.first
    }

    private func fields(_ wanted: UInt64) throws -> [Field] {
        var found: [Field] = []
        try WireField.each(in: data, data.startIndex..<data.endIndex) { field in
            guard field.number == wanted else { return }
            if let value = field.value { found.append(.number(value)) }
            if let content = field.content { found.append(.bytes(data[content])) }
        }
        return found
    }
}
