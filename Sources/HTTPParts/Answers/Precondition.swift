// Conditional requests: whether a request's conditions hold for the file as it is (RFC 9110 13).

internal import HTTPTypes

/// What the conditions of a request come to, in the order of RFC 9110 13.2.2.
enum Precondition {
    case none, notModified, failed

    /// - Parameters:
    ///   - tag: the strong tag of what would be sent, with quotes.
    ///   - modified: when it was changed.
    init(_ headers: HTTPFields, method: HTTPRequest.Method, tag: String, modified: HTTPDate) {
        self = .none
        if let wanted = headers[.ifMatch] {
            guard wanted.trimmed == "*" || Self.tags(wanted).contains(tag) else {
                self = .failed
                return
            }
        } else if let date = headers[.ifUnmodifiedSince].flatMap({ HTTPDate($0) }), modified > date {
            self = .failed
            return
        }
        if let known = headers[.ifNoneMatch] {
            // Compared weakly: W/ does not count
            guard known.trimmed == "*" || Self.tags(known).contains(where: { $0 == tag || $0 == "W/\(tag)" }) else {
                return
            }
            self = method == .get || method == .head ? .notModified : .failed
        } else if method == .get || method == .head,
            let date = headers[.ifModifiedSince].flatMap({ HTTPDate($0) }), modified <= date
        {
            self = .notModified
        }
    }

    private static func tags(_ list: String) -> [String] { list.split(separator: ",").map(\.trimmed) }
}

/// Whether a Range may be answered in part: If-Range is missing or names exactly this file (RFC 9110 13.1.5).
func rangeHolds(_ ifRange: String?, tag: String, modified: HTTPDate) -> Bool {
    guard let ifRange = ifRange?.trimmed else { return true }
    if ifRange.hasPrefix("\"") || ifRange.hasPrefix("W/") { return ifRange == tag }
    return HTTPDate(ifRange) == modified
}
