// Reads a whole file with a limit on its size.

package import Errors
internal import Glibc

/// The bytes of the regular file at `path`.
///
/// - Parameter maxBytes: the largest size that is read; checked before anything is allocated.
/// - Throws: ``MasqueError`` `.badInput` for a path that is missing, a folder, a device or not readable, `.tooLarge`
///   beyond the limit, `.failed` when reading fails.
package func readFile(at path: String, maxBytes: Int) throws(MasqueError) -> [UInt8] {
    let (descriptor, status) = try openPlainFile(path)
    defer { close(descriptor) }
    let size = Int(status.st_size)
    guard size <= maxBytes else {
        throw MasqueError(.tooLarge, "\(path) has \(megabytes(size)), more than the limit of \(megabytes(maxBytes)).")
    }
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        while count < size {
            let got = unsafe read(descriptor, buffer.baseAddress.map { unsafe $0 + count }, size - count)
            if got < 0, errno == EINTR { continue }
            if got < 0 { failure = errno }
            if got <= 0 { break }
            count += got
        }
    }
    guard failure == 0 else { throw fileError(failure, path: path, doing: "read") }
    return bytes
}

/// The first bytes of the regular file at `path`, at most `count`.
///
/// - Throws: as ``readFile(at:maxBytes:)``.
package func readHead(of path: String, count: Int) throws(MasqueError) -> [UInt8] {
    let (descriptor, _) = try openPlainFile(path)
    defer { close(descriptor) }
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        let got = unsafe read(descriptor, buffer.baseAddress, count)
        if got < 0 { failure = errno }
        filled = max(0, got)
    }
    guard failure == 0 else { throw fileError(failure, path: path, doing: "read") }
    return bytes
}

/// Opens a regular file for reading; the caller closes the descriptor.
private func openPlainFile(_ path: String) throws(MasqueError) -> (descriptor: Int32, status: stat) {
    // Not blocking: opening a pipe that nobody writes to would wait for ever.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    // No such device: a socket, or a device that is not there.
    if descriptor < 0, errno == ENXIO {
        throw MasqueError(.badInput, "Cannot read \(path): it is not a regular file.")
    }
    guard descriptor >= 0 else { throw fileError(errno, path: path, doing: "read") }
    var status = stat()
    var failure: MasqueError?
    if unsafe fstat(descriptor, &status) != 0 {
        failure = fileError(errno, path: path, doing: "read")
    } else if status.st_mode & S_IFMT == S_IFDIR {
        failure = fileError(EISDIR, path: path, doing: "read")
    } else if status.st_mode & S_IFMT != S_IFREG {
        failure = MasqueError(.badInput, "Cannot read \(path): it is not a regular file.")
    }
    if let failure {
        close(descriptor)
        throw failure
    }
    return (descriptor, status)
}

/// A number of bytes in words, in millions of bytes.
package func megabytes(_ bytes: Int) -> String {
    if bytes < 1_000_000 { return "\(bytes) bytes" }
    let tenths = bytes / 100_000
    return tenths % 10 == 0 ? "\(tenths / 10) MB" : "\(tenths / 10).\(tenths % 10) MB"
}
