// Ctrl-C and SIGTERM: the first cancels the work, the second (or a second of waiting) ends the process.

internal import Errors
internal import Files
internal import Foundation
internal import Glibc
internal import Synchronization

/// Stops work when a person or the system asks for it.
enum Interruption {
    /// What a stopped command says.
    static let error = MasqueError(.stopped, "The work was stopped; nothing unfinished was kept.")

    /// How long cancelled work may take to end by itself, in nanoseconds.
    private static let patience = 850_000_000

    private static let cancel = Mutex<(@Sendable () -> Void)?>(nil)

    /// Takes the signals over from the system; called first, before any other thread exists, so that all inherit the
    /// mask. A hang-up that the parent ignored (nohup) stays ignored, and writing to a closed pipe gives an error.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for number in [SIGINT, SIGTERM] { sigaddset(&wanted, number) }
        if !isIgnored(SIGHUP) { sigaddset(&wanted, SIGHUP) }
        pthread_sigmask(SIG_BLOCK, &wanted, nil)
        let set = wanted
        Thread { wait(for: set) }.start()
    }

    /// Runs work that the first signal cancels.
    ///
    /// - Throws: what `body` throws; ``error`` when it was cancelled.
    static func stoppable<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        let task = Task { try await body() }
        cancel.withLock { $0 = { task.cancel() } }
        defer { cancel.withLock { $0 = nil } }
        return try await task.value
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    private static func wait(for set: sigset_t) {
        var set = set
        var number: Int32 = 0
        guard sigwait(&set, &number) == 0 else { return }
        if let cancel = cancel.withLock({ $0 }) {
            cancel()
            var limit = timespec(tv_sec: 0, tv_nsec: patience)
            _ = sigtimedwait(&set, nil, &limit)
        }
        AtomicFile.removeUnfinished()
        if Console.errIsTerminal { Console.errRaw("\r\u{1B}[K") }
        Console.err("masque: \(error)")
        _exit(error.code.exitCode)
    }
}
