// The one error type of Masque: a code, a sentence for a person, and a cause.

/// What went wrong, in a form that a program (``code``), a person (``message``, ``advice``) and a log (``cause``) can use.
package struct MasqueError: Error, CustomStringConvertible {
    /// The kind of an error. More kinds can be added without breaking a `switch` elsewhere.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case badInput, unsupportedMedia, tooLarge, noFace, refusedContent, missingModel, damagedModel
            case stopped, outputExists, outOfSpace, failed
        }
        private let kind: Kind

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
        /// Anything else: a library or the machine failed.
        package static let failed = Code(kind: .failed)

        /// The stable name of the code, as programs see it in JSON.
        package var description: String { kind.rawValue }

        /// The exit code of the command line (FaceFusion's numbers).
        /// 1 failed, 2 bad arguments or input, 3 refused content, 4 stopped.
        package var exitCode: Int32 {
            switch kind {
            case .badInput, .unsupportedMedia, .tooLarge, .noFace, .outputExists: 2
            case .refusedContent: 3
            case .stopped: 4
            case .missingModel, .damagedModel, .outOfSpace, .failed: 1
            }
        }

        /// The HTTP status that says the same.
        package var httpStatus: Int {
            switch kind {
            case .badInput: 400
            case .outputExists: 409
            case .tooLarge: 413
            case .unsupportedMedia: 415
            case .noFace, .refusedContent: 422
            case .stopped: 499
            case .missingModel, .damagedModel: 503
            case .outOfSpace: 507
            case .failed: 500
            }
        }

        /// Whether the same work may go through when it is tried again.
        package var isRetryable: Bool {
            switch kind {
            case .outOfSpace, .failed: true
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
