// Where the Civitai that is asked lies: the public one, or another by setting.

package import Errors
internal import Foundation

/// Scheme, host and port; the API's paths are appended.
package struct CivitaiBase: Sendable, Hashable {
    /// E.g. `https://civitai.com`, without a slash at the end.
    package let text: String
    /// `host` or `host:port`, in small letters, as it stands in links.
    package let authority: String
    /// Whether it is this machine: then files may come from it, too, and without TLS.
    package let isLoopback: Bool

    /// - Throws: ``MasqueError`` `.badInput` for what is no https address, nor an http address of this machine.
    package init(_ text: String) throws(MasqueError) {
        var bare = text
        while bare.hasSuffix("/") { bare.removeLast() }
        guard let parts = URLComponents(string: bare), let host = parts.host?.lowercased(), !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil, parts.path.isEmpty,
            let scheme = parts.scheme?.lowercased(), scheme == "https" || scheme == "http"
        else {
            throw MasqueError(
                .badInput, "CIVITAI_URL is “\(text.prefix(100))”, which is no address of a server.",
                advice: "Write it like https://civitai.com, without a path.")
        }
        isLoopback = host == "localhost" || host == "[::1]" || host == "::1" || host.hasPrefix("127.")
        guard scheme == "https" || isLoopback else {
            throw MasqueError(
                .badInput, "CIVITAI_URL is “\(text.prefix(100))”: keys would go there unencrypted.",
                advice: "Use https.")
        }
        self.text = bare
        authority = parts.port.map { "\(host):\($0)" } ?? host
    }

    /// `scheme://host:port` of a URL in small letters, with the scheme's own port; nil when it has no host.
    static func origin(_ url: URL) -> String? {
        guard let scheme = url.scheme?.lowercased(), let host = url.host?.lowercased(), !host.isEmpty else {
            return nil
        }
        return "\(scheme)://\(host):\(url.port ?? (scheme == "https" ? 443 : 80))"
    }

    /// Whether a URL leads to this very Civitai, so that the key may go there.
    func isHome(_ url: URL) -> Bool {
        guard let own = URL(string: text) else { return false }
        return Self.origin(url) == Self.origin(own)
    }
}
