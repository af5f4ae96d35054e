// CRC-32, which some publishers of models state instead of SHA-256.
internal import CHash

/// The CRC-32 (ISO 3309, as zlib's) of a stream of bytes. It finds accidents, not forgeries.
package struct CRC32: Sendable {
    private var value: UInt32 = 0

    /// Begins an empty stream.
    package init() {}

    /// Takes more bytes in.
    package mutating func update(_ bytes: [UInt8]) { value = unsafe chash_crc32(value, bytes, bytes.count) }

    /// The value so far in eight lower-case hexadecimal digits.
    package var hex: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
