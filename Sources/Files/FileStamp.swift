// Whether a file is still the one that was looked at before.

package import Errors
internal import Glibc

/// What changes when a file is replaced or written to: device, number, size and the time of its last change.
package struct FileStamp: Sendable, Hashable {
    private let numbers: [Int]

    /// Takes the stamp of the file at `path`; links are followed.
    ///
    /// - Throws: ``MasqueError`` `.badInput` when it is not there.
    package init(path: String) throws(MasqueError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw fileError(errno, path: path, doing: "read") }
        numbers = [
            Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino), Int(status.st_size),
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
        ]
    }
}
