// Keeps foreign web pages out of a server that needs no token: a browser on its machine would call for any of them.

internal import Errors
internal import HTTPTypes
internal import Hummingbird

internal import struct Foundation.URL

/// Judges calls without credentials. Who sends a token or key is judged by that instead.
struct PageCalls: Sendable {
    /// Pages of other origins that may call, `*` for all (`MASQUE_CORS_ORIGINS`).
    var origins: Set<String> = []
    /// `MASQUE_PUBLIC_URL`.
    var publicURL: String?
    /// `MASQUE_HOST`.
    var listeningHost = ""

    /// - Throws: `.forbidden` for a call that a page of another site has made, and for a host name that is none of this
    ///   server's (DNS rebinding: a page's own name made to point here).
    func check(_ request: Request) throws {
        guard !origins.contains("*") else { return }
        let origin = request.headers[.origin]
        if let origin, origins.contains(origin) { return }
        guard let authority = request.head.authority else { return }
        guard isKnown(host(of: authority)) else {
            throw MasqueError(
                .forbidden, "This server does not know itself as “\(authority.prefix(100))”.",
                advice: "Set MASQUE_PUBLIC_URL to the address that it is reached by, or send a token.")
        }
        let isOwn = origin.map { isSame($0, authority) } ?? (request.headers[.fetchSite] != "cross-site")
        guard isOwn else {
            throw MasqueError(
                .forbidden, "A page of another site made this call, and it came without a token.",
                advice: "Add the page's origin to MASQUE_CORS_ORIGINS, or send a token.")
        }
    }

    /// Whether an Origin is that of the server's own pages.
    private func isSame(_ origin: String, _ authority: String) -> Bool {
        guard let page = place(origin) else { return false }
        return page == place("\(origin.prefix { $0 != ":" })://\(authority)") || page == publicURL.flatMap(place)
    }

    /// Host and port of an address, e.g. `example.org:443`.
    private func place(_ address: String) -> String? {
        guard let url = URL(string: address), let host = url.host?.lowercased(), !host.isEmpty else { return nil }
        return "\(host):\(url.port ?? (url.scheme?.lowercased() == "https" ? 443 : 80))"
    }

    /// Names without a dot (`localhost`, or a machine's name in its network) are nobody's on the internet.
    private func isKnown(_ host: String) -> Bool {
        if host.hasPrefix("[") || !host.contains(".") || host.hasSuffix(".localhost") { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        if numbers.count == 4, numbers.allSatisfy({ UInt8($0) != nil }) { return true }
        return host == listeningHost.lowercased() || host == publicURL.flatMap { URL(string: $0)?.host?.lowercased() }
    }

    /// The Host header without its port.
    private func host(of authority: String) -> String {
        let text = authority.lowercased()
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") { return String(text[...end]) }
        return String(text.prefix { $0 != ":" })
    }
}

/// Whether a call came without token and key.
func isWithoutCredentials(_ request: Request) -> Bool {
    request.headers[.authorization] == nil && request.headers[.apiKey] == nil && request.headers[.apiToken] == nil
}
