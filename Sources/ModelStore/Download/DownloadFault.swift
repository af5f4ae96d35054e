// Why a download failed, for programs that must tell the reasons apart.

package import Errors
package import Foundation

/// The reason of a failed download: the ``MasqueError/cause`` of the error that the ``Downloader`` throws.
package enum DownloadFault: Error, Sendable, Equatable {
    /// A server answered with another status than 200 or 206.
    case status(Int, retryAfter: Duration?)
    /// No connection: refused, cut, TLS failed.
    case unreachable(String)
    /// The host's name has no address, as without a connection to the internet.
    case noHost(String)
    /// A file of a mirror folder that is not there.
    case missing
    /// A server was silent for too long, or all took longer than allowed.
    case timeout
    /// What came is not what was expected.
    case damaged(String)
    /// A redirect that is not followed.
    case redirect(String)
    /// More bytes than allowed.
    case tooLarge

    /// Whether the same request may go through a little later.
    var isPassing: Bool {
        switch self {
        case .status(let status, _): status == 408 || status == 425 || status == 429 || status >= 500
        case .unreachable, .timeout: true
        case .damaged, .redirect, .tooLarge, .missing, .noHost: false
        }
    }

    /// Whether nothing could be asked at all.
    package var isOffline: Bool {
        switch self {
        case .unreachable, .noHost, .timeout: true
        default: false
        }
    }

    /// Whether the link may have expired.
    var mayBeExpired: Bool {
        if case .status(let status, _) = self { [401, 403, 404, 410].contains(status) } else { false }
    }

    private var code: MasqueError.Code {
        switch self {
        case .status(401, _): .unauthorized
        case .status(403, _), .status(402, _): .forbidden
        case .status(404, _), .status(410, _), .missing: .notFound
        case .status(429, _): .tooManyRequests
        case .status, .unreachable, .noHost, .timeout: .unavailable
        case .damaged: .damagedModel
        case .redirect: .forbidden
        case .tooLarge: .tooLarge
        }
    }

    /// What happened, without a beginning and an end.
    func sentence(_ host: String) -> String {
        switch self {
        case .status(401, _): "\(host) does not know who asks (401)"
        case .status(402, _): "\(host) wants to be paid (402)"
        case .status(403, _): "\(host) refuses access (403)"
        case .status(404, _): "\(host) has no such file (404)"
        case .status(410, _): "\(host) no longer has the file (410)"
        case .status(429, _): "\(host) allows no more downloads for now (429)"
        case .status(let status, _): "\(host) answered with status \(status)"
        case .unreachable(let reason), .noHost(let reason): "\(host) could not be reached (\(reason))"
        case .missing: "there is no \(host)"
        case .timeout: "\(host) did not answer in time"
        case .damaged(let what): "what \(host) sent is \(what)"
        case .redirect(let what): "\(host) redirects to \(what), which is not followed"
        case .tooLarge: "the file at \(host) is larger than allowed"
        }
    }

    private var advice: String? {
        switch self {
        case .status(401, _), .status(403, _): "Give a token that may read the file, or fetch it by hand and import it."
        case .status(404, _), .status(410, _), .missing: "Look for the file elsewhere, and import it."
        case .status(429, let after?):
            "Try again in \(after.components.seconds) seconds; what was fetched is kept."
        case .status, .timeout, .unreachable, .noHost: "Try again later; what was fetched is kept."
        case .damaged, .redirect: "Fetch the file by hand from a source that you trust, and import it."
        case .tooLarge: nil
        }
    }

    /// The error of a download of `name` that failed at `host`.
    func error(_ name: String, host: String) -> MasqueError {
        MasqueError(code, "“\(name)” was not downloaded: \(sentence(host)).", advice: advice, cause: self)
    }
}

extension MasqueError {
    /// Why a download failed, when that is what this error says.
    package var downloadFault: DownloadFault? { cause as? DownloadFault }
}

/// A URL as messages and records show it: without user, password, query and fragment, where secrets are.
package func shownURL(_ url: URL) -> String {
    guard var parts = URLComponents(url: url, resolvingAgainstBaseURL: true) else { return "the source" }
    (parts.user, parts.password, parts.query, parts.fragment) = (nil, nil, nil, nil)
    return parts.string ?? "the source"
}

/// The server of a URL as messages show it.
func shownHost(_ url: URL) -> String { url.isFileURL ? url.path : url.host() ?? shownURL(url) }
