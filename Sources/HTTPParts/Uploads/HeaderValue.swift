// A header value with parameters, such as Content-Type and Content-Disposition, taken apart.

/// `value; name=token; name="quoted"; name*=UTF-8''percent` (RFC 9110 5.6.6, RFC 8187).
package struct HeaderValue: Sendable {
    /// What stands before the first semicolon.
    package let value: String
    private var parameters: [String: String] = [:]

    /// Takes `text` apart; never fails, what makes no sense is left out.
    package init(_ text: String) {
        var rest = text[...]
        let end = rest.firstIndex(of: ";") ?? rest.endIndex
        value = rest[..<end].trimmed
        rest = rest[end...]
        while rest.first == ";" {
            rest = rest.dropFirst()
            let nameEnd = rest.firstIndex { $0 == "=" || $0 == ";" } ?? rest.endIndex
            let name = rest[..<nameEnd].trimmed.lowercased()
            rest = rest[nameEnd...]
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            let value = Self.takeValue(from: &rest)
            if !name.isEmpty, parameters[name] == nil { parameters[name] = value }
            rest = rest.drop { $0 != ";" }
        }
    }

    /// The parameter `name` (lower case); the extended form `name*` wins where it can be read.
    package subscript(name: String) -> String? {
        parameters[name + "*"].flatMap(Self.decodeExtended) ?? parameters[name]
    }

    /// The file name of a Content-Disposition: its last path component, without control characters.
    package var fileName: String? {
        guard let name = parameters["filename*"].flatMap(Self.decodeExtended) ?? parameters["filename"]?.formUnescaped
        else { return nil }
        let last = name.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last ?? ""
        let clean = String(String.UnicodeScalarView(last.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }))
        return clean == "." || clean == ".." ? "" : clean
    }

    /// A token or a quoted string. A backslash escapes only a quote or a backslash: some send Windows paths raw.
    private static func takeValue(from rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let end = rest.firstIndex(of: ";") ?? rest.endIndex
            defer { rest = rest[end...] }
            return rest[..<end].trimmed
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
                value.append(next)
                rest = rest.dropFirst()
            } else {
                value.append(character)
            }
        }
        return value
    }

    /// `charset'language'percent-encoded` (RFC 8187) in UTF-8 or ISO-8859-1.
    private static func decodeExtended(_ text: String) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = percentDecoded(parts[2]) else { return nil }
        switch parts[0].lowercased() {
        case "utf-8": return String(validating: bytes, as: UTF8.self)
        case "iso-8859-1": return String(bytes.map { Character(UnicodeScalar($0)) })
        default: return nil
        }
    }
}

/// The bytes of percent-encoded text, or nil when a percent sign is not followed by two digits.
func percentDecoded(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
            return nil
        }
        bytes.append(value)
        rest = rest.dropFirst(2)
    }
    return bytes
}

extension StringProtocol {
    /// Without blanks and line ends at both ends.
    var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}

extension String {
    /// Undoes what browsers do to a form's names: quote, CR and LF as percent codes (HTML, multipart/form-data encoding).
    var formUnescaped: String {
        guard contains("%") else { return self }
        return replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
    }
}
