// The fields of a message of Protocol Buffers' wire format, by where they lie.

package import Foundation

/// What is no message of Protocol Buffers, or not the one that was expected.
package struct ProtobufDamage: Error {
    /// Makes the error.
    package init() {}
}

/// One field (protobuf.dev, “Encoding”). Nothing is copied.
package struct WireField: Sendable {
    package let number: UInt64
    /// The field with its key.
    package let whole: Range<Int>
    /// The value of a number.
    package let value: UInt64?
    /// The bytes of any other field: eight or four of a fixed one, or as many as the field says.
    package let content: Range<Int>?
    /// Whether the field says how many bytes it has, as texts and messages do.
    package let isDelimited: Bool

    private static let most = 4_000_000

    /// Tells of each field of a message that is `range` of `data`, in their order.
    ///
    /// - Throws: ``ProtobufDamage`` where it is no message; what `body` throws.
    package static func each(in data: Data, _ range: Range<Int>, _ body: (WireField) throws -> Void) throws {
        var position = range.lowerBound, count = 0
        while position < range.upperBound {
            let start = position
            let key = try varint(in: data, &position, before: range.upperBound)
            count += 1
            // Zeros, as in a file that was never filled, are no fields; and no real message has millions of them.
            guard key >> 3 != 0, count <= most else { throw ProtobufDamage() }
            var value: UInt64?, length: UInt64 = 0
            switch key & 7 {
            case 0: value = try varint(in: data, &position, before: range.upperBound)
            case 1: length = 8
            case 2: length = try varint(in: data, &position, before: range.upperBound)
            case 5: length = 4
            default: throw ProtobufDamage()
            }
            guard length <= UInt64(range.upperBound - position) else { throw ProtobufDamage() }
            let content = position..<position + Int(length)
            position = content.upperBound
            try body(
                WireField(
                    number: key >> 3, whole: start..<position, value: value, content: value == nil ? content : nil,
                    isDelimited: key & 7 == 2))
        }
    }

    /// A number of one to ten bytes, seven bits in each, the low ones first; `position` goes behind it.
    static func varint(in data: Data, _ position: inout Int, before end: Int) throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < end else { throw ProtobufDamage() }
            let byte = data[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw ProtobufDamage()
    }
}
