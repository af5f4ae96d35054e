// What SQLite's errors mean to a person: the one place where they become ours.

internal import Errors
internal import GRDB

/// An error of SQLite, of a damaged row or of ours, as ours.
func sqliteFailure(_ error: any Error, path: String) -> MasqueError {
    if let error = error as? MasqueError { return error }
    guard let error = error as? DatabaseError else {
        return MasqueError(.failed, "The job database \(path) failed: \(error).", cause: error)
    }
    func failure(_ code: MasqueError.Code, _ what: String, _ advice: String? = nil) -> MasqueError {
        MasqueError(code, "The job database \(path) \(what).", advice: advice, cause: error)
    }
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
        return failure(
            .unavailable, "is locked by another process, which has not let go of it in time",
            "Try again; if it stays so, find the program that has the file open.")
    case .SQLITE_FULL:
        return failure(.outOfSpace, "cannot grow: the disk or its quota is full", "Free some space on that disk.")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
        return failure(
            .failed, error.resultCode == .SQLITE_NOTADB ? "is not a SQLite database" : "is damaged",
            "Stop Masque and restore the file from a backup, or move it away to begin with an empty one.")
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_CANTOPEN:
        return failure(
            .failed, "cannot be written to", "The file and its folder must belong to the user who starts Masque.")
    case .SQLITE_IOERR:
        return failure(.failed, "could not be read or written (\(error.extendedResultCode))", "Check that disk.")
    case .SQLITE_MISUSE:
        // Only a closed connection is misused: GRDB sees to the rest.
        return failure(.unavailable, "is closed, because the server is stopping")
    default:
        return failure(.failed, "failed: \(error.message ?? error.extendedResultCode.description)")
    }
}
