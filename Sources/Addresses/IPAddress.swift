// Network addresses as numbers, and blocks of them.

internal import Foundation

/// An IPv4 or IPv6 address.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes, as on the wire.
    let bytes: [UInt8]

    /// - Parameter bytes: 4 or 16 of them.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Reads the usual form: `192.0.2.1` with four decimal parts, or IPv6 (RFC 4291, 2.2) without brackets or zone.
    package init?(_ text: String) {
        guard let bytes = text.contains(":") ? Self.version6(text) : Self.version4(text) else { return nil }
        self.bytes = bytes
    }

    package var isVersion4: Bool { bytes.count == 4 }

    package var description: String {
        if isVersion4 { return bytes.map(String.init).joined(separator: ".") }
        let groups = (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
        return groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part -> UInt8? in
            // No leading zeros: some readers take them for octal.
            guard part.utf8.allSatisfy({ (48...57).contains($0) }), part.count == 1 || part.first != "0" else {
                return nil
            }
            return UInt8(part)
        }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func version6(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 45 else { return nil }
        let halves = text.components(separatedBy: "::")
        guard halves.count <= 2 else { return nil }
        var parts: [[UInt8]] = []
        for (index, half) in halves.enumerated() {
            guard let bytes = groups(half, mayEndInVersion4: index == halves.count - 1) else { return nil }
            parts.append(bytes)
        }
        let count = parts.map(\.count).reduce(0, +)
        if parts.count == 1 { return count == 16 ? parts[0] : nil }
        // “::” stands for at least one group of zeros.
        guard count <= 14 else { return nil }
        return parts[0] + [UInt8](repeating: 0, count: 16 - count) + parts[1]
    }

    private static func groups(_ text: String, mayEndInVersion4: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part.contains("."), mayEndInVersion4, index == parts.count - 1 {
                guard let four = version4(part) else { return nil }
                bytes += four
            } else {
                guard (1...4).contains(part.utf8.count),
                    part.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 255)]
            }
        }
        return bytes
    }
}

/// A block of addresses such as `10.0.0.0/8`.
package struct AddressBlock: Hashable, Sendable {
    let base: IPAddress
    let prefix: Int

    /// Reads `address/length`, or an address alone.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = IPAddress(String(parts[0])) else { return nil }
        let bits = base.bytes.count * 8
        let prefix = parts.count == 2 ? Int(parts[1]) : bits
        guard let prefix, (0...bits).contains(prefix) else { return nil }
        self.base = base
        self.prefix = prefix
    }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        let whole = prefix / 8
        guard address.bytes.prefix(whole) == base.bytes.prefix(whole) else { return false }
        guard prefix % 8 > 0 else { return true }
        return (address.bytes[whole] ^ base.bytes[whole]) >> (8 - prefix % 8) == 0
    }
}
