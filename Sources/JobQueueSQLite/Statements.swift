// Short ways to run SQL and to carry times and JSON in and out of columns.

internal import Errors
internal import Files
internal import Foundation
internal import GRDB

extension Database {
    /// Runs a statement, compiled once per connection.
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// The first row, if there is one.
    func first(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Columns? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments).map(Columns.init)
    }

    /// All rows.
    func all(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [Columns] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments).map(Columns.init)
    }
}

/// A row that is read from left to right; a value of the wrong type (somebody wrote into the file) is an error, no crash.
struct Columns {
    private let row: Row
    private var index = 0

    init(_ row: Row) { self.row = row }

    mutating func next<Value: DatabaseValueConvertible>(_ type: Value.Type = Value.self) throws -> Value {
        guard let value = try optional(type) else { throw damaged(index - 1) }
        return value
    }

    mutating func optional<Value: DatabaseValueConvertible>(_ type: Value.Type = Value.self) throws -> Value? {
        defer { index += 1 }
        guard index < row.count else { throw damaged(index) }
        let stored: DatabaseValue = row[index]
        if stored.isNull { return nil }
        guard let value = Value.fromDatabaseValue(stored) else { throw damaged(index) }
        return value
    }

    mutating func date() throws -> Date { Date(microseconds: try next(Int64.self)) }

    mutating func optionalDate() throws -> Date? { try optional(Int64.self).map(Date.init(microseconds:)) }

    /// One of the words of an enumeration.
    mutating func word<Word: RawRepresentable>(_ type: Word.Type = Word.self) throws -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: try next(String.self)) else { throw damaged(index - 1) }
        return word
    }

    mutating func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        guard let value = try optionalJSON(type) else { throw damaged(index - 1) }
        return value
    }

    mutating func optionalJSON<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value? {
        guard let text = try optional(String.self) else { return nil }
        do { return try JSONDecoder().decode(type, from: Data(text.utf8)) } catch { throw damaged(index - 1) }
    }

    private func damaged(_ index: Int) -> MasqueError {
        let name = index < row.count ? Array(row.columnNames)[index] : "\(index)"
        return MasqueError(.failed, "The job database has a row whose column \(name) cannot be read.")
    }
}

/// JSON as it is stored, its keys in order.
func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

extension Date {
    init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1e6) }

    /// Since 1970, for a column; years beyond ±100,000 are cut off there.
    var microseconds: Int64 {
        let value = (timeIntervalSince1970 * 1e6).rounded()
        return value.isNaN ? 0 : Int64(min(max(value, -3.2e18), 3.2e18))
    }
}

/// A name that cannot be guessed, 128 random bits: e.g. `msg_0f8c…`.
func newName(_ prefix: String) -> String { prefix + randomName() }
