// Whether a file is still the one that was looked at before.

package import Errors
internal import Glibc

/// What changes when a file is replaced or written to: device, number, size and the time of its last change.
package struct FileStamp: Sendable, Hashable {
    private let numbers: [Int]
    private let ignoresLinks: Bool

    /// Takes the stamp of the file at `path`; links are followed.
    ///
    /// - Parameter ignoresLinks: whether the file may get and lose other names meanwhile. Then the time of the last change
    ///   of its status says nothing, and who sets back the time of the content is not found out.
    /// - Throws: ``MasqueError`` `.badInput` when it is not there.
    package init(path: String, ignoresLinks: Bool = false) throws(MasqueError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw fileError(errno, path: path, doing: "read") }
        numbers =
            [
                Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino), Int(status.st_size),
                status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
            ] + (ignoresLinks ? [] : [status.st_ctim.tv_sec, status.st_ctim.tv_nsec])
        self.ignoresLinks = ignoresLinks
    }

    /// Whether the file at `path` still has this stamp.
    ///
    /// - Throws: as ``init(path:ignoresLinks:)``.
    package func fits(_ path: String) throws(MasqueError) -> Bool {
        try FileStamp(path: path, ignoresLinks: ignoresLinks) == self
    }
}
