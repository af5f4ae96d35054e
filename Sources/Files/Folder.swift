// Making, listing and measuring folders.

package import Errors
internal import Glibc

/// Makes a folder and those above it; one that is there already is fine.
///
/// - Parameter mode: its permissions, e.g. `0o700`.
/// - Throws: ``MasqueError`` `.badInput` when a part of the path is a file or may not be written to, `.outOfSpace`.
package func makeFolder(_ path: String, mode: UInt32 = 0o755) throws(MasqueError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
        made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
        if unsafe mkdir(made, mode) != 0, errno != EEXIST, errno != EISDIR {
            throw fileError(errno, path: made, doing: "write")
        }
    }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw fileError(errno, path: path, doing: "write") }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw fileError(ENOTDIR, path: path, doing: "write") }
}

/// The names in a folder, without `.` and `..`, in no order; empty when there is no such folder.
package func namesInFolder(_ path: String) throws(MasqueError) -> [String] {
    guard let folder = unsafe opendir(path) else {
        if errno == ENOENT { return [] }
        throw fileError(errno, path: path, doing: "read")
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
            unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

/// Removes a file or a folder with all in it; what is gone already is fine, and links are not followed.
package func removeAll(_ path: String) throws(MasqueError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
        if errno == ENOENT || errno == ENOTDIR { return }
        throw fileError(errno, path: path, doing: "delete")
    }
    if status.st_mode & S_IFMT == S_IFDIR {
        for name in try namesInFolder(path) { try removeAll("\(path)/\(name)") }
        if unsafe rmdir(path) != 0, errno != ENOENT { throw fileError(errno, path: path, doing: "delete") }
    } else if unsafe unlink(path) != 0, errno != ENOENT {
        throw fileError(errno, path: path, doing: "delete")
    }
}

/// Size in bytes and time of the last change in seconds since 1970; nil when there is no such regular file.
package func fileFacts(_ path: String) throws(MasqueError) -> (byteCount: Int64, modified: Double)? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw fileError(errno, path: path, doing: "read")
    }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    return (Int64(status.st_size), Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9)
}

/// Bytes that this process may still write on the disk of `path`.
package func freeBytes(at path: String) throws(MasqueError) -> Int64 {
    var facts = statvfs()
    guard unsafe statvfs(path, &facts) == 0 else { throw fileError(errno, path: path, doing: "read") }
    return Int64(clamping: UInt64(facts.f_bavail) * UInt64(facts.f_frsize))
}

/// Brings a file's bytes to the disk and moves it to another name on the same disk, the folder's entry included; nothing
/// may be at `destination`. From another disk it is copied.
///
/// - Parameter isFlushed: whether ``flushToDisk(_:)`` has been done for it since it was last written.
/// - Throws: ``MasqueError`` `.outOfSpace`, `.badInput`, `.failed`; the file is then where it was.
package func moveDurably(_ path: String, to destination: String, isFlushed: Bool = false) throws(MasqueError) {
    if !isFlushed { try flushToDisk(path) }
    if unsafe rename(path, destination) != 0 {
        guard errno == EXDEV else { throw fileError(errno, path: destination, doing: "write") }
        try copyFile(path, to: destination)
        unsafe unlink(path)
    }
    if let slash = destination.lastIndex(of: "/") { try flushToDisk(String(destination[..<slash])) }
}

/// Gives a file a second name, or where the file system allows none, such as another one, a copy of that name. Nothing
/// may be at `destination`; what is behind a symbolic link is meant, not the link.
///
/// - Throws: ``MasqueError`` `.badInput` when there is no such file, `.outOfSpace`, `.failed`.
package func linkOrCopy(_ path: String, to destination: String) throws(MasqueError) {
    if try !linkFile(path, to: destination) { try copyFile(path, to: destination) }
}

/// Gives a file a second name; false where the file system allows none, such as another one.
///
/// - Throws: as ``linkOrCopy(_:to:)``.
package func linkFile(_ path: String, to destination: String) throws(MasqueError) -> Bool {
    if unsafe linkat(AT_FDCWD, path, AT_FDCWD, destination, AT_SYMLINK_FOLLOW) == 0 { return true }
    switch errno {
    case EXDEV, EPERM, EMLINK, EOPNOTSUPP, ENOSYS: return false
    case ENOENT: throw fileError(ENOENT, path: path, doing: "read")
    default: throw fileError(errno, path: destination, doing: "write")
    }
}

/// Waits until a file's bytes, or a folder's entries, are on the disk.
///
/// - Throws: ``MasqueError`` `.outOfSpace`, `.badInput`, `.failed`.
package func flushToDisk(_ path: String) throws(MasqueError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fileError(errno, path: path, doing: "read") }
    defer { close(descriptor) }
    if fsync(descriptor) != 0, errno != EINVAL { throw fileError(errno, path: path, doing: "write") }
}

/// Copies a file's bytes into a new one.
///
/// - Throws: as ``AtomicFile`` says.
package func copyFile(_ path: String, to destination: String) throws(MasqueError) {
    let input = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw fileError(errno, path: path, doing: "read") }
    defer { close(input) }
    let file = try AtomicFile(path: destination, overwrite: false)
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
        let count = unsafe read(input, &piece, piece.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw fileError(errno, path: path, doing: "read") }
        if count == 0 { break }
        try file.write(Array(piece[..<count]))
    }
    try file.commit()
}
