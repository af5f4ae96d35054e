// Turns errno into a sentence about a file.

package import Errors
internal import Glibc

/// The error for a call about the file at `path` that failed with `number` (an errno).
///
/// A full disk or quota becomes ``MasqueError/Code/outOfSpace``; a path that cannot be what was asked for becomes
/// ``MasqueError/Code/badInput``; everything else ``MasqueError/Code/failed``.
/// - Parameter doing: what was tried, such as "read" or "write".
package func fileError(_ number: Int32, path: String, doing: String) -> MasqueError {
    let code: MasqueError.Code
    let reason: String
    var advice: String?
    switch number {
    case ENOSPC:
        (code, reason, advice) = (.outOfSpace, "the disk is full", "Make room and try again.")
    case EDQUOT:
        (code, reason, advice) = (.outOfSpace, "the quota is used up", "Make room and try again.")
    case EFBIG:
        (code, reason, advice) = (
            .outOfSpace, "the file would be larger than allowed", "Raise the limit on file sizes."
        )
    case ENOENT where doing == "write":
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        (code, reason, advice) = (.badInput, "there is no folder “\(folder)”", "Create the folder first.")
    case ENOENT: (code, reason) = (.badInput, "there is no such file or folder")
    case ENOTDIR: (code, reason) = (.badInput, "a part of its path is not a folder")
    case EISDIR: (code, reason) = (.badInput, "it is a folder")
    case EACCES, EPERM: (code, reason) = (.badInput, "permission is denied")
    case EROFS: (code, reason) = (.badInput, "the disk is read-only")
    case ENAMETOOLONG: (code, reason) = (.badInput, "its name is too long")
    case ELOOP: (code, reason) = (.badInput, "its links lead in a circle")
    default: (code, reason) = (.failed, describe(number))
    }
    return MasqueError(code, "Cannot \(doing) \(path): \(reason).", advice: advice)
}

/// The C library's own words for an errno.
private func describe(_ number: Int32) -> String {
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
}
