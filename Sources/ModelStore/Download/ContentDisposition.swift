// The file name in a Content-Disposition header.

internal import Foundation

/// The file name in a `Content-Disposition` header (RFC 6266), the extended form first; without folders, control
/// characters and leading dots. Nil when there is none.
package func fileName(inContentDisposition header: String) -> String? {
    var plain: String?
    var extended: String?
    for part in parameters(of: header) {
        guard let equals = part.firstIndex(of: "=") else { continue }
        let key = part[..<equals].trimmingCharacters(in: .whitespaces).lowercased()
        var value = part[part.index(after: equals)...].trimmingCharacters(in: .whitespaces)
        if value.hasPrefix("\""), value.hasSuffix("\""), value.count >= 2 {
            value = String(value.dropFirst().dropLast()).replacing("\\\"", with: "\"")
        }
        if key == "filename" { plain = value }
        if key == "filename*", case let pieces = value.split(separator: "'", omittingEmptySubsequences: false),
            pieces.count == 3, pieces[0].lowercased() == "utf-8"
        {
            extended = pieces[2].removingPercentEncoding
        }
    }
    guard let name = extended ?? plain else { return nil }
    let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
    let clean = String(
        String.UnicodeScalarView(last.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f })
    ).drop { $0 == "." || $0 == " " }
    return clean.isEmpty ? nil : String(clean)
}

/// What stands between semicolons, those in quotes not counted.
private func parameters(of header: String) -> [String] {
    var parts = [""]
    var isQuoted = false
    var isEscaped = false
    for character in header {
        if character == "\"", !isEscaped { isQuoted.toggle() }
        isEscaped = character == "\\" && !isEscaped
        if character == ";", !isQuoted { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    return parts
}
