// Who makes a call, and what he may do.

internal import Errors
internal import Foundation
package import JobQueue

/// The caller of one request, once his token or key has been checked.
package struct Principal: Sendable, Hashable {
    /// How the caller showed who he is.
    package enum Kind: String, Sendable { case token, key, anonymous }

    /// Whose jobs the call sees and makes.
    package let owner: OwnerID
    package let scopes: Set<Scope>
    package let kind: Kind
    /// A name for rate limits and logs: `token:` and the owner, `key:` and the key's id, or `anonymous`. No secret.
    package let id: String

    package init(owner: OwnerID, scopes: Set<Scope>, kind: Kind, id: String) {
        self.owner = owner
        self.scopes = scopes
        self.kind = kind
        self.id = id
    }

    /// The caller without credentials, where `JWT_REQUIRED=0` allows him.
    package static let anonymous = Principal(
        owner: OwnerID(rawValue: "anonymous"), scopes: [.read, .write], kind: .anonymous, id: "anonymous")

    /// Whether the call may do what `scope` names. No scope contains another.
    package func allows(_ scope: Scope) -> Bool { scopes.contains(scope) }

    /// - Throws: ``MasqueError`` `.forbidden` when the scope is missing.
    package func require(_ scope: Scope) throws {
        guard !allows(scope) else { return }
        let has = scopes.map(\.rawValue).sorted().joined(separator: ", ")
        throw MasqueError(
            .forbidden,
            "This call needs the scope “\(scope.rawValue)”; the \(kind.rawValue) has \(has.isEmpty ? "none" : has).",
            advice: "Use a token or key that was made with that scope.")
    }
}

/// Reads a set of scopes from their names.
/// - Throws: ``MasqueError`` `.badInput` for an unknown name or an empty list.
package func scopes(named names: [String]) throws -> Set<Scope> {
    let all = Scope.allCases.map(\.rawValue).joined(separator: ", ")
    guard !names.isEmpty else {
        throw MasqueError(.badInput, "A token or key needs at least one scope.", advice: "Scopes are \(all).")
    }
    return Set(
        try names.map { name in
            guard let scope = Scope(rawValue: name) else {
                throw MasqueError(.badInput, "There is no scope “\(name.prefix(40))”.", advice: "Scopes are \(all).")
            }
            return scope
        })
}

/// Checks that a name can be an owner: 1…200 characters in normal form C, none of them a control character, and not
/// `anonymous`, who is everybody without credentials.
/// - Throws: ``MasqueError`` `.badInput`.
package func ownerID(_ name: String) throws -> OwnerID {
    guard !name.isEmpty else { throw MasqueError(.badInput, "The user id is empty.") }
    guard name.unicodeScalars.count <= 200 else {
        throw MasqueError(
            .badInput, "The user id has \(name.unicodeScalars.count) characters; at most 200 are allowed.")
    }
    guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
        throw MasqueError(.badInput, "The user id contains control characters.")
    }
    guard name.utf8.elementsEqual(name.precomposedStringWithCanonicalMapping.utf8) else {
        throw MasqueError(
            .badInput, "The user id is not in Unicode's normal form C, so two that look alike could be two users.",
            advice: "Normalise it (NFC) where the token or key is made.")
    }
    let owner = OwnerID(rawValue: name)
    guard owner != Principal.anonymous.owner else {
        throw MasqueError(
            .badInput, "The user id “\(name)” is kept for calls without a token.", advice: "Choose another name.")
    }
    return owner
}
