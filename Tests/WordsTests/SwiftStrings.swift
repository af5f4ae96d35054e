// Reads the string literals of Swift sources as templates: what is interpolated becomes {1}, {2} …

/// A literal, or several joined by “+”.
struct SourceString {
    var template: String
    var holes: Int
    /// Offsets in the source's UTF-8.
    let start: Int
    var end: Int
    /// Whether it is itself an argument of a call of `say`, and no part of another expression in it.
    var isSaid = false
}

/// All string literals of `source`, those inside interpolations too, in the order in which they begin.
func swiftStrings(in source: String) -> [SourceString] {
    var reader = Reader(bytes: Array(source.utf8))
    reader.code(untilParenthesis: false)
    var joined: [SourceString] = []
    var places: [Int: Int] = [:]
    for string in reader.found.sorted(by: { $0.start < $1.start }) {
        guard let end = reader.endBeforePlus(string.start), let number = places[end] else {
            places[string.end] = joined.count
            joined.append(string)
            continue
        }
        var text = string.template
        let holes = joined[number].holes
        for hole in stride(from: string.holes, to: 0, by: -1) {
            text = text.replacing("{\(hole)}", with: "{\(hole + holes)}")
        }
        joined[number].template += text
        joined[number].holes += string.holes
        joined[number].end = string.end
        places[string.end] = number
    }
    return joined
}

/// Knows just enough of Swift's grammar: literals with interpolations, raw ones, comments.
private struct Reader {
    let bytes: [UInt8]
    var place = 0
    var found: [SourceString] = []
    /// For each open bracket, whether it is that of a call of `say`.
    private var open: [Bool] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    func sees(_ text: String) -> Bool { bytes[place...].starts(with: text.utf8) }

    /// Where what is before a “+” before `place` ends; nil when there is no “+”.
    func endBeforePlus(_ place: Int) -> Int? {
        let before = bytes[..<place].lastIndex { $0 > 32 }
        guard let before, bytes[before] == UInt8(ascii: "+") else { return nil }
        return bytes[..<before].lastIndex { $0 > 32 }.map { $0 + 1 }
    }

    /// Reads code to the end, or to the parenthesis that closes an interpolation.
    mutating func code(untilParenthesis: Bool) {
        let outside = open.count
        while place < bytes.count {
            if sees("//") {
                skip(past: "\n")
            } else if sees("/*") {
                skip(past: "*/")
            } else if sees("#\"") {
                skip(past: "\"#")
            } else if bytes[place] == UInt8(ascii: "\"") {
                string()
            } else {
                switch bytes[place] {
                case UInt8(ascii: "("): open.append(follows("say"))
                case UInt8(ascii: "["), UInt8(ascii: "{"): open.append(false)
                case UInt8(ascii: ")") where open.count == outside && untilParenthesis: return
                case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
                    if open.count > outside { open.removeLast() }
                default: break
                }
                place += 1
            }
        }
    }

    /// Whether this word stands before `place`, alone or behind a dot.
    func follows(_ word: String) -> Bool {
        guard bytes[..<place].suffix(word.utf8.count).elementsEqual(word.utf8) else { return false }
        let before = place > word.utf8.count ? bytes[place - word.utf8.count - 1] : UInt8(ascii: " ")
        return !(Character(UnicodeScalar(before)).isLetter || before == UInt8(ascii: "_"))
    }

    mutating func skip(past text: String) {
        place += 2
        while place < bytes.count, !sees(text) { place += 1 }
        place += text.utf8.count
    }

    /// Reads a literal from its opening quote.
    mutating func string() {
        let start = place
        let quote = sees("\"\"\"") ? "\"\"\"" : "\""
        let isSaid = open.last ?? false
        place += quote.utf8.count
        var (text, holes): ([UInt8], Int) = ([], 0)
        while place < bytes.count, !sees(quote) {
            guard bytes[place] == UInt8(ascii: "\\"), place + 1 < bytes.count else {
                text.append(bytes[place])
                place += 1
                continue
            }
            let escaped = bytes[place + 1]
            place += 2
            switch escaped {
            case UInt8(ascii: "("):
                open.append(false)
                code(untilParenthesis: true)
                open.removeLast()
                place += 1
                holes += 1
                text += "{\(holes)}".utf8
            case UInt8(ascii: "u"):
                let end = bytes[place...].firstIndex(of: UInt8(ascii: "}")) ?? place
                let digits = String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
                text += String(UnicodeScalar(UInt32(digits, radix: 16) ?? 0xFFFD) ?? "\u{FFFD}").utf8
                place = end + 1
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "\n"): break
            default: text.append(escaped)
            }
        }
        place += quote.utf8.count
        found.append(
            SourceString(
                template: String(decoding: text, as: UTF8.self), holes: holes, start: start, end: place,
                isSaid: isSaid))
    }
}
