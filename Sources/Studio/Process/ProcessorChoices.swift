// What a person chose for processors, as text by FaceFusion's names: read in one place for commands and requests.

internal import Errors
internal import Foundation

/// Choices such as `face_enhancer_blend` = `80`. Reads and checks them; everything that a value can be wrong with is
/// said here, with the name under which it was given.
package struct ProcessorChoices: Sendable {
    private let values: [String: String]
    /// Whether they came as options of a command, `--face-enhancer-blend`.
    let areOptions: Bool

    /// Takes choices by their names with underscores.
    package init(_ values: [String: String] = [:], areOptions: Bool = false) {
        self.values = values
        self.areOptions = areOptions
    }

    /// The names given that begin with some text.
    func names(beginning prefix: String) -> [String] { values.keys.filter { $0.hasPrefix(prefix) }.sorted() }

    /// A text, or nil when it was not given.
    func text(_ name: String) -> String? { values[name] }

    /// A number in a range.
    ///
    /// - Throws: `.badInput`.
    func number(_ name: String, in range: ClosedRange<Double>, or standard: Double) throws -> Double {
        guard let text = values[name] else { return standard }
        guard let number = Double(text.trimmingCharacters(in: .whitespaces)), range.contains(number) else {
            throw wrong(
                name, "must be a number from \(range.lowerBound.short) to \(range.upperBound.short)")
        }
        return number
    }

    /// A whole number in a range.
    ///
    /// - Throws: `.badInput`.
    func integer(_ name: String, in range: ClosedRange<Int>, or standard: Int) throws -> Int {
        guard let text = values[name] else { return standard }
        guard let number = Int(text.trimmingCharacters(in: .whitespaces)), range.contains(number) else {
            throw wrong(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A share, given as 0…100 percent.
    func percent(_ name: String, or standard: Double) throws -> Float {
        Float(try number(name, in: 0...100, or: standard) / 100)
    }

    /// Yes or no.
    func flag(_ name: String) throws -> Bool {
        switch values[name]?.lowercased() {
        case nil, "false", "0", "no": return false
        case "true", "1", "yes": return true
        default: throw wrong(name, "must be true or false")
        }
    }

    /// One of several words; spelled as in `known`.
    func word(_ name: String, of known: [String], or standard: String) throws -> String {
        guard let word = values[name] else { return standard }
        guard known.contains(word) else { throw wrong(name, "must be one of \(known.joined(separator: ", "))") }
        return word
    }

    /// Some of several words, with commas or spaces between.
    func words(_ name: String, of known: [String], or standard: [String]) throws -> [String] {
        guard let text = values[name] else { return standard }
        let words = text.split { $0 == "," || $0.isWhitespace }.map(String.init)
        guard !words.isEmpty, words.allSatisfy(known.contains) else {
            throw wrong(name, "must name some of \(known.joined(separator: ","))")
        }
        return words
    }

    /// Whole numbers with commas or spaces between.
    func integers(_ name: String, in range: ClosedRange<Int>, count: ClosedRange<Int>) throws -> [Int]? {
        guard let text = values[name] else { return nil }
        let numbers = text.split { $0 == "," || $0.isWhitespace }.map { Int($0) }
        let all = numbers.compactMap { $0 }
        guard all.count == numbers.count, count.contains(all.count), all.allSatisfy(range.contains) else {
            throw wrong(
                name,
                "must be \(count.lowerBound) to \(count.upperBound) whole numbers from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return all
    }

    /// The side of a square such as `512x512` or `512`.
    func side(_ name: String) throws -> Int? {
        guard let text = values[name] else { return nil }
        let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(sides.count), let side = sides[0], side > 0, sides.last == side else {
            throw wrong(name, "must be a square such as 512x512")
        }
        return side
    }

    private func wrong(_ name: String, _ due: String) -> MasqueError {
        MasqueError(.badInput, "\(label(name)) is “\((values[name] ?? "").prefix(64))”, but \(due).")
    }

    /// The name as it was given.
    func label(_ name: String) -> String { Self.label(name, isOption: areOptions) }

    /// A choice as commands or requests name it.
    static func label(_ name: String, isOption: Bool) -> String {
        isOption ? "--" + name.replacingOccurrences(of: "_", with: "-") : name
    }
}
