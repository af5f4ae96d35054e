// Which addresses are on the public internet, and what the others are for.

internal import Foundation

extension IPAddress {
    /// What is wrong with this address as the target of a webhook, e.g. “private”; nil when it is a public one.
    ///
    /// After the IANA special-purpose address registries (RFC 6890 and its updates). An IPv6 address that carries an IPv4
    /// one is judged by what it carries. Of IPv6, what is outside of the assigned global unicast space is refused.
    package var fault: String? {
        if isVersion4 { return Rules.version4.first { $0.block.contains(self) }?.fault }
        if let carried { return carried.fault }
        if let rule = Rules.version6.first(where: { $0.block.contains(self) }) { return rule.fault }
        // 2000::/3
        return bytes[0] & 0xe0 == 0x20 ? nil : "reserved"
    }

    /// The IPv4 address inside of a v4-mapped, v4-compatible, NAT64 (RFC 6052) or 6to4 (RFC 3056) address.
    package var carried: IPAddress? {
        let place: Int
        if Rules.mapped.contains(where: { $0.contains(self) }) {
            place = 12
        } else if Rules.sixToFour?.contains(self) == true {
            place = 2
        } else {
            return nil
        }
        return IPAddress(bytes: Array(bytes[place..<place + 4]))
    }
}

private enum Rules {
    static let version4 = rules([
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by carriers"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),
        ("169.254.169.254/32", "cloud metadata"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for measurements"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    ])
    static let version6 = rules([
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        // NAT64 with a prefix of local meaning: where the IPv4 address stands is not known here (RFC 8215).
        ("64:ff9b:1::/48", "private"),
        // Teredo, ORCHID, benchmarking and other protocols' own.
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "for documentation"),
        ("3fff::/20", "for documentation"),
        ("fd00:ec2::254/128", "cloud metadata"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
    ])
    static let mapped = ["::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96"].compactMap(AddressBlock.init)
    static let sixToFour = AddressBlock("2002::/16")

    /// A block that cannot be read would silently allow what it should refuse; the tests count them.
    private static func rules(_ list: [(String, String)]) -> [(block: AddressBlock, fault: String)] {
        list.compactMap { text, fault in AddressBlock(text).map { ($0, fault) } }
    }
}
