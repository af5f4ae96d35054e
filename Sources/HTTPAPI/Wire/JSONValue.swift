// JSON that a client sent, read field by field so that every mistake is named: a wrong kind, a missing or unknown field.

internal import Errors
internal import HTTPParts

/// Any JSON.
enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// - Parameter what: names the text in sentences, e.g. “The body”.
    /// - Throws: `.badInput` when it is no JSON or nests deeper than ``mostJSONLevels``.
    init(parsing bytes: some Collection<UInt8>, what: String) throws {
        try checkJSONNesting(bytes, what: what)
        do {
            self = try JSONText.value(of: Array(bytes))
        } catch {
            throw MasqueError(
                .badInput, "\(what) is no valid JSON.", advice: "Send a JSON object in UTF-8.", cause: error)
        }
    }

    /// What it is, for sentences.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .int, .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }

    func string(name: String) throws -> String {
        guard case .string(let value) = self else { throw wrong(name, "a text") }
        return value
    }

    func int(name: String) throws -> Int {
        switch self {
        case .int(let value): return value
        case .number(let value) where value == value.rounded() && abs(value) < 9e15: return Int(value)
        default: throw wrong(name, "a whole number")
        }
    }

    func number(name: String) throws -> Double {
        switch self {
        case .int(let value): return Double(value)
        case .number(let value): return value
        default: throw wrong(name, "a number")
        }
    }

    func bool(name: String) throws -> Bool {
        guard case .bool(let value) = self else { throw wrong(name, "true or false") }
        return value
    }

    func array(name: String) throws -> [JSONValue] {
        guard case .array(let value) = self else { throw wrong(name, "a list") }
        return value
    }

    private func wrong(_ name: String, _ wanted: String) -> MasqueError {
        MasqueError(.badInput, "The field \(name) must be \(wanted), not \(kind).")
    }
}

/// Reads an object; ``finish()`` refuses fields that nobody asked for, because a misspelt choice is otherwise lost
/// without a word. null is as good as missing.
struct ObjectReader {
    private var rest: [String: JSONValue]
    private let known: String
    private let prefix: String
    private var asked: [String] = []

    /// - Parameters:
    ///   - what: names the object in sentences, e.g. “The body”.
    ///   - prefix: stands before field names in sentences, e.g. `options.`.
    init(_ value: JSONValue, what: String, prefix: String = "") throws {
        guard case .object(let fields) = value else {
            throw MasqueError(.badInput, "\(what) must be a JSON object, not \(value.kind).")
        }
        rest = fields
        known = what
        self.prefix = prefix
    }

    private mutating func take(_ name: String) -> JSONValue? {
        asked.append(name)
        let value = rest.removeValue(forKey: name)
        return value == .null ? nil : value
    }

    mutating func string(_ name: String) throws -> String? { try take(name)?.string(name: prefix + name) }
    mutating func int(_ name: String) throws -> Int? { try take(name)?.int(name: prefix + name) }
    mutating func number(_ name: String) throws -> Double? { try take(name)?.number(name: prefix + name) }
    mutating func bool(_ name: String) throws -> Bool? { try take(name)?.bool(name: prefix + name) }

    mutating func strings(_ name: String) throws -> [String]? {
        guard let list = try take(name)?.array(name: prefix + name) else { return nil }
        return try list.map { try $0.string(name: "\(prefix)\(name)[]") }
    }

    mutating func object(_ name: String) throws -> ObjectReader? {
        guard let value = take(name) else { return nil }
        return try ObjectReader(value, what: "The field \(prefix)\(name)", prefix: "\(prefix)\(name).")
    }

    mutating func required(_ name: String) throws -> String {
        guard let value = try string(name) else {
            throw MasqueError(.badInput, "The field \(prefix)\(name) is missing.")
        }
        return value
    }

    /// All fields, read in the same way.
    mutating func all<Key: Hashable, Value>(
        _ read: (String, JSONValue) throws -> (Key, Value)
    ) throws -> [Key: Value] {
        defer { rest = [:] }
        return Dictionary(try rest.map { try read($0, $1) }, uniquingKeysWith: { $1 })
    }

    /// - Throws: `.badInput` naming a field that is left.
    func finish() throws {
        guard let name = rest.keys.min() else { return }
        throw MasqueError(
            .badInput, "\(known) has no field “\(name.prefix(60))”.",
            advice: "Its fields are \(asked.joined(separator: ", ")).")
    }
}
