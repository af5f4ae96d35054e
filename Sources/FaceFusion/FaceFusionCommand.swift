// One run of `facefusion.py`: started in its folder, heard, and killed when it hangs or is not wanted any more.

internal import Errors
internal import Foundation
internal import Processes
internal import Synchronization

/// Starts sub-commands of one installation.
struct FaceFusionCommand: Sendable {
    let settings: FaceFusionSettings
    /// For its temporary files.
    let temporary: String

    /// How a run ended.
    enum Ending: Sendable, Hashable {
        case exited(Int32)
        case signaled(Int32)
        /// Killed because it said nothing for too long.
        case silent
    }

    /// Asks the kernel to kill FaceFusion with this program, which FaceFusion itself does not know of, then becomes it in its own folder.
    /// The request holds on through execv(2).
    private static let launcher = """
        import ctypes, os, sys
        ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
        if os.getppid() != int(sys.argv[1]): os._exit(4)
        os.chdir(sys.argv[2])
        os.execv(sys.argv[3], sys.argv[3:])
        """

    private final class Life: Sendable {
        struct State {
            var heard = ContinuousClock.now
            var ending: Ending?
            var isSilent = false
            var waiter: CheckedContinuation<Ending, Never>?
        }
        let state = Mutex(State())

        func end(_ ending: ChildEnding) {
            let (waiter, result) = state.withLock { state in
                let result: Ending =
                    switch ending {
                    case _ where state.isSilent: .silent
                    case .exited(let code): .exited(code)
                    case .signaled(let number): .signaled(number)
                    }
                state.ending = result
                defer { state.waiter = nil }
                return (state.waiter, result)
            }
            waiter?.resume(returning: result)
        }

        func wait() async -> Ending {
            await withCheckedContinuation { continuation in
                let early = state.withLock { state in
                    if state.ending == nil { state.waiter = continuation }
                    return state.ending
                }
                if let early { continuation.resume(returning: early) }
            }
        }
    }

    /// Runs a sub-command to its end.
    ///
    /// - Parameter said: given each line that it writes, from a thread of its own.
    /// - Throws: ``MasqueError`` `.failed` when it cannot be started, `CancellationError` after it was killed because
    ///   the task was cancelled.
    func run(_ arguments: [String], said: @escaping @Sendable (String) -> Void) async throws -> Ending {
        try Task.checkCancellation()
        let life = Life()
        let hear: @Sendable (String) -> Void = { line in
            life.state.withLock { $0.heard = .now }
            said(line)
        }
        var environment = ProcessInfo.processInfo.environment.filter {
            FaceFusionSettings.environmentKeys.contains($0.key)
        }
        environment.merge(["PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "TMPDIR": temporary]) { $1 }
        environment.merge(settings.environment) { $1 }
        let child = try await ChildProcess(
            path: settings.python,
            arguments: [
                settings.python, "-c", Self.launcher, "\(ProcessInfo.processInfo.processIdentifier)", settings.folder,
                settings.python, "facefusion.py",
            ] + arguments,
            environment: environment,
            line: { hear(String(decoding: $1, as: UTF8.self)) }, note: hear, ended: { life.end($0) })
        // It asks nothing.
        child.closeInput()
        let watch = Task { [silence = settings.silence] in
            while !Task.isCancelled {
                let quiet = ContinuousClock.now - life.state.withLock { $0.heard }
                guard quiet < silence else {
                    life.state.withLock { $0.isSilent = true }
                    return child.kill()
                }
                try await Task.sleep(for: max(silence - quiet, .milliseconds(10)))
            }
        }
        defer { watch.cancel() }
        let ending = await withTaskCancellationHandler {
            await life.wait()
        } onCancel: {
            child.kill()
        }
        try Task.checkCancellation()
        return ending
    }
}
