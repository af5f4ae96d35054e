// Why a download did not come about: one kind for each answer that clients tell apart.

package import Errors

/// What went wrong, as it is answered, recorded and sent to webhooks.
package struct DownloadFailure: Error, Codable, Hashable, Sendable, CustomStringConvertible {
    /// The kinds, and what programs call them.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// The link leads to no model of Civitai's.
        case wrongLink
        /// The model is there but cannot be downloaded by anybody: its owner allows generation only, or it has no files.
        case unavailable
        /// This server does not take such a file: a pickle, or one without clean scans.
        case refused
        /// The key is wrong, expired or revoked.
        case wrongKey
        /// The model needs a key, a subscription or a purchase.
        case noAccess
        /// The model is for those who paid until a date.
        case earlyAccess
        /// There is no such model, version or file.
        case notFound
        /// The model was archived; its files are gone.
        case archived
        /// Too many downloads.
        case quota
        /// What came is not what Civitai described.
        case damaged
        case diskFull
        case failed
        /// Civitai, or the host that keeps the file, could not be reached or could not answer.
        case noConnection
        case tooSlow
        case canceled
    }

    package var kind: Kind
    /// A whole sentence that says what was wrong with what.
    package var message: String
    /// A sentence that says what to do.
    package var advice: String?
    /// Seconds after which it may go better.
    package var retryAfter: Int?

    /// `message` and `advice` are whole sentences without secrets.
    package init(_ kind: Kind, _ message: String, advice: String? = nil, retryAfter: Int? = nil) {
        self.kind = kind
        self.message = message
        self.advice = advice
        self.retryAfter = retryAfter
    }

    package var description: String { advice.map { "\(message) \($0)" } ?? message }

    /// The HTTP status of the contract that says the same.
    package var status: Int {
        switch kind {
        case .wrongLink, .unavailable, .refused: 400
        case .wrongKey: 401
        case .noAccess, .earlyAccess: 403
        case .notFound: 404
        case .canceled: 409
        case .archived: 410
        case .quota: 429
        case .damaged, .failed: 500
        case .noConnection: 503
        case .tooSlow: 504
        case .diskFull: 507
        }
    }

    /// The same as the one error type of the command line.
    package var error: MasqueError {
        let code: MasqueError.Code =
            switch kind {
            case .wrongLink, .unavailable, .refused: .badInput
            case .wrongKey: .unauthorized
            case .noAccess, .earlyAccess: .forbidden
            case .notFound, .archived: .notFound
            case .canceled: .stopped
            case .quota: .tooManyRequests
            case .damaged, .failed: .failed
            case .noConnection, .tooSlow: .unavailable
            case .diskFull: .outOfSpace
            }
        return MasqueError(code, message, advice: advice)
    }

    /// An error of any kind as a failure of a download.
    package init(_ error: any Error) {
        switch error {
        case let failure as DownloadFailure: self = failure
        case let error as MasqueError where error.code == .outOfSpace:
            self.init(.diskFull, error.message, advice: error.advice)
        case let error as MasqueError where error.code == .unavailable:
            self.init(.noConnection, error.message, advice: error.advice)
        case let error as MasqueError where error.code == .damagedModel:
            self.init(.damaged, error.message, advice: error.advice)
        case let error as MasqueError where error.code == .stopped:
            self.init(.canceled, error.message, advice: error.advice)
        case let error as MasqueError: self.init(.failed, error.message, advice: error.advice)
        case is CancellationError: self.init(.canceled, "The download was stopped.")
        default: self.init(.failed, "The download failed.", advice: "Try again; the server's log says more.")
        }
    }
}
