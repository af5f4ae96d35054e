// What an error of any kind means to a client.

internal import Errors
internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1

/// Status, code, sentence and headers for any error.
struct Fault {
    let status: HTTPResponse.Status
    /// The stable name of the kind of error.
    let code: String
    let error: MasqueError
    var headers: HTTPFields = [:]
    /// Nothing is known about the error: its text is for the log alone.
    var isUnknown = false

    init(_ error: any Error) {
        switch error {
        case let error as HeaderedError:
            self.init(error.underlying)
            headers.append(contentsOf: error.headers)
        case let error as AnsweredError:
            self.init(error.error, status: error.status)
            headers = error.headers
        case let error as MasqueError: self.init(error, status: nil)
        case let error as HTTPError:
            self.init(Self.error(of: error.status, message: error.body), status: error.status)
            headers = error.headers
        case let error as DecodingError:
            self.init(
                MasqueError(.badInput, "The request's JSON is not right: \(Self.reason(error))", cause: error),
                status: nil)
        case is NIOTooManyBytesError:
            self.init(MasqueError(.tooLarge, "The request's body is too large."), status: nil)
        case let error as HTTPParserError:
            self.init(
                MasqueError(.badInput, "The request's body broke off or is not valid HTTP.", cause: error), status: nil)
        case is CancellationError:
            self.init(MasqueError(.unavailable, "The server stopped before the request was done."), status: nil)
        case let error as any HTTPResponseError:
            self.init(Self.error(of: error.status, message: nil), status: error.status)
        default:
            self.init(
                MasqueError(
                    .failed, "The server failed.", advice: "Try again; the log has more under the request's id."),
                status: nil)
            isUnknown = true
        }
    }

    private init(_ error: MasqueError, status: HTTPResponse.Status?) {
        self.error = error
        self.status = status ?? Self.status(error.code.httpStatus)
        code = Self.names[self.status.code] ?? error.code.description
    }

    /// A status with its usual words, which titles of problem details are made of.
    private static func status(_ code: Int) -> HTTPResponse.Status {
        let words = code == 499 ? "Client Closed Request" : HTTPResponseStatus(statusCode: code).reasonPhrase
        return HTTPResponse.Status(code: code, reasonPhrase: words)
    }

    /// Names of statuses that no ``MasqueError/Code`` has.
    private static let names = [
        403: "forbidden", 405: "methodNotAllowed", 406: "notAcceptable", 408: "tooSlow", 410: "gone",
        412: "preconditionFailed",
        416: "rangeNotSatisfiable", 423: "locked", 428: "preconditionRequired", 460: "checksumMismatch",
        504: "timedOut",
    ]

    private static func error(of status: HTTPResponse.Status, message: String?) -> MasqueError {
        let known: (MasqueError.Code, String)
        switch status.code {
        case 401: known = (.unauthorized, "The request needs a valid token or key.")
        case 403: known = (.unauthorized, "The token or key does not allow this.")
        case 404: known = (.notFound, "There is no such thing.")
        case 409: known = (.conflict, "This does not go with how things are.")
        case 413: known = (.tooLarge, "The request's body is too large.")
        case 415: known = (.unsupportedMedia, "The request's body is of a kind that is not taken.")
        case 429: known = (.tooManyRequests, "Too many requests.")
        case 503: known = (.unavailable, "The server cannot do this now.")
        case 500...: known = (.failed, "The server failed.")
        default: known = (.badInput, "The request is not right.")
        }
        return MasqueError(known.0, status.code < 500 ? message ?? known.1 : known.1)
    }

    private static func reason(_ error: DecodingError) -> String {
        func at(_ path: [any CodingKey]) -> String {
            let text = path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
            return String(text.drop { $0 == "." }.prefix(100))
        }
        switch error {
        case .keyNotFound(let key, let context):
            return "“\(at(context.codingPath + [key]))” is missing."
        case .typeMismatch(_, let context) where !context.codingPath.isEmpty:
            return "“\(at(context.codingPath))” is of the wrong type."
        case .valueNotFound(_, let context) where !context.codingPath.isEmpty:
            return "“\(at(context.codingPath))” is null."
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return "“\(at(context.codingPath))” has a value that makes no sense."
        default: return "it cannot be read."
        }
    }
}
