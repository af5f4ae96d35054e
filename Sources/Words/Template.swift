// An English sentence as it stands in the code, with holes where values go: recognises what was made from it.

/// Literal pieces with holes between: `The job is {1}.` has two pieces and one hole.
package struct Template: Sendable {
    /// UTF-8; one more than there are holes. Two holes side by side have an empty piece between them.
    package let pieces: [[UInt8]]

    /// - Parameter key: with holes `{1}`, `{2}` … in their order. Other braces are text.
    package init(_ key: String) {
        var pieces: [[UInt8]] = [[]]
        var rest = key.utf8[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "{"), rest.starts(with: "{\(pieces.count)}".utf8) {
                rest = rest.dropFirst("{\(pieces.count)}".utf8.count)
                pieces.append([])
            } else {
                pieces[pieces.count - 1].append(byte)
                rest = rest.dropFirst()
            }
        }
        self.pieces = pieces
    }

    package var holes: Int { pieces.count - 1 }

    /// Bytes that must be there: the more, the more a match says.
    var weight: Int { pieces.reduce(0) { $0 + $1.count } }

    /// What stands in the holes of `text`; nil when it was not made from this template.
    ///
    /// The first piece must begin the text and the last one end it; each one between is taken where it is first found,
    /// which finds a match whenever there is one. Takes time in proportion to the text for each piece.
    func values(in text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        guard let first = pieces.first, let last = pieces.last, holes > 0 else {
            return text.elementsEqual(pieces.first ?? []) ? [] : nil
        }
        guard text.count >= weight, text.starts(with: first), text.suffix(last.count).elementsEqual(last) else {
            return nil
        }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        var values: [ArraySlice<UInt8>] = []
        values.reserveCapacity(holes)
        for piece in pieces[1..<holes] {
            guard let place = Self.find(piece, in: rest) else { return nil }
            values.append(rest[rest.startIndex..<place])
            rest = rest[(place + piece.count)...]
        }
        values.append(rest)
        return values
    }

    /// Where `piece` first begins in `text`.
    private static func find(_ piece: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard let head = piece.first else { return text.startIndex }
        var rest = text
        while rest.count >= piece.count, let place = rest.firstIndex(of: head) {
            rest = rest[place...]
            if rest.starts(with: piece) { return place }
            rest = rest.dropFirst()
        }
        return nil
    }
}
