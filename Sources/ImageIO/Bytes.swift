// Numbers read from bytes, never outside of them.

extension Array<UInt8> {
    /// The big-endian 16-bit number at `offset`.
    func big16(_ offset: Int) -> Int? {
        guard offset >= 0, offset <= count - 2 else { return nil }
        return Int(self[offset]) << 8 | Int(self[offset + 1])
    }

    /// The big-endian 32-bit number at `offset`.
    func big32(_ offset: Int) -> Int? {
        guard let high = big16(offset), let low = big16(offset + 2) else { return nil }
        return high << 16 | low
    }

    /// The little-endian 16-bit number at `offset`.
    func little16(_ offset: Int) -> Int? {
        big16(offset).map { $0 >> 8 | ($0 & 0xFF) << 8 }
    }

    /// The little-endian 32-bit number at `offset`.
    func little32(_ offset: Int) -> Int? {
        guard let low = little16(offset), let high = little16(offset + 2) else { return nil }
        return high << 16 | low
    }

    /// Whether `text` stands at `offset`.
    func has(_ text: String, at offset: Int) -> Bool {
        guard offset >= 0, offset <= count else { return false }
        return self[offset...].starts(with: text.utf8)
    }
}
