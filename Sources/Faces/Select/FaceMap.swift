// Which source goes onto which face, for several people in one pass.

internal import Errors

/// A face of the target: by its place in the order, or by the person of a reference picture.
package enum FaceMapTarget: Sendable, Hashable {
    /// The face at this place of the chosen order, from 0.
    case position(Int)
    /// The person of this reference picture, from 0.
    case reference(Int)
}

/// A list of pairs "this source onto that face".
///
/// Written as `source1=0,source2=2`: sources count from 1 in the order given, faces from 0 in the chosen order;
/// `source1=reference2` names the person of the second reference picture.
package struct FaceMap: Sendable, Hashable {
    /// One pair; `source` counts from 0.
    package struct Entry: Sendable, Hashable {
        package let source: Int
        package let target: FaceMapTarget

        /// Makes a pair.
        package init(source: Int, target: FaceMapTarget) {
            self.source = source
            self.target = target
        }
    }

    /// The pairs in the order written.
    package let entries: [Entry]

    /// Makes a map; each target should stand in one pair only.
    package init(entries: [Entry]) {
        self.entries = entries
    }

    /// Reads a map.
    ///
    /// - Parameters:
    ///   - text: pairs with commas between.
    ///   - sources: how many sources there are.
    ///   - references: how many reference pictures there are.
    /// - Throws: ``MasqueError`` (`badInput`) with a sentence on the first thing that is wrong.
    package init(parsing text: String, sources: Int, references: Int = 0) throws {
        var entries: [Entry] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = String(part.filter { !$0.isWhitespace })
            let entry = try Self.entry(pair, sources: sources, references: references)
            guard !entries.contains(where: { $0.target == entry.target }) else {
                throw Self.error("The map “\(text)” names the face “\(pair.drop { $0 != "=" }.dropFirst())” twice.")
            }
            entries.append(entry)
        }
        self.entries = entries
    }

    private static func entry(_ pair: String, sources: Int, references: Int) throws -> Entry {
        guard !pair.isEmpty else { throw error("The map has an empty pair.") }
        let sides = pair.split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2 else { throw error("“\(pair)” in the map is not a source, “=” and a face.") }
        guard let source = number(sides[0], after: "source") else {
            throw error("“\(sides[0])” in the map is not a source such as “source1”.")
        }
        guard (1...max(sources, 1)).contains(source), sources > 0 else {
            throw error("The map names source \(source), but there \(count(sources, "source")).")
        }
        if let position = Int(sides[1]) {
            guard (0..<10_000).contains(position) else {
                throw error("“\(sides[1])” in the map is not a face's place; faces count from 0.")
            }
            return Entry(source: source - 1, target: .position(position))
        }
        guard let reference = number(sides[1], after: "reference") else {
            throw error("“\(sides[1])” in the map is neither a face's place such as “0” nor “reference1”.")
        }
        guard (1...max(references, 1)).contains(reference), references > 0 else {
            throw error("The map names reference \(reference), but there \(count(references, "reference picture")).")
        }
        return Entry(source: source - 1, target: .reference(reference - 1))
    }

    private static func number(_ text: Substring, after prefix: String) -> Int? {
        guard text.hasPrefix(prefix) else { return nil }
        let digits = text.dropFirst(prefix.count)
        return digits.allSatisfy(\.isNumber) ? Int(digits) : nil
    }

    private static func count(_ number: Int, _ word: String) -> String {
        switch number {
        case 0: "is no \(word)"
        case 1: "is only one \(word)"
        default: "are only \(number) \(word)s"
        }
    }

    private static func error(_ sentence: String) -> MasqueError {
        MasqueError(.badInput, sentence, advice: "Write it as in --map source1=0,source2=2.")
    }
}
