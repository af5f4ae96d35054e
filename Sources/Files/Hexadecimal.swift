// Bytes as hexadecimal digits, and names made of random ones.

/// Bytes as lower-case hexadecimal digits.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    func digit(_ value: UInt8) -> UInt8 { value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) }
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes {
        text.append(digit(byte >> 4))
        text.append(digit(byte & 15))
    }
    return String(decoding: text, as: UTF8.self)
}

/// 128 bits of the system's random source as 32 lower-case hexadecimal digits: a name that nobody can guess.
package func randomName() -> String {
    hexadecimal(
        (0..<2).flatMap { _ in
            let word = UInt64.random(in: 0 ... .max)
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        })
}
