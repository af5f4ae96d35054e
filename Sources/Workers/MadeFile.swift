// A file that a media process says it made: believed only when it is one.

internal import BlobStore
internal import Errors
internal import Files
internal import Glibc

/// A plain file directly in a job's folder.
struct MadeFile: Sendable {
    let path: String
    let byteCount: Int64

    /// A file that was looked at and moved since.
    init(_ path: String, byteCount: Int64) {
        self.path = path
        self.byteCount = byteCount
    }

    /// Looks at a file. A media process may have been taken over by what it decoded, so a path elsewhere, a link, or a
    /// second name of another file is refused.
    ///
    /// - Throws: ``MasqueError`` `.failed`.
    init(_ path: String, in folder: String) async throws {
        let refusal = MasqueError(.failed, "The media process did not leave its result where it belongs.")
        guard path.hasPrefix(folder + "/"), !path.dropFirst(folder.count + 1).contains("/") else { throw refusal }
        byteCount = try await offPool {
            var status = stat()
            guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1,
                status.st_size > 0
            else { throw refusal }
            return Int64(status.st_size)
        }
        self.path = path
    }

    /// Lower-case hexadecimal SHA-256 of the content.
    func sha256() async throws -> String {
        guard let digest = try await FileDigest(ofFileAt: path) else {
            throw MasqueError(.failed, "The result is gone before it could be read.")
        }
        return digest.sha256
    }
}
