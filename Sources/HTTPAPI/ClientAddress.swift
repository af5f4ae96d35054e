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

    /// A link to a path of this server, as the client reaches it: absolute unless the request names no usable host.
    func link(_ path: String, for request: Request) -> String {
        if let publicURL { return (publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL) + path }
        guard let host = request.head.authority, isHost(host) else { return path }
        let isSecure = trustedProxies > 0 && request.headers[.forwardedProto]?.lowercased() == "https"
        return "\(isSecure ? "https" : "http")://\(host)\(path)"
    }
}

/// Whether a Host header has the letters of a host and port, and no more.
func isHost(_ text: String) -> Bool {
    (1...255).contains(text.utf8.count)
        && text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "-"),
                UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
}
