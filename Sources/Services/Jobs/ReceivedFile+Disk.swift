// Makes an upload of a file that is on the disk already, such as one that a chat's server gave.

internal import Crypto
internal import Errors
internal import Files
internal import Foundation

extension ReceivedFile {
    /// Reads a file through: its length, its digest, and what its first bytes say it is.
    ///
    /// - Parameters:
    ///   - path: a file that is given away: whoever accepts it moves or deletes it.
    ///   - name: as the client named it.
    /// - Throws: ``MasqueError`` when it cannot be read.
    package static func onDisk(_ path: String, name: String?) async throws -> ReceivedFile {
        try await offPool {
            let head = try readHead(of: path, count: 64)
            guard let file = FileHandle(forReadingAtPath: path) else {
                throw MasqueError(.failed, "A file that was sent cannot be read.", advice: "Send it again.")
            }
            defer { try? file.close() }
            var digest = SHA256()
            var count: Int64 = 0
            while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
                digest.update(data: piece)
                count += Int64(piece.count)
            }
            return ReceivedFile(
                path: path, byteCount: count, sha256: hexadecimal(digest.finalize()), fileName: name,
                sniffedType: sniff(head: head)?.mediaType ?? otherMediaType(head: head))
        }
    }
}
