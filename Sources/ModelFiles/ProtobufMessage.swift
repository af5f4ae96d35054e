// Reads Protocol Buffers' wire format, as far as ONNX files take it.

package import Foundation

/// What is no message of Protocol Buffers, or not the one that was expected.
package struct ProtobufDamage: Error {
    /// Makes the error.
    package init() {}
}

/// A message of Protocol Buffers' wire format, as a slice of the file.
package struct ProtobufMessage: Sendable {
    private enum Field {
        case number(UInt64)
        case bytes(Data)
    }
    private let data: Data
    private static let mostFields = 4_000_000

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
        var numbers: [UInt64] = []
        var value: UInt64 = 0, shift: UInt64 = 0
        for byte in data {
            guard shift < 70 else { throw ProtobufDamage() }
            value |= UInt64(byte & 0x7f) << shift
            shift += 7
            if byte < 0x80 {
                numbers.append(value)
                (value, shift) = (0, 0)
            }
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
        var position = data.startIndex
        func varint() throws -> UInt64 {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 70, by: 7) {
                guard position < data.endIndex else { throw ProtobufDamage() }
                let byte = data[position]
                position += 1
                value |= UInt64(byte & 0x7f) << shift
                if byte < 0x80 { return value }
            }
            throw ProtobufDamage()
        }
        func step(_ count: UInt64) throws -> Data {
            guard count <= UInt64(data.endIndex - position) else { throw ProtobufDamage() }
            let slice = data[position..<position + Int(count)]
            position += Int(count)
            return slice
        }
        var count = 0
        while position < data.endIndex {
            let key = try varint()
            count += 1
            // Zeros, as in a file that was never filled, are no fields; and no real message has millions of them.
            guard key >> 3 != 0, count <= Self.mostFields else { throw ProtobufDamage() }
            let field: Field
            switch key & 7 {
            case 0: field = .number(try varint())
            case 1: field = .bytes(try step(8))
            case 2: field = .bytes(try step(varint()))
            case 5: field = .bytes(try step(4))
            default: throw ProtobufDamage()
            }
            if key >> 3 == wanted { found.append(field) }
        }
        return found
    }
}
