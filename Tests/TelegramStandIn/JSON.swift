// JSON as the stand-in reads and writes it, apart from the client's own types.

internal import Foundation

/// Any JSON value.
package enum JSON: Codable, Sendable, Equatable {
    case null, bool(Bool), integer(Int64), number(Double), text(String), list([JSON]), object([String: JSON])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// - Returns: nil for what is no JSON.
    package init?(_ bytes: [UInt8]) {
        guard let value = try? JSONDecoder().decode(JSON.self, from: Data(bytes)) else { return nil }
        self = value
    }

    /// The JSON text.
    package var bytes: [UInt8] { (try? JSONEncoder().encode(self)).map(Array.init) ?? [] }

    package subscript(_ key: String) -> JSON? { if case .object(let fields) = self { fields[key] } else { nil } }
    package var string: String? { if case .text(let text) = self { text } else { nil } }
    package var items: [JSON]? { if case .list(let items) = self { items } else { nil } }
    package var fields: [String: JSON]? { if case .object(let fields) = self { fields } else { nil } }
    /// A whole number, also one that is written as text, as Telegram takes it in forms.
    package var int: Int64? {
        switch self {
        case .integer(let value): value
        case .text(let text): Int64(text)
        default: nil
        }
    }
    package var flag: Bool? {
        switch self {
        case .bool(let value): value
        case .text("true"), .text("True"): true
        case .text("false"), .text("False"): false
        default: nil
        }
    }

    /// An object without the fields that are nil.
    static func made(_ fields: KeyValuePairs<String, JSON?>) -> JSON {
        .object(Dictionary(uniqueKeysWithValues: fields.compactMap { key, value in value.map { (key, $0) } }))
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}
