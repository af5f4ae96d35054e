// An output file that appears whole or not at all.

package import Errors
internal import Glibc
internal import Synchronization

/// A file that is written under a hidden temporary name in the same folder and gets its own name on ``commit()``.
///
/// When the object goes away without a commit (an error, a cancellation), the temporary file is removed. The temporary
/// name ends like the real one, so that a library that picks its format by the extension (libavformat) can be given
/// ``temporaryPath`` and write there by itself. One owner uses it at a time.
package final class AtomicFile: Sendable {
    /// Where the finished file will lie; links are followed.
    package let path: String
    /// Where the bytes go until then.
    package let temporaryPath: String
    private let overwrite: Bool
    /// The open descriptor; -1 once closed. And whether the temporary file still has to be removed.
    private let state: Mutex<(descriptor: Int32, pending: Bool)>

    /// Opens the temporary file.
    ///
    /// - Parameter overwrite: whether a file that is already at `path` may be replaced.
    /// - Throws: ``MasqueError`` `.outputExists` when something is there and may not be replaced, `.badInput` when the
    ///   folder is missing or may not be written to or the path is a folder or device, `.outOfSpace` on a full disk.
    package init(path: String, overwrite: Bool) throws(MasqueError) {
        let target = try AtomicFile.check(path, overwrite: overwrite)
        let slash = target.lastIndex(of: "/")
        let folder = slash.map { String(target[...$0]) } ?? ""
        let name = slash.map { String(target[target.index(after: $0)...]) } ?? target
        // Short enough that the temporary name is not too long where the real one is not.
        let stem = String(String.UnicodeScalarView(name.unicodeScalars.prefix(20)))
        let tail = name.lastIndex(of: ".").map { String(name[$0...]) } ?? ""
        let suffix = tail.utf8.count <= 12 ? tail : ""
        var opened: Int32 = -1
        var temporary = ""
        for _ in 0..<16 where opened < 0 {
            temporary = "\(folder).\(stem).\(String(UInt32.random(in: 0 ... .max), radix: 36)).part\(suffix)"
            opened = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if opened < 0, errno != EEXIST { break }
        }
        guard opened >= 0 else { throw fileError(errno, path: path, doing: "write") }
        self.path = target
        self.temporaryPath = temporary
        self.overwrite = overwrite
        self.state = Mutex((opened, true))
        let added = temporary
        AtomicFile.unfinished.withLock { _ = $0.insert(added) }
    }

    deinit { discard() }

    /// Removes the temporary file at once; nothing can be written afterwards. Does nothing after a ``commit()``.
    package func discard() {
        state.withLock { state in
            if state.descriptor >= 0 { close(state.descriptor) }
            if state.pending { unsafe unlink(temporaryPath) }
            state = (-1, false)
        }
        AtomicFile.unfinished.withLock { _ = $0.remove(temporaryPath) }
    }

    /// The temporary files of this process.
    private static let unfinished = Mutex<Set<String>>([])

    /// Removes all temporary files of this process, for one that ends at once without unwinding.
    package static func removeUnfinished() {
        unfinished.withLock { for path in $0 { unsafe unlink(path) } }
    }

    /// Appends `bytes`.
    ///
    /// - Throws: ``MasqueError`` `.outOfSpace` when the disk or quota is full, `.failed` otherwise.
    package func write(_ bytes: [UInt8]) throws(MasqueError) {
        let failure: Int32 = state.withLock { state in
            unsafe bytes.withUnsafeBytes { buffer in
                var done = 0
                while done < buffer.count {
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                    let put = unsafe Glibc.write(state.descriptor, rest.baseAddress, rest.count)
                    if put < 0, errno == EINTR { continue }
                    if put < 0 { return errno }
                    done += put
                }
                return 0
            }
        }
        guard failure == 0 else { throw fileError(failure, path: path, doing: "write") }
    }

    /// Brings the bytes to the disk and gives the file its name; nothing can be written afterwards.
    ///
    /// - Throws: ``MasqueError`` `.outputExists` when another program made the file meanwhile and it may not be
    ///   replaced; `.outOfSpace` or `.failed` when the bytes did not reach the disk. The temporary file is then gone.
    package func commit() throws(MasqueError) {
        let failure: Int32 = state.withLock { state in
            guard state.pending else { return 0 }
            state.pending = false
            let descriptor = state.descriptor
            state.descriptor = -1
            var failure: Int32 = fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno
            if close(descriptor) != 0, failure == 0 { failure = errno }
            if failure == 0 { failure = publish() }
            if failure != 0 { unsafe unlink(temporaryPath) }
            return failure
        }
        if failure == EEXIST { throw AtomicFile.exists(path) }
        guard failure == 0 else { throw fileError(failure, path: path, doing: "write") }
    }

    /// Moves the temporary file to its name; returns an errno or 0.
    private func publish() -> Int32 {
        if overwrite { return unsafe rename(temporaryPath, path) == 0 ? 0 : errno }
        // A second name fails when the name is taken, in one step; a move would replace what is there.
        if unsafe link(temporaryPath, path) == 0 {
            unsafe unlink(temporaryPath)
            return 0
        }
        // Some file systems have no second names.
        guard errno == EPERM || errno == ENOTSUP || errno == ENOSYS else { return errno }
        if unsafe access(path, F_OK) == 0 { return EEXIST }
        return unsafe rename(temporaryPath, path) == 0 ? 0 : errno
    }

    /// The path to write to, links followed.
    private static func check(_ path: String, overwrite: Bool) throws(MasqueError) -> String {
        guard !path.isEmpty else { throw MasqueError(.badInput, "The name of the output file is empty.") }
        guard !path.hasSuffix("/") else { throw fileError(EISDIR, path: path, doing: "write") }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            if errno == ENOENT { return path }
            throw fileError(errno, path: path, doing: "write")
        }
        let kind = status.st_mode & S_IFMT
        if kind == S_IFDIR { throw fileError(EISDIR, path: path, doing: "write") }
        guard kind == S_IFREG else { throw MasqueError(.badInput, "Cannot write \(path): it is not a regular file.") }
        guard overwrite else { throw exists(path) }
        guard let real = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    private static func exists(_ path: String) -> MasqueError {
        MasqueError(
            .outputExists, "\(path) exists already.", advice: "Choose another name or allow overwriting (--force).")
    }
}

/// Writes `bytes` to `path`, whole or not at all; see ``AtomicFile``.
package func writeFile(_ bytes: [UInt8], to path: String, overwrite: Bool) throws(MasqueError) {
    let file = try AtomicFile(path: path, overwrite: overwrite)
    try file.write(bytes)
    try file.commit()
}
