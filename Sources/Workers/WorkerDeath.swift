// Why a media process ended in the middle of an order, in words.

internal import Errors
internal import Glibc
internal import JobQueue
internal import Processes
internal import WorkerProtocol

/// A media process ended before it answered.
struct WorkerDeath: Error, CustomStringConvertible {
    enum Reason: Sendable, Hashable {
        /// By itself, or by somebody else's hand.
        case ended(ChildEnding)
        /// The order made no progress for this long.
        case silent(Duration)
        /// The order took longer than allowed.
        case overdue(Duration)
        /// It did not answer a cancel in time.
        case unansweredCancel
        /// It said something that is no reply.
        case babble
        /// It had ended before it got the order.
        case absent
        /// The server is stopping.
        case stopping
    }
    let reason: Reason

    /// What happened, to follow “The media process”.
    private var happening: String {
        switch reason {
        case .ended(.signaled(SIGKILL)): "was killed, most likely because memory ran out"
        case .ended(.signaled(SIGXCPU)): "used up the CPU time that a job may take and was stopped"
        case .ended(.signaled(SIGSYS)): "tried something that it may not do and was stopped"
        case .ended(.signaled(let number)): "crashed (\(Self.name(number)))"
        case .ended(.exited(let code)): "ended unexpectedly (exit code \(code))"
        case .silent(let time): "made no progress for \(Self.seconds(time)) and was stopped"
        case .overdue(let time): "took longer than \(Self.seconds(time)) and was stopped"
        case .unansweredCancel: "did not stop when it was asked to and was killed"
        case .babble: "gave an answer that the server does not understand and was stopped"
        case .absent: "was not there any more"
        case .stopping: "was stopped with the server"
        }
    }

    var description: String { "The media process \(happening)." }

    /// The failure of an attempt that died so.
    ///
    /// - Parameters:
    ///   - stage: what was being done, e.g. `swapping`.
    ///   - attempts: how many attempts were made when no more is left; nil while there is one.
    func failure(stage: String, attempts: Int?) -> JobFailure {
        let sentence = "The media process \(happening) while it was \(stage)."
        guard let attempts else {
            return JobFailure(
                code: MasqueError.Code.failed.description, message: sentence, advice: nil, isRetryable: true)
        }
        return JobFailure(
            code: MasqueError.Code.failed.description,
            message: "The job was given up after \(attempts) attempts. The last time: \(sentence)",
            advice: "Try smaller files, or others: these may be damaged in a way that breaks decoders.",
            isRetryable: true)
    }

    private static func name(_ number: Int32) -> String {
        switch number {
        case SIGSEGV: "SIGSEGV"
        case SIGABRT: "SIGABRT"
        case SIGILL: "SIGILL"
        case SIGTRAP: "SIGTRAP"
        case SIGBUS: "SIGBUS"
        case SIGFPE: "SIGFPE"
        case SIGTERM: "SIGTERM"
        default: "signal \(number)"
        }
    }

    private static func seconds(_ time: Duration) -> String {
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        return seconds >= 10 ? "\(Int(seconds.rounded())) seconds" : "\((seconds * 10).rounded() / 10) seconds"
    }
}
