// Makes an upload of a file that is on the disk already, such as one that a chat's server gave.

internal import BlobStore
internal import Errors
internal import Files

extension ReceivedFile {
    /// Reads a file through: its length, its digest, and what its first bytes say it is.
    ///
    /// - Parameters:
    ///   - path: a file that is given away: whoever accepts it moves or deletes it.
    ///   - name: as the client named it.
    /// - Throws: ``MasqueError`` when it cannot be read.
    package static func onDisk(_ path: String, name: String?) async throws -> ReceivedFile {
        let head = try await offPool { try readHead(of: path, count: 64) }
        guard let digest = try await FileDigest(ofFileAt: path) else {
            throw MasqueError(.failed, "A file that was sent cannot be read.", advice: "Send it again.")
        }
        return ReceivedFile(
            path: path, byteCount: digest.byteCount, sha256: digest.sha256, fileName: name,
            sniffedType: sniff(head: head)?.mediaType ?? otherMediaType(head: head))
    }
}
