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
    /// What a server says that a second signal stopped.
    private static let serverError = MasqueError(
        .stopped, "The server was ended at once; the jobs that ran go on at its next start.")

    /// How long cancelled work may take to end by itself, in seconds.
    private static let patience = 0.85

    private static let queue = DispatchQueue(label: "masque.signals")

    private struct State {
        var sources: SignalSources?
        var cancel: (@Sendable () -> Void)?
        /// Whether the first signal leaves as much time as the work wants; the second one ends it.
        var isPatient = false
        var isStopping = false
    }
    private static let state = Mutex(State())

    /// Takes the signals over from the system; called first. A hang-up that the parent ignored (nohup) stays ignored,
    /// and writing to a closed pipe gives an error.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        let numbers = [SIGINT, SIGTERM] + (isIgnored(SIGHUP) ? [] : [SIGHUP])
        let sources = SignalSources(numbers, queue: queue) { stop() }
        state.withLock { $0.sources = sources }
    }

    /// Runs work that the first signal cancels.
    ///
    /// - Throws: what `body` throws; ``error`` when it was cancelled.
    static func stoppable<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        let task = Task { try await body() }
        state.withLock { $0.cancel = { task.cancel() } }
        defer { state.withLock { $0.cancel = nil } }
        return try await task.value
    }

    /// Runs a server: the first signal calls `shutdown`, which may take its time; the second ends the process.
    static func serving<T: Sendable>(
        shutdown: @escaping @Sendable () -> Void, _ body: () async throws -> T
    ) async throws -> T {
        state.withLock { state in
            state.cancel = shutdown
            state.isPatient = true
        }
        defer {
            state.withLock { state in
                state.cancel = nil
                state.isPatient = false
            }
        }
        return try await body()
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    private static func stop() {
        let (cancel, isPatient) = state.withLock { state in
            defer { state.isStopping = true }
            return (state.isStopping ? nil : state.cancel, state.isPatient)
        }
        guard let cancel else { endAtOnce(isPatient ? serverError : error) }
        cancel()
        if isPatient { return }
        queue.asyncAfter(deadline: .now() + patience) { endAtOnce(error) }
    }

    private static func endAtOnce(_ error: MasqueError) -> Never {
        AtomicFile.removeUnfinished()
        if Console.errIsTerminal { Console.errRaw("\r\u{1B}[K") }
        Console.tell(error, asJSON: ErrorReport.wantsJSON(CommandLine.arguments))
        _exit(error.code.exitCode)
    }
}

/// Keeps the sources of signals alive.
// Unchecked: the list is made once and never touched again.
private final class SignalSources: @unchecked Sendable {
    private let list: [any DispatchSourceSignal]

    init(_ numbers: [Int32], queue: DispatchQueue, handler: @escaping @Sendable () -> Void) {
        list = numbers.map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler(handler: handler)
            source.resume()
            return source
        }
    }
}
