// The API document as it is served: with the server's version, as YAML and as JSON.

internal import Errors
internal import Yams

/// Converted once, at start. The order of the document is kept, because readers see it.
struct OpenAPIDocument: Sendable {
    let yaml: StaticFile
    let json: StaticFile

    /// - Throws: `.failed` when the text is no YAML.
    init(yaml text: String, version: String) throws {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if let line = lines.firstIndex(where: { $0.hasPrefix("  version: ") }) { lines[line] = "  version: \"\(version)\"" }
        let filled = lines.joined(separator: "\n")
        yaml = StaticFile(Array(filled.utf8), mediaType: "application/yaml; charset=utf-8")
        let node: Node?
        do {
            node = try compose(yaml: filled)
        } catch {
            throw MasqueError(.failed, "The API document openapi.yaml is no valid YAML.", cause: error)
        }
        var out = ""
        OpenAPIDocument.write(node ?? Node(""), to: &out)
        json = StaticFile(Array(out.utf8), mediaType: "application/json")
    }

    private static func write(_ node: Node, to out: inout String) {
        switch node {
        case .mapping(let mapping):
            out += "{"
            for (index, pair) in mapping.enumerated() {
                if index > 0 { out += "," }
                // Keys are texts in JSON, also those of status codes.
                write(pair.key.string ?? "", to: &out)
                out += ":"
                write(pair.value, to: &out)
            }
            out += "}"
        case .sequence(let sequence):
            out += "["
            for (index, item) in sequence.enumerated() {
                if index > 0 { out += "," }
                write(item, to: &out)
            }
            out += "]"
        case .scalar(let scalar): write(scalar, to: &out)
        default: out += "null"
        }
    }

    private static func write(_ scalar: Node.Scalar, to out: inout String) {
        guard scalar.style == .plain || scalar.style == .any else { return write(scalar.string, to: &out) }
        // The JSON schema of YAML 1.2: what looks like JSON is JSON, anything else is text.
        switch scalar.string {
        case "null", "~", "": out += "null"
        case "true", "false": out += scalar.string
        default:
            if let number = Int64(scalar.string) {
                out += String(number)
            } else if let number = Double(scalar.string), number.isFinite, scalar.string.utf8.allSatisfy(isNumeric) {
                out += "\(number)"
            } else {
                write(scalar.string, to: &out)
            }
        }
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "e")].contains(byte)
    }

    private static func write(_ text: String, to out: inout String) {
        out += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case let control where control.value < 0x20:
                let digits = String(control.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }
}
