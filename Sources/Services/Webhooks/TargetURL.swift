// A webhook's URL, read so strictly that no two readers can understand it differently.

package import Addresses
internal import Errors
internal import Foundation

/// The checked parts of an http or https URL.
package struct TargetURL: Sendable, Hashable {
    /// As given.
    package let text: String
    package let isHTTPS: Bool
    /// As in the URL, without the brackets of an IPv6 address.
    package let host: String
    package let port: Int
    /// The host as an address, if it is one.
    package let address: IPAddress?

    /// The host in small letters: the name under which deliveries are counted.
    var hostKey: String { host.lowercased() }

    /// - Throws: ``MasqueError`` `.badInput` with a sentence that says what is wrong.
    package init(_ text: String) throws {
        guard !text.isEmpty, text.utf8.count <= 2_048 else {
            throw Self.bad("has \(text.utf8.count) bytes; 1 to 2,048 are allowed")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw Self.bad("has spaces, backslashes or letters outside of ASCII", advice: "Encode them by “%”.")
        }
        guard let colon = text.firstIndex(of: ":"), ["http", "https"].contains(text[..<colon].lowercased()),
            text[colon...].hasPrefix("://")
        else {
            throw Self.bad("does not begin with “https://”", advice: "Write it like “https://example.com/masque”.")
        }
        let isHTTPS = text[..<colon].lowercased() == "https"
        let rest = text[text.index(colon, offsetBy: 3)...]
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else { throw Self.bad("has a user name or password in it") }
        let (host, portText) = try Self.split(authority)
        guard let port = portText.map({ Int($0) }) ?? (isHTTPS ? 443 : 80), (1...65_535).contains(port) else {
            throw Self.bad("has no port between 1 and 65535 after the colon")
        }
        if let use = Self.otherUses[port] { throw Self.bad("names the port \(port), which is for \(use)") }
        // The library that connects reads the URL by Foundation; both must see the same.
        guard let seen = URL(string: text), seen.host(percentEncoded: false) == host || seen.host == "[\(host)]",
            seen.port ?? port == port, seen.user == nil, seen.scheme?.lowercased() == (isHTTPS ? "https" : "http")
        else { throw Self.bad("is written in a way that can be understood differently") }
        self.text = text
        self.isHTTPS = isHTTPS
        self.host = host
        self.port = port
        address = IPAddress(host)
    }

    /// Host and port of `host:port` or `[address]:port`.
    private static func split(_ authority: Substring) throws -> (host: String, port: Substring?) {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw bad("has an opened bracket that is not closed") }
            let host = String(authority[authority.index(after: authority.startIndex)..<end])
            guard IPAddress(host)?.isVersion4 == false else { throw bad("has no IPv6 address between the brackets") }
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw bad("has letters after the closing bracket") }
            return (host, rest.isEmpty ? nil : try port(rest.dropFirst()))
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw bad("has more than one colon in its host") }
        let host = String(parts[0])
        try check(host: host)
        return (host, parts.count == 2 ? try port(parts[1]) : nil)
    }

    private static func port(_ text: Substring) throws -> Substring {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw bad("has no port between 1 and 65535 after the colon")
        }
        return text
    }

    /// A name of letters, digits, hyphens and underscores between single dots (RFC 1123), or four decimal numbers. Other
    /// spellings of addresses (`0x7f.1`, `2130706433`, `127.1`, `0177.0.0.1`) are refused: resolvers read them as
    /// addresses.
    private static func check(host: String) throws {
        guard !host.isEmpty else { throw bad("has no host") }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard host.utf8.count <= 253, labels.allSatisfy({ (1...63).contains($0.utf8.count) }),
            host.utf8.allSatisfy({
                Character(UnicodeScalar($0)).isLetter || (48...57).contains($0) || "-._".utf8.contains($0)
            })
        else {
            throw bad(
                "has a host that is neither a name nor an address",
                advice: "Names of other scripts are written in Punycode (“xn--…”).")
        }
        // What ends in a number is an address or nothing (WHATWG URL, 3.5).
        guard let last = labels.last?.lowercased(), let first = last.utf8.first else { return }
        let isNumber =
            last.utf8.allSatisfy { (48...57).contains($0) }
            || first == 48 && last.hasPrefix("0x") && last.dropFirst(2).allSatisfy(\.isHexDigit)
        if isNumber, IPAddress(host) == nil {
            throw bad("has a host in an unusual spelling of an address", advice: "Write four decimal numbers.")
        }
    }

    static func bad(_ what: String, advice: String? = nil) -> MasqueError {
        MasqueError(.badInput, "The webhook URL \(what).", advice: advice)
    }

    /// Ports of services that would take a request for something else; after the “bad ports” of the Fetch standard, with
    /// databases and cluster managers.
    private static let otherUses: [Int: String] = {
        var uses: [Int: String] = [:]
        for (use, ports) in [
            "another service": [
                1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 37, 42, 43, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 111, 113,
                115, 117, 119, 123, 135, 137, 139, 161, 179, 389, 427, 512, 513, 514, 515, 526, 530, 531, 532, 540,
                548, 554, 556, 563, 601, 636, 989, 990, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000,
                6566, 10_080,
            ],
            "mail": [25, 110, 143, 465, 587, 993, 995], "name servers": [53], "remote shells": [22, 23],
            "databases": [1433, 1521, 3306, 5432, 6379, 9042, 9200, 9300, 11_211, 27_017],
            "cluster managers": [2375, 2376, 2379, 2380, 6443, 8500, 10_250, 10_255],
            "chat": [194, 6665, 6666, 6667, 6668, 6669, 6679, 6697],
        ] { for port in ports { uses[port] = use } }
        return uses
    }()
}
