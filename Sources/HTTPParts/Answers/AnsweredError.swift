// An error that wants a status or headers of its own in the answer.

package import Errors
package import HTTPTypes

/// A ``MasqueError`` with the status and headers of its answer, for ``ErrorAnswers``.
package struct AnsweredError: Error, CustomStringConvertible {
    /// What is said.
    package var error: MasqueError
    /// The status, where it is not the one of the error's code.
    package var status: HTTPResponse.Status?
    /// Headers such as WWW-Authenticate, Retry-After, Content-Range.
    package var headers: HTTPFields

    /// Makes one.
    package init(_ error: MasqueError, status: HTTPResponse.Status? = nil, headers: HTTPFields = [:]) {
        self.error = error
        self.status = status
        self.headers = headers
    }

    package var description: String { error.description }
}

/// Any error with headers that its answer is to carry.
struct HeaderedError: Error {
    let underlying: any Error
    let headers: HTTPFields
}
