// What identifies the content of a file that becomes a blob, or did.

internal import Crypto
internal import Files
internal import Foundation

/// A file's length and digest.
package struct FileDigest: Sendable, Hashable {
    package let byteCount: Int64
    /// SHA-256 in lower-case hexadecimal.
    package let sha256: String

    /// Reads a file through, off the pool; about a second for 2 GB. Nil when it cannot be opened.
    ///
    /// - Throws: when reading it fails.
    package init?(ofFileAt path: String) async throws {
        let found: (Int64, String)? = try await offPool {
            guard let file = FileHandle(forReadingAtPath: path) else { return nil }
            defer { try? file.close() }
            var (count, hash) = (Int64(0), SHA256())
            while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
                hash.update(data: piece)
                count += Int64(piece.count)
            }
            return (count, hexadecimal(hash.finalize()))
        }
        guard let found else { return nil }
        (byteCount, sha256) = found
    }
}
