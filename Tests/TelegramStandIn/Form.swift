// What a call carries: parameters from JSON, a query or a form, and the files of a multipart form.

internal import Foundation

/// A file in a multipart form.
package struct FormFile: Sendable, Equatable {
    package var name: String
    package var type: String
    package var bytes: [UInt8]
}

/// A call's parameters. Values of forms are texts; ``JSON/int`` and such read them.
package struct Parameters: Sendable {
    package var values: [String: JSON] = [:]
    package var files: [String: FormFile] = [:]

    package subscript(_ name: String) -> JSON? { values[name] }

    /// A value that is an object or a list: as JSON, or as text that is JSON.
    package func structure(_ name: String) -> JSON? {
        switch values[name] {
        case .text(let text): JSON(Array(text.utf8))
        case let value: value
        }
    }

    /// - Throws: ``Malformed`` with the reason.
    init(contentType: String, query: String, body: [UInt8]) throws {
        try addForm(query)
        let type = contentType.split(separator: ";").first.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        switch type ?? "" {
        case "" where body.isEmpty: break
        case "application/json":
            guard let fields = JSON(body)?.fields else { throw Malformed("can't parse JSON object") }
            values.merge(fields) { _, new in new }
        case "application/x-www-form-urlencoded": try addForm(String(decoding: body, as: UTF8.self))
        case "multipart/form-data":
            guard let match = contentType.firstMatch(of: /boundary="?([^";]+)"?/) else {
                throw Malformed("no boundary")
            }
            try addParts(body, boundary: Array(match.1.utf8))
        default: throw Malformed("content type \(contentType)")
        }
    }

    struct Malformed: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    private mutating func addForm(_ text: String) throws {
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let clean = halves.compactMap { $0.replacing("+", with: " ").removingPercentEncoding }
            guard clean.count == 2 else { throw Malformed("a form field") }
            values[clean[0]] = .text(clean[1])
        }
    }

    private mutating func addParts(_ body: [UInt8], boundary: [UInt8]) throws {
        let mark = Array("--".utf8) + boundary
        guard body.starts(with: mark) else { throw Malformed("a form that does not begin with its boundary") }
        var rest = body[mark.count...]
        let between = Array("\r\n".utf8) + mark
        while true {
            if rest.starts(with: Array("--".utf8)) { return }
            guard rest.starts(with: Array("\r\n".utf8)), let end = Self.find(between, in: rest.dropFirst(2)),
                let head = Self.find(Array("\r\n\r\n".utf8), in: rest.dropFirst(2)), head < end
            else { throw Malformed("a form that is cut off") }
            let lines = String(decoding: rest[(rest.startIndex + 2)..<head], as: UTF8.self)
            let content = Array(rest[(head + 4)..<end])
            guard let name = lines.firstMatch(of: /(?i)content-disposition: form-data; name="([^"]+)"/) else {
                throw Malformed("a part without a name")
            }
            if let file = lines.firstMatch(of: /; filename="([^"]*)"/) {
                let type = lines.firstMatch(of: /(?i)content-type: ([^\r\n]+)/).map { String($0.1) } ?? ""
                guard files[String(name.1)] == nil else { throw Malformed("two parts of one name") }
                files[String(name.1)] = FormFile(name: String(file.1), type: type, bytes: content)
            } else {
                guard let text = String(validating: content, as: UTF8.self) else { throw Malformed("not UTF-8") }
                values[String(name.1)] = .text(text)
            }
            rest = body[(end + between.count)...]
        }
    }

    private static func find(_ wanted: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = wanted.first, bytes.count >= wanted.count else { return nil }
        var from = bytes.startIndex
        while let at = bytes[from...].firstIndex(of: first), at + wanted.count <= bytes.endIndex {
            if bytes[at..<(at + wanted.count)].elementsEqual(wanted) { return at }
            from = at + 1
        }
        return nil
    }
}
