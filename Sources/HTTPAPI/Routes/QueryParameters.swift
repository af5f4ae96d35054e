// Query parameters, each read with a sentence for every mistake.

internal import Errors
internal import Hummingbird

/// What stands behind the `?` of a request.
struct QueryParameters {
    private let values: Request

    init(_ request: Request) { values = request }

    /// - Throws: `.badInput` when it is there, but empty or longer than `most` characters.
    func text(_ name: String, most: Int) throws -> String? {
        guard let value = values.uri.queryParameters[Substring(name)].map(String.init) else { return nil }
        guard (1...most).contains(value.unicodeScalars.count) else {
            throw MasqueError(.badInput, "The parameter \(name) must have 1 to \(most) characters.")
        }
        return value
    }

    func int(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let value = try text(name, most: 32) else { return nil }
        guard let number = Int(value), range.contains(number) else {
            throw MasqueError(
                .badInput,
                "The parameter \(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not “\(value)”."
            )
        }
        return number
    }

    func number(_ name: String, in range: ClosedRange<Double>) throws -> Double? {
        guard let value = try text(name, most: 32) else { return nil }
        guard let number = Double(value), range.contains(number) else {
            throw MasqueError(
                .badInput,
                "The parameter \(name) must be a number from \(Int(range.lowerBound)) to \(Int(range.upperBound)), not “\(value)”."
            )
        }
        return number
    }

    func bool(_ name: String) throws -> Bool? {
        guard let value = try text(name, most: 8) else { return nil }
        switch value.lowercased() {
        case "true", "1": return true
        case "false", "0": return false
        default: throw MasqueError(.badInput, "The parameter \(name) must be true or false, not “\(value)”.")
        }
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, of type: Choice.Type) throws -> Choice?
    where Choice.RawValue == String {
        guard let value = try text(name, most: 64) else { return nil }
        return try one(name, value, of: type)
    }

    /// Several, separated by commas.
    func choices<Choice: RawRepresentable & CaseIterable>(_ name: String, of type: Choice.Type) throws -> [Choice]
    where Choice.RawValue == String {
        guard let value = try text(name, most: 200) else { return [] }
        return try value.split(separator: ",", omittingEmptySubsequences: false).map {
            try one(name, String($0), of: type)
        }
    }

    private func one<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ value: String, of type: Choice.Type
    ) throws -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: value) else {
            let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw MasqueError(.badInput, "The parameter \(name) must be one of \(all), not “\(value)”.")
        }
        return choice
    }
}
