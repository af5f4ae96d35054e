// Templates with their translations, found by what a text begins with.

/// Finds the template that a text was made from: among those that fit, the one with most letters of its own.
struct Table: Sendable {
    struct Entry: Sendable {
        let key: String
        let template: Template
        let phrases: [Language: Phrase]
    }

    private let entries: [Entry]
    /// Numbers of the entries without holes.
    private let whole: [[UInt8]: Int]
    /// For each first byte of a text, the entries with holes that may fit, the weightiest first.
    private let candidates: [[Int]]

    init(_ list: [String: [Language: String]]) {
        let entries = list.map { key, texts in
            Entry(key: key, template: Template(key), phrases: texts.mapValues(Phrase.init))
        }.sorted { ($0.template.weight, $1.key) > ($1.template.weight, $0.key) }
        self.entries = entries
        var whole: [[UInt8]: Int] = [:]
        var candidates = [[Int]](repeating: [], count: 256)
        for (number, entry) in entries.enumerated() {
            guard entry.template.holes > 0, let first = entry.template.pieces.first else {
                whole[Array(entry.key.utf8)] = number
                continue
            }
            if let byte = first.first {
                candidates[Int(byte)].append(number)
            } else {
                for byte in candidates.indices { candidates[byte].append(number) }
            }
        }
        (self.whole, self.candidates) = (whole, candidates)
    }

    /// The entry that `text` was made from, and what stands in its holes.
    func find(_ text: ArraySlice<UInt8>) -> (entry: Entry, values: [ArraySlice<UInt8>])? {
        if let number = whole[Array(text)] { return (entries[number], []) }
        guard let first = text.first else { return nil }
        for number in candidates[Int(first)] {
            if let values = entries[number].template.values(in: text) { return (entries[number], values) }
        }
        return nil
    }
}
