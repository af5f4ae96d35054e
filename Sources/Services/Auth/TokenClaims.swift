// The claims of a signed token, read strictly: a claim that is there in the wrong form is an error, not a default.

internal import Errors
internal import Foundation
internal import JobQueue

/// A claim's value, as far as Masque looks into it.
enum ClaimValue: Decodable, Sendable {
    case text(String)
    case number(Double)
    case integer(Int64)
    case list([String])
    case null
    case other

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if (try? value.decode(Bool.self)) != nil {
            self = .other
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let list = try? value.decode([String].self) {
            self = .list(list)
        } else {
            self = .other
        }
    }
}

/// Reads the claims that Masque knows; the others are ignored.
struct TokenClaims: Sendable {
    let values: [String: ClaimValue]

    private func value(_ name: String) -> ClaimValue? {
        if case .null? = values[name] { return nil }
        return values[name]
    }

    /// A NumericDate (RFC 7519, 2): seconds since 1970, with or without a fraction.
    func time(_ name: String) throws -> Date? {
        let seconds: Double
        switch value(name) {
        case nil: return nil
        case .integer(let number): seconds = Double(number)
        case .number(let number): seconds = number
        default: throw wrong("The claim “\(name)” of the token is not a number of seconds.")
        }
        // Up to the year 9999.
        guard seconds >= 0, seconds < 253_402_300_800 else {
            throw wrong("The claim “\(name)” of the token is not a time between 1970 and 9999.")
        }
        return Date(timeIntervalSince1970: seconds)
    }

    /// `sub`, or where that is missing `user_id`; texts and whole numbers.
    func owner() throws -> OwnerID {
        guard let (name, found) = ["sub", "user_id"].lazy.compactMap({ name in value(name).map { (name, $0) } }).first
        else { throw wrong("The token says in neither “sub” nor “user_id” whose it is.") }
        let text: String
        switch found {
        case .text(let value): text = value
        case .integer(let value): text = String(value)
        default: throw wrong("The claim “\(name)” of the token is neither a text nor a whole number.")
        }
        do {
            return try ownerID(text)
        } catch let error as MasqueError {
            throw wrong("The claim “\(name)” of the token cannot be used. \(error.message)")
        }
    }

    /// `scope` (names with spaces between, RFC 8693) or `scopes` (a list or the same); read and write where both are
    /// missing. Names that Masque does not have are another service's and ignored.
    func scopes() throws -> Set<Scope> {
        let names: [String]
        switch value("scope") ?? value("scopes") {
        case nil: return [.read, .write]
        case .text(let text): names = text.split(separator: " ").map(String.init)
        case .list(let list): names = list
        default: throw wrong("The scopes of the token are neither a text nor a list of texts.")
        }
        return Set(names.compactMap(Scope.init))
    }
}
