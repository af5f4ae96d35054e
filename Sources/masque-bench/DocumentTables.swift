// Tables put between their markers in a Markdown document.
internal import Errors
internal import Foundation

/// Rewrites what lies between `<!-- bench NAME -->` and `<!-- end NAME -->`.
enum DocumentTables {
    /// Puts `text` between the markers of `part` in the file at `path`; all else stays.
    ///
    /// - Throws: ``MasqueError`` `.badInput` when the markers are not there.
    static func replace(_ part: String, with text: String, in path: String) throws {
        let document = try String(contentsOfFile: path, encoding: .utf8)
        let begin = "<!-- bench \(part) -->", end = "<!-- end \(part) -->"
        guard let from = document.range(of: begin),
            let to = document.range(of: end, range: from.upperBound..<document.endIndex)
        else {
            throw MasqueError(
                .badInput, "“\(path)” has no place for the part “\(part)”.", advice: "Add “\(begin)” and “\(end)”.")
        }
        let new = document.replacingCharacters(in: from.upperBound..<to.lowerBound, with: "\n\(text)\n")
        try new.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
