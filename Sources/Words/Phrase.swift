// What is said in another language in place of a template: text, values, other phrases, plural forms.

/// A parsed translation.
///
/// `{1}` is the first value as it is; `{1:time}` is its translation by the table `time`, if the table has one;
/// `{1|файл|файла|файлов}` is the form that goes with it as a number (without the number itself).
package struct Phrase: Sendable {
    package enum Piece: Sendable, Hashable {
        case text(String)
        case value(Int)
        case translated(Int, table: String)
        case form(Int, [String])
    }

    package let pieces: [Piece]

    /// Braces that are none of the above stay as text.
    package init(_ text: String) {
        var pieces: [Piece] = []
        var literal = ""
        var rest = text[...]
        while let brace = rest.firstIndex(of: "{") {
            literal += rest[..<brace]
            rest = rest[brace...]
            if let end = rest.firstIndex(of: "}"), let piece = Self.piece(rest[..<end].dropFirst()) {
                if !literal.isEmpty { pieces.append(.text(literal)) }
                literal = ""
                pieces.append(piece)
                rest = rest[rest.index(after: end)...]
            } else {
                literal.append("{")
                rest = rest.dropFirst()
            }
        }
        literal += rest
        if !literal.isEmpty { pieces.append(.text(literal)) }
        self.pieces = pieces
    }

    /// The numbers of the holes that are used, from 1.
    package var holes: Set<Int> {
        Set(
            pieces.compactMap { piece in
                switch piece {
                case .text: nil
                case .value(let number), .translated(let number, _), .form(let number, _): number
                }
            })
    }

    private static func piece(_ inside: Substring) -> Piece? {
        let digits = inside.prefix(while: \.isNumber), rest = inside.dropFirst(digits.count)
        guard let number = Int(digits), number > 0 else { return nil }
        switch rest.first {
        case nil: return .value(number)
        case ":": return .translated(number, table: String(rest.dropFirst()))
        case "|":
            return .form(
                number, rest.dropFirst().split(separator: "|", omittingEmptySubsequences: false).map(String.init))
        default: return nil
        }
    }
}
