// Errors as jobs carry them, and back: the one place where the two meet.

package import Errors
package import JobQueue

extension JobFailure {
    /// What an error says of itself. An error that is not Masque's own becomes `failed`, without its words: they are for
    /// logs.
    package init(_ error: any Error) {
        switch error {
        case let error as MasqueError:
            self.init(
                code: error.code.description, message: error.message, advice: error.advice,
                isRetryable: error.code.isRetryable)
        case is CancellationError:
            self.init(MasqueError(.stopped, "The work was stopped before it was done."))
        default:
            self.init(
                MasqueError(
                    .failed, "The work failed for a reason that Masque does not know.",
                    advice: "Try again; the log of the server says more.", cause: error))
        }
    }

    /// The failure as an error; a code of a newer version becomes `.failed`.
    package var error: MasqueError { MasqueError(MasqueError.Code(name: code) ?? .failed, message, advice: advice) }
}
