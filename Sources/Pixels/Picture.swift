// A whole 8-bit picture in memory.

/// An 8-bit picture: rows from the top, pixels interleaved as RGB (3 channels) or RGBA (4, straight alpha),
/// gamma-encoded as in the file, no padding between rows.
package struct Picture: Sendable {
    /// Columns, at least 1.
    package let width: Int
    /// Rows, at least 1.
    package let height: Int
    /// 3 (RGB) or 4 (RGBA).
    package let channels: Int
    /// `width * height * channels` bytes.
    package var bytes: [UInt8]

    /// Makes a picture over `bytes`, whose count must be `width * height * channels`.
    package init(width: Int, height: Int, channels: Int, bytes: [UInt8]) {
        precondition(width > 0 && height > 0 && (channels == 3 || channels == 4))
        precondition(bytes.count == width * height * channels)
        self.width = width
        self.height = height
        self.channels = channels
        self.bytes = bytes
    }

    /// Makes a picture of one colour.
    package init(width: Int, height: Int, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)) {
        var bytes = [UInt8](repeating: fill.0, count: width * height * 3)
        if fill.1 != fill.0 || fill.2 != fill.0 {
            for i in stride(from: 0, to: bytes.count, by: 3) {
                bytes[i + 1] = fill.1
                bytes[i + 2] = fill.2
            }
        }
        self.init(width: width, height: height, channels: 3, bytes: bytes)
    }
}
