// What a result says where models of its mode are missing on this server.

/// Sentences of results about models that are not installed, and what was done without them. All of them are made here,
/// so that a front that told of it before the work can leave them out afterwards.
package enum MissingModelNote {
    /// - Parameter models: with their verb, such as `models “a” and “b” are`.
    package static func swappedByMesh(without models: String) -> String {
        "The \(models) not installed on this server, so the built-in mesh engine made this result."
    }

    /// - Parameter models: with their verb, such as `model “a” is`.
    package static func unrestored(without models: String) -> String {
        "The \(models) not installed on this server, so faces were not restored."
    }

    /// - Parameter detector: its name.
    package static func foundByBuiltIn(without detector: String) -> String {
        "The face detector “\(detector)” is not installed on this server, so the built-in one looked."
    }

    /// Whether a note of a result is one of these.
    package static func isOne(_ note: String) -> Bool {
        [swappedByMesh(without:), unrestored(without:), foundByBuiltIn(without:)].contains { make in
            // What stands before and behind the names.
            let parts = make("\0").split(separator: "\0")
            return parts.count == 2 && note.hasPrefix(parts[0]) && note.hasSuffix(parts[1])
        }
    }
}
