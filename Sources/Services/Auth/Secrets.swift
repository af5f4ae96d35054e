// Secrets that the server makes for itself on its first start, each in a file that only its user can read.

internal import Errors
internal import Files

/// The folder `$MASQUE_HOME/secrets` (0700) with one file (0600) per secret.
///
/// Safe among processes that start at once: the first to give a file its name wins, the others read that file.
package struct Secrets: Sendable {
    private let folder: PrivateFolder

    /// - Parameter folder: made on first use; the folder that it is in must be there.
    package init(folder: String) { self.folder = PrivateFolder(path: folder) }

    /// A secret as text bytes: 64 base64 characters of 48 random bytes when it was made here. Made if it is not there.
    ///
    /// Blocks for the time of a file access; meant for start-up.
    /// - Parameter name: `a…z`, digits and hyphens, e.g. `jwt-secret`, `share-secret`.
    /// - Throws: ``MasqueError`` `.badInput` when others may read the file or write to the folder, or the file is no
    ///   secret; `.outOfSpace`, `.failed` when it cannot be made.
    package func secret(named name: String) throws -> [UInt8] {
        let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789-")
        guard (1...64).contains(name.count), name.allSatisfy(letters.contains) else {
            throw MasqueError(.badInput, "“\(name.prefix(80))” cannot be the name of a secret.")
        }
        try folder.make()
        if let found = try read(name) { return found }
        var generator = SystemRandomNumberGenerator()
        let random = (0..<48).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try folder.create(name, Array(base64Encoded(random).utf8) + [10])
        guard let made = try read(name) else {
            throw MasqueError(.failed, "The secret \(folder.path)/\(name) disappeared while it was made.")
        }
        return made
    }

    /// The contents without the white space around them; nil when there is no such file.
    private func read(_ name: String) throws -> [UInt8]? {
        guard let bytes = try folder.read(name, maxBytes: 4_096) else { return nil }
        let white: Set<UInt8> = [9, 10, 13, 32]
        let secret = bytes.drop(while: white.contains).reversed().drop(while: white.contains).reversed()
        guard secret.count >= 32 else {
            throw MasqueError(
                .badInput, "The secret \(folder.path)/\(name) has \(secret.count) bytes; it needs at least 32.",
                advice: "Delete the file to have a new one made.")
        }
        return Array(secret)
    }
}
