// A folder whose files only their user may read, such as secrets.

package import Errors
internal import Glibc

/// A folder (0700) of small files (0600). Refuses what other users may read or change. Calls block for a file access.
package struct PrivateFolder: Sendable {
    package let path: String

    /// - Parameter path: made by ``make()``; the folder that it is in must be there.
    package init(path: String) { self.path = path }

    /// Makes the folder if it is not there.
    /// - Throws: ``MasqueError`` `.badInput` when others may write to it or it is no folder; `.outOfSpace`, `.failed`.
    package func make() throws(MasqueError) {
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { throw fileError(errno, path: path, doing: "write") }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw fileError(errno, path: path, doing: "read") }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw fileError(ENOTDIR, path: path, doing: "read") }
        guard status.st_mode & 0o022 == 0 else {
            throw MasqueError(
                .badInput, "Other users may write to \(path), where secrets are kept.",
                advice: "Run “chmod 700 \(path)”.")
        }
    }

    /// The bytes of a file; nil when there is none of this name.
    /// - Throws: ``MasqueError`` `.badInput` when others may read it, or it is a link or no file; `.tooLarge` beyond
    ///   `maxBytes`; `.failed`.
    package func read(_ name: String, maxBytes: Int) throws(MasqueError) -> [UInt8]? {
        let path = "\(path)/\(name)"
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw fileError(errno, path: path, doing: "read") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw fileError(errno, path: path, doing: "read") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw MasqueError(.badInput, "Cannot read \(path): it is not a regular file.")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw MasqueError(
                .badInput, "Other users may read or change the secret file \(path).",
                advice: "Run “chmod 600 \(path)”, and make a new secret if somebody may have seen this one.")
        }
        var bytes = [UInt8](repeating: 0, count: maxBytes + 1)
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw fileError(errno, path: path, doing: "read") }
        guard count <= maxBytes else {
            throw MasqueError(.tooLarge, "\(path) has more than \(maxBytes) bytes.")
        }
        return Array(bytes.prefix(count))
    }

    /// Makes a file that appears whole or not at all. When another process was faster, its file stays and ours goes.
    /// - Throws: ``MasqueError`` `.outOfSpace`, `.badInput` or `.failed`.
    package func create(_ name: String, _ bytes: [UInt8]) throws(MasqueError) {
        let path = "\(path)/\(name)"
        let temporary = "\(path).\(String(UInt64.random(in: 0 ... .max), radix: 36)).part"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fileError(errno, path: path, doing: "write") }
        defer { unsafe unlink(temporary) }
        var failure: Int32 = 0
        let put = unsafe write(descriptor, bytes, bytes.count)
        if put != bytes.count { failure = put < 0 ? errno : ENOSPC }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        if close(descriptor) != 0, failure == 0 { failure = errno }
        // A second name fails when the name is taken, in one step.
        if failure == 0, unsafe link(temporary, path) != 0, errno != EEXIST { failure = errno }
        guard failure == 0 else { throw fileError(failure, path: path, doing: "write") }
        // The name itself must survive a power cut, too.
        let directory = unsafe open(self.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }
}
