// File names that others chose, made harmless: they stay in their folder, can be typed, and mean nothing to any system.

internal import Foundation

/// Makes names of files out of text from outside.
package enum SafeName {
    /// The longest name in bytes; file systems allow 255, and temporary names are longer than the real ones.
    static let most = 180

    /// A name without paths, control and direction characters, and signs that shells or other systems give a meaning;
    /// not hidden, not reserved by Windows, at most 180 bytes. The ending is kept, in small letters.
    ///
    /// - Parameter fallback: the stem where nothing is left.
    package static func make(_ text: String, fallback: String) -> String {
        var name = String(
            String.UnicodeScalarView(
                text.precomposedStringWithCanonicalMapping.unicodeScalars.compactMap { scalar -> Unicode.Scalar? in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                        return nil
                    case .spaceSeparator: return " "
                    default: return #"/\<>:"|?*"#.unicodeScalars.contains(scalar) ? "_" : scalar
                    }
                }))
        name = String(name.drop { $0 == " " }.reversed().drop { $0 == " " || $0 == "." }.reversed())
        var (stem, ending) = (name, "")
        if let dot = name.lastIndex(of: "."), dot > name.startIndex || name.count > 1 {
            let tail = name[name.index(after: dot)...]
            if (1...12).contains(tail.utf8.count), tail.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) {
                stem = String(name[..<dot])
                ending = "." + tail.lowercased()
            }
        }
        stem = String(stem.reversed().drop { $0 == " " || $0 == "." }.reversed())
        if let first = stem.first, first == "." || first == "-" || first == "~" { stem = "_" + stem.dropFirst() }
        if stem.allSatisfy({ $0 == "." || $0 == "_" || $0 == " " }) { stem = fallback }
        if isReserved(stem) { stem = "_" + stem }
        while stem.utf8.count + ending.utf8.count > most { stem.removeLast() }
        return stem + ending
    }

    /// A name that Windows takes for a device, whatever its ending.
    private static func isReserved(_ stem: String) -> Bool {
        let word = stem.prefix { $0 != "." }.uppercased()
        if ["CON", "PRN", "AUX", "NUL"].contains(word) { return true }
        return word.count == 4 && (word.hasPrefix("COM") || word.hasPrefix("LPT")) && word.last?.isNumber == true
    }

    /// Text from outside in a sentence: at most 100 characters, none that steers a terminal.
    package static func shown(_ text: String) -> String {
        let plain = String.UnicodeScalarView(
            text.unicodeScalars.filter {
                $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
            })
        return String(String(plain).prefix(100))
    }
}

/// Text that another server sent, as a terminal or a bot may show it.
enum SafeText {
    /// One line of at most 500 characters without control and direction characters.
    static func line(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter {
                    $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
                }.prefix(500)))
    }
}
