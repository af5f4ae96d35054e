// Where a call comes from, and which address its links begin with, behind as many proxies as the settings trust.

internal import HTTPTypes
internal import Hummingbird

/// Reads `X-Forwarded-*` no further than the trusted proxies wrote it.
struct ClientAddress: Sendable {
    let trustedProxies: Int
    /// `MASQUE_PUBLIC_URL`.
    let publicURL: String?

    /// The client's address: the one that the outermost trusted proxy saw.
    func address(of request: Request, peer: String) -> String {
        guard trustedProxies > 0 else { return peer }
        let lines = request.headers[values: .forwardedFor].joined(separator: ",")
        let hops: [String] = lines.split(separator: ",").map { hop in hop.filter { $0 != " " && $0 != "\t" } }
        guard hops.count >= trustedProxies, let hop = hops.dropLast(trustedProxies - 1).last, !hop.isEmpty else {
            return peer
        }
        return String(hop.prefix(64))
    }

    /// An absolute link to a path of this server, as the client reaches it.
    func link(_ path: String, for request: Request) -> String {
        if let publicURL { return (publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL) + path }
        guard let host = request.head.authority, !host.isEmpty else { return path }
        let isSecure = trustedProxies > 0 && request.headers[.forwardedProto]?.lowercased() == "https"
        return "\(isSecure ? "https" : "http")://\(host)\(path)"
    }
}
