// A lock that one process, or one task of it, holds until it lets go or dies.

package import Errors
internal import Glibc
internal import Synchronization

/// An exclusive lock on a small file of its own. The system lets go of it when the process dies.
///
/// The file is removed by who lets go, so that none is left lying; who gets a lock on a removed file tries again.
package final class FileLock: Sendable {
    private let path: String
    private let descriptor: Mutex<Int32>

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = Mutex(descriptor)
    }

    deinit { unlock() }

    /// Takes the lock if nobody has it; nil when somebody has.
    ///
    /// - Parameter path: the lock's file; its folder must be there.
    /// - Throws: ``MasqueError`` `.badInput` when it cannot be made there, `.outOfSpace`, `.failed`.
    package static func take(_ path: String) throws(MasqueError) -> FileLock? {
        while true {
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
            guard descriptor >= 0 else { throw fileError(errno, path: path, doing: "write") }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let failure = errno
                close(descriptor)
                if failure == EWOULDBLOCK || failure == EINTR { return nil }
                throw fileError(failure, path: path, doing: "write")
            }
            var held = stat()
            var named = stat()
            if unsafe fstat(descriptor, &held) == 0, unsafe stat(path, &named) == 0, held.st_ino == named.st_ino,
                held.st_dev == named.st_dev
            {
                return FileLock(path: path, descriptor: descriptor)
            }
            // Its last holder removed it between our two steps.
            close(descriptor)
        }
    }

    /// Takes the lock, waiting while somebody else has it.
    ///
    /// - Returns: the lock, and whether it was waited for.
    /// - Throws: as ``take(_:)``; `CancellationError` when the task is cancelled meanwhile.
    package static func wait(for path: String) async throws -> (lock: FileLock, waited: Bool) {
        var waited = false
        while true {
            if let lock = try await offPool({ try take(path) }) { return (lock, waited) }
            waited = true
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Lets go of it, and removes its file.
    package func unlock() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            unsafe unlink(path)
            close(descriptor)
            descriptor = -1
        }
    }
}
