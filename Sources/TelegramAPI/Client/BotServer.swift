// Which Bot API server is spoken to, its addresses and its limits.

package import Errors
internal import Foundation

/// Telegram's own Bot API server, or one that the operator runs (`telegram-bot-api --local`), which takes larger files.
package struct BotServer: Sendable, Equatable {
    /// `https://host[:port][/path]` without a slash at the end.
    let base: String
    /// Whether the server runs in local mode: it gives absolute paths of files on this machine and has no small limits.
    package let isLocal: Bool

    /// Telegram's server.
    package static let telegram = BotServer(base: "https://api.telegram.org", isLocal: false)

    private init(base: String, isLocal: Bool) {
        self.base = base
        self.isLocal = isLocal
    }

    /// - Parameters:
    ///   - text: an `https:` or `http:` URL; plain `http:` sends the token unencrypted, so it is only for servers of
    ///     one's own.
    ///   - isLocal: whether it runs with `--local`.
    /// - Throws: ``MasqueError`` `.badInput` for what is no such URL, or for Telegram's own host without TLS.
    package init(_ text: String, isLocal: Bool) throws(MasqueError) {
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(),
            ["https", "http"].contains(scheme), let host = url.host, !host.isEmpty, url.query == nil,
            url.fragment == nil, url.user == nil, url.password == nil
        else {
            throw MasqueError(
                .badInput, "TELEGRAM_API_URL is not the address of a Bot API server: “\(text)”.",
                advice: "Give a URL such as http://127.0.0.1:8081, or none for Telegram's own server.")
        }
        guard scheme == "https" || host.lowercased() != "api.telegram.org" else {
            throw MasqueError(
                .badInput, "TELEGRAM_API_URL would send the bot's token unencrypted to Telegram.",
                advice: "Write https://api.telegram.org.")
        }
        var base = text
        while base.hasSuffix("/") { base.removeLast() }
        self.init(base: base, isLocal: isLocal)
    }

    /// The most bytes of a file that can be fetched: 20 MiB, without a limit in local mode.
    package var downloadLimit: Int { isLocal ? .max : 20 << 20 }
    /// The most bytes of a file that can be sent: 50 MiB, 2,000 MiB in local mode.
    package var uploadLimit: Int { isLocal ? 2_000 << 20 : 50 << 20 }
    /// The most bytes of a picture that is sent as a photo.
    package var photoLimit: Int { 10 << 20 }

    /// Where a method is called. It holds the token.
    func method(_ name: String, _ token: BotToken) -> String { "\(base)/bot\(token.text)/\(name)" }

    /// Where a file is fetched. It holds the token.
    /// - Returns: nil when the path leads elsewhere.
    func file(_ path: String, _ token: BotToken) -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { return nil }
        let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        let escaped = parts.compactMap { $0.addingPercentEncoding(withAllowedCharacters: plain) }
        guard escaped.count == parts.count else { return nil }
        return "\(base)/file/bot\(token.text)/\(escaped.joined(separator: "/"))"
    }
}
