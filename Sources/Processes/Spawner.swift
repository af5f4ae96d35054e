// Starts child processes from one thread that never ends.

internal import Errors
internal import Files
internal import Foundation
internal import Glibc
internal import Synchronization

/// A child asks the kernel to be killed with its parent (PR_SET_PDEATHSIG, prctl(2)), and by “parent” the kernel means
/// the thread that started it: so none may be started from a thread of a pool.
final class Spawner: Sendable {
    static let shared = Spawner()

    private let waiting = Mutex<[@Sendable () -> Void]>([])
    private let arrived = DispatchSemaphore(value: 0)

    private init() {
        let thread = Thread { [self] in
            while true {
                arrived.wait()
                waiting.withLock { $0.removeFirst() }()
            }
        }
        thread.name = "masque-spawner"
        thread.start()
        // A child that is gone must give an error when it is written to, not end the server.
        signal(SIGPIPE, SIG_IGN)
    }

    /// A started child: its number and our ends of its three pipes.
    struct Started: Sendable {
        let pid: pid_t
        let input: Int32
        let output: Int32
        let errors: Int32
    }

    /// Starts a program with nothing but the given environment and descriptors 0, 1 and 2, in a process group of its own
    /// (Ctrl-C at a terminal reaches the server alone), with all signals as they are by default.
    ///
    /// - Throws: ``MasqueError`` `.failed`.
    func start(_ path: String, arguments: [String], environment: [String: String]) async throws -> Started {
        try await withCheckedThrowingContinuation { continuation in
            waiting.withLock {
                $0.append {
                    continuation.resume(
                        with: Result {
                            try Self.spawn(path, arguments, environment.map { "\($0)=\($1)" })
                        })
                }
            }
            arrived.signal()
        }
    }

    private static func spawn(_ path: String, _ arguments: [String], _ environment: [String]) throws -> Started {
        var ends: [Int32] = []
        for _ in 0..<3 {
            var pair: [Int32] = [-1, -1]
            guard unsafe pipe(&pair) == 0 else {
                for end in ends { close(end) }
                throw failure(errno, path)
            }
            for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            ends += pair
        }
        let child = [ends[0], ends[3], ends[5]], own = [ends[1], ends[2], ends[4]]
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, end) in child.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, end, Int32(number))
        }
        // What libraries left open without FD_CLOEXEC; one that is closed meanwhile is no error (glibc).
        for name in (try? namesInFolder("/proc/self/fd")) ?? [] {
            if let number = Int32(name), number > 2 {
                unsafe posix_spawn_file_actions_addclose(&actions, number)
            }
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t(), all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        let argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let envp = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            unsafe argv.forEach { unsafe free($0) }
            unsafe envp.forEach { unsafe free($0) }
        }
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, path, &actions, &attributes, argv, envp)
        for end in child { close(end) }
        guard code == 0 else {
            for end in own { close(end) }
            throw failure(code, path)
        }
        // A child that does not read must not hold up whoever writes.
        _ = fcntl(own[0], F_SETFL, O_NONBLOCK)
        return Started(pid: pid, input: own[0], output: own[1], errors: own[2])
    }

    private static func failure(_ code: Int32, _ path: String) -> MasqueError {
        MasqueError(
            .failed, "The program “\(path)” cannot be started: \(unsafe String(cString: strerror(code))).",
            advice: "Look at the limits on processes and open files of the server's user.")
    }
}
