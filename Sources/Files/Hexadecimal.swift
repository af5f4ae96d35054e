// Bytes as hexadecimal digits, and names made of random ones.

/// Bytes as lower-case hexadecimal digits.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// 128 bits of the system's random source as 32 lower-case hexadecimal digits: a name that nobody can guess.
package func randomName() -> String { hexadecimal((0..<16).map { _ in UInt8.random(in: 0 ... .max) }) }
