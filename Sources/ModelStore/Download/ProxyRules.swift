// Which proxy a URL is fetched through, as the usual environment variables say.

internal import Addresses
package import AsyncHTTPClient
package import Foundation

/// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capital or small letters; the small ones win, as in curl.
package struct ProxyRules: Sendable {
    private let proxies: [String: String]
    private let exceptions: [String]

    /// Reads the variables.
    package init(environment: [String: String]) {
        func value(_ key: String) -> String? {
            (environment[key] ?? environment[key.uppercased()]).flatMap { $0.isEmpty ? nil : $0 }
        }
        proxies = ["http": "http_proxy", "https": "https_proxy"].compactMapValues { value($0) ?? value("all_proxy") }
        exceptions = (value("no_proxy") ?? "").split { $0 == "," || $0 == " " }.map { $0.lowercased() }
    }

    /// The proxy for a URL; nil: none.
    package func proxy(for url: URL) -> HTTPClient.Configuration.Proxy? {
        guard let scheme = url.scheme?.lowercased(), let text = proxies[scheme], !isExcepted(url) else { return nil }
        guard let proxy = URL(string: text.contains("://") ? text : "http://" + text), let host = proxy.host() else {
            return nil
        }
        if proxy.scheme?.hasPrefix("socks") == true { return .socksServer(host: host, port: proxy.port ?? 1080) }
        let authorization = proxy.user(percentEncoded: false).map {
            HTTPClient.Authorization.basic(username: $0, password: proxy.password(percentEncoded: false) ?? "")
        }
        return .server(host: host, port: proxy.port ?? 80, authorization: authorization)
    }

    /// An entry is `*`, a host, a domain with or without a leading dot (hosts in it are meant, too), an address or a block
    /// of addresses; a host may have a port behind it.
    private func isExcepted(_ url: URL) -> Bool {
        let host = (url.host() ?? "").lowercased().trimmingCharacters(in: ["[", "]"])
        let port = url.port ?? (url.scheme == "http" ? 80 : 443)
        return exceptions.contains { entry in
            if entry == "*" { return true }
            if let address = IPAddress(host), let block = AddressBlock(entry) { return block.contains(address) }
            var name = entry
            if let colon = entry.lastIndex(of: ":"), let only = Int(entry[entry.index(after: colon)...]) {
                guard only == port else { return false }
                name = String(entry[..<colon])
            }
            if name.hasPrefix("*") { name.removeFirst() }
            if name.hasPrefix(".") { name.removeFirst() }
            return !name.isEmpty && (host == name || host.hasSuffix("." + name))
        }
    }
}
