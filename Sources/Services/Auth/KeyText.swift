// The text of an API key: `masque_`, 32 random characters, 6 check characters.

internal import Crypto
internal import Files

/// Makes and checks the text of API keys. The check characters only find mistakes in typing; what makes a key right is
/// that its digest is in the store.
enum KeyText {
    static let prefix = "masque_"
    private static let randomCount = 32
    private static let checkCount = 6
    private static let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// A new key with 190 random bits from the system's generator.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let random = (0..<randomCount).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] }
        let body = prefix + String(decoding: random, as: UTF8.self)
        return body + check(of: body)
    }

    /// Whether the text has a key's length and letters and its check characters fit.
    static func isWellFormed(_ text: String) -> Bool {
        guard text.utf8.count == prefix.utf8.count + randomCount + checkCount, text.hasPrefix(prefix),
            text.utf8.dropFirst(prefix.utf8.count).allSatisfy(letters.contains)
        else { return false }
        return text.hasSuffix(check(of: String(text.dropLast(checkCount))))
    }

    /// Lower-case hexadecimal SHA-256 of the whole key: what the store keeps.
    static func digest(_ text: String) -> String {
        hexadecimal(SHA256.hash(data: Array(text.utf8)))
    }

    /// The first 32 bits of SHA-256 in base 62.
    private static func check(of body: String) -> String {
        var number = SHA256.hash(data: Array(body.utf8)).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        var digits: [UInt8] = []
        for _ in 0..<checkCount {
            digits.append(letters[Int(number % 62)])
            number /= 62
        }
        return String(decoding: digits.reversed(), as: UTF8.self)
    }
}
