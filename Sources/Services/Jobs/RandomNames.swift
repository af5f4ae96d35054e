// Random names in the shape of UUIDs.

internal import Files

/// Sixteen bytes as a lower-case UUID string.
func uuidString(_ bytes: [UInt8]) -> String {
    var parts: [Substring] = []
    var rest = hexadecimal(bytes)[...]
    for length in [8, 4, 4, 4, 12] {
        parts.append(rest.prefix(length))
        rest = rest.dropFirst(length)
    }
    return parts.joined(separator: "-")
}

/// A version 4 UUID (RFC 9562) from the system's random source.
package func randomUUID() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: 0 ... .max) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    return uuidString(bytes)
}
