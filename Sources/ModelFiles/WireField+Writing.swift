// Writes fields of Protocol Buffers' wire format.

extension RangeReplaceableCollection<UInt8> {
    /// Adds a field of bytes.
    package mutating func field(_ number: UInt64, _ bytes: some Collection<UInt8>) {
        varint(number << 3 | 2)
        varint(UInt64(bytes.count))
        append(contentsOf: bytes)
    }

    /// Adds a field of a whole number.
    package mutating func field(_ number: UInt64, _ value: UInt64) {
        varint(number << 3)
        varint(value)
    }

    /// Adds a number in base 128.
    package mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}
