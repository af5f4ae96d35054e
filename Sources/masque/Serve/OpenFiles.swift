// How many files and connections this process may have open at once.

internal import Errors
internal import Glibc

/// The limit of the system (RLIMIT_NOFILE).
enum OpenFiles {
    /// Files, pipes and event queues beside connections.
    private static let reserve = 256

    /// Raises the limit as far as the system lets and says how many connections that leaves.
    ///
    /// - Throws: `.failed` when it is too low to serve: out of descriptors, parts of the runtime end the process.
    static func connections(atMost most: Int) throws -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return most }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let files = Int(clamping: UInt64(limit.rlim_cur))
        guard files >= 2 * reserve else {
            throw MasqueError(
                .failed, "Only \(files) files may be open at once, which is too few to serve.",
                advice: "Allow at least \(2 * reserve): ulimit -n 4096, or LimitNOFILE= in a systemd unit.")
        }
        // Each connection may have a file open beside its socket.
        return min(most, (files - reserve) / 2)
    }
}
