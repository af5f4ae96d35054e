// The one error type of Masque: a code, a sentence for a person, and a cause.

/// What went wrong, in a form that a program (``code``), a person (``message``, ``advice``) and a log (``cause``) can use.
package struct MasqueError: Error, CustomStringConvertible {
    /// The kind of an error. More kinds can be added without breaking a `switch` elsewhere.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case badInput, unsupportedMedia, tooLarge, noFace, refusedContent, missingModel, damagedModel
            case stopped, outputExists, outOfSpace, failed
            case overLimit, unauthorized, forbidden, notFound, conflict, tooManyRequests, unavailable
        }
        private let kind: Kind

        private init(kind: Kind) { self.kind = kind }

        /// The code of this name, as ``description`` gives it; nil when there is none.
        package init?(name: String) {
            guard let kind = Kind(rawValue: name) else { return nil }
            self.kind = kind
        }

        /// An argument, option or setting makes no sense.
        package static let badInput = Code(kind: .badInput)
        /// A file is not a picture or video that Masque can read, or is damaged.
        package static let unsupportedMedia = Code(kind: .unsupportedMedia)
        /// A file is beyond a limit on bytes, pixels or seconds.
        package static let tooLarge = Code(kind: .tooLarge)
        /// A picture or video shows no face that could be used.
        package static let noFace = Code(kind: .noFace)
        /// The content gate refused a source or target.
        package static let refusedContent = Code(kind: .refusedContent)
        /// A model or runtime that the work needs is not installed.
        package static let missingModel = Code(kind: .missingModel)
        /// A model file is there but is not what the manifest says.
        package static let damagedModel = Code(kind: .damagedModel)
        /// A person or a shutdown stopped the work.
        package static let stopped = Code(kind: .stopped)
        /// The output file exists and may not be overwritten.
        package static let outputExists = Code(kind: .outputExists)
        /// The disk or a quota is full.
        package static let outOfSpace = Code(kind: .outOfSpace)
        /// A picture or video is readable, but beyond a limit of this server on pixels, seconds or counts.
        package static let overLimit = Code(kind: .overLimit)
        /// A call came without a token or key, or with one that is wrong, expired or revoked.
        package static let unauthorized = Code(kind: .unauthorized)
        /// A right token or key that lacks the scope for a call.
        package static let forbidden = Code(kind: .forbidden)
        /// There is no such thing, or it is somebody else's.
        package static let notFound = Code(kind: .notFound)
        /// What is asked does not go with the state things are in.
        package static let conflict = Code(kind: .conflict)
        /// A rate limit or a limit on jobs at once.
        package static let tooManyRequests = Code(kind: .tooManyRequests)
        /// The server is shutting down, or a part it needs is not there yet.
        package static let unavailable = Code(kind: .unavailable)
        /// Anything else: a library or the machine failed.
        package static let failed = Code(kind: .failed)

        /// The stable name of the code, as programs see it in JSON.
        package var description: String { kind.rawValue }

        /// The exit code of the command line (FaceFusion's numbers).
        /// 1 failed, 2 bad arguments or input, 3 refused content, 4 stopped.
        package var exitCode: Int32 {
            switch kind {
            case .badInput, .unsupportedMedia, .tooLarge, .noFace, .outputExists, .overLimit, .unauthorized,
                .forbidden, .notFound, .conflict, .tooManyRequests:
                2
            case .refusedContent: 3
            case .stopped: 4
            case .missingModel, .damagedModel, .outOfSpace, .failed, .unavailable: 1
            }
        }

        /// The HTTP status that says the same.
        package var httpStatus: Int {
            switch kind {
            case .badInput: 400
            case .unauthorized: 401
            case .forbidden: 403
            case .notFound: 404
            case .outputExists, .conflict: 409
            case .tooLarge: 413
            case .unsupportedMedia: 415
            case .noFace, .refusedContent, .overLimit: 422
            case .stopped: 499
            case .tooManyRequests: 429
            case .missingModel, .damagedModel, .unavailable: 503
            case .outOfSpace: 507
            case .failed: 500
            }
        }

        /// Whether the same work may go through when it is tried again.
        package var isRetryable: Bool {
            switch kind {
            case .outOfSpace, .failed, .unavailable: true
            default: false
            }
        }
    }

    /// What kind of error this is.
    package let code: Code
    /// A whole sentence that says what was wrong with what.
    package let message: String
    /// A sentence that says what to do about it, where there is something to do.
    package let advice: String?
    /// The error underneath, for logs.
    package let cause: (any Error)?

    /// Makes an error; `message` and `advice` are whole sentences.
    package init(_ code: Code, _ message: String, advice: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.advice = advice
        self.cause = cause
    }

    /// The message and the advice, as a person reads them.
    package var description: String { advice.map { "\(message) \($0)" } ?? message }
}
