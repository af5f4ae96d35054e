// Picture files made byte by byte: headers without pictures, and large pictures in few bytes.

/// A stream of bits in front of which a JPEG or deflate stream stands.
private struct BitStream {
    var bytes: [UInt8]
    private var bits: UInt32 = 0
    private var count: UInt32 = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Puts the low `length` bits of `value`, the lowest first (deflate's order).
    mutating func put(_ value: UInt32, _ length: UInt32) {
        bits |= value << count
        count += length
        while count >= 8 {
            bytes.append(UInt8(bits & 255))
            bits >>= 8
            count -= 8
        }
    }

    mutating func flush() { put(0, (8 - count) % 8) }
}

func big32(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

/// CRC-32 as PNG has it.
func checksum(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return big32(Int(~crc))
}

func pngChunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    let content = Array(name.utf8) + body
    return big32(body.count) + content + checksum(content)
}

/// A PNG whose data is far too short for its size.
func pngHeader(_ width: Int, _ height: Int) -> [UInt8] {
    png(width, height, colour: 2, depth: 8, interlaced: false, data: [0x78, 0x9C, 0x63, 0, 0, 0, 1, 0, 1])
}

private func png(
    _ width: Int, _ height: Int, colour: UInt8, depth: UInt8, interlaced: Bool, data: [UInt8]
) -> [UInt8] {
    let header = big32(width) + big32(height) + [depth, colour, 0, 0, interlaced ? 1 : 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        + pngChunk("IHDR", header) + pngChunk("IDAT", data) + pngChunk("IEND", [])
}

/// A black interlaced 16-bit RGBA PNG of any size in a thousandth of its bytes.
func blackPNG(_ width: Int, _ height: Int) -> [UInt8] {
    // Adam7: first column, first row, step in x, step in y.
    let passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    let sizes = passes.map { x, y, stepX, stepY in
        let columns = (width - x + stepX - 1) / stepX, rows = (height - y + stepY - 1) / stepY
        return columns > 0 && rows > 0 ? rows * (1 + 8 * columns) : 0
    }
    let data = deflatedZeros(sizes.reduce(0, +))
    return png(width, height, colour: 6, depth: 16, interlaced: true, data: data)
}

/// A zlib stream of `count` zeros: a literal, then copies of 258 or 3 bytes from distance 1, in a fixed Huffman block.
func deflatedZeros(_ count: Int) -> [UInt8] {
    var stream = BitStream([0x78, 0x9C])
    stream.put(0b011, 3)
    let literals = 1 + (count - 1) % 258
    for _ in 0..<literals { stream.put(0b0000_1100, 8) }  // literal 0, code 00110000, high bit first
    for _ in 0..<(count - literals) / 258 {
        stream.put(0b1010_0011, 8)  // length 258, symbol 285, code 11000101, high bit first
        stream.put(0, 5)  // distance 1
    }
    stream.put(0, 7)
    stream.flush()
    return stream.bytes + big32((count % 65_521) << 16 | 1)
}

private func frameHeader(_ marker: UInt8, _ width: Int, _ height: Int) -> [UInt8] {
    let size = [UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255)]
    return [0xFF, marker, 0, 17, 8] + size + [3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]
}

/// A JPEG without any picture data.
func jpegHeader(_ width: Int, _ height: Int) -> [UInt8] {
    let scan: [UInt8] = [0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0]
    return [0xFF, 0xD8] + frameHeader(0xC0, width, height) + scan + [1, 2, 3, 0xFF, 0xD9]
}

/// A grey progressive 4:4:4 JPEG with an EXIF orientation: every block's mean differs by zero from the last one's,
/// which a Huffman table with a single code says in one bit. libjpeg keeps all coefficients of such a file in memory.
/// `scans` repeats of an empty scan follow.
func greyJPEG(_ width: Int, _ height: Int, orientation: UInt8, scans: Int = 1) -> [UInt8] {
    let tiff =
        Array("Exif\0\0MM\0*\0\0\0\u{8}\0\u{1}".utf8) + [1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
    let exif = [0xFF, 0xE1, 0, UInt8(tiff.count + 2)] + tiff
    let quantizers: [UInt8] = [0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
    let codes: [UInt8] = [0, 1] + [UInt8](repeating: 0, count: 14)
    // DC: code 00 for a difference of 0. AC: code 00 for an end of band, of 2^14 and more blocks by its symbol.
    let dc: [UInt8] = [0xFF, 0xC4, 0, 20, 0x00] + codes + [0]
    let ac: [UInt8] = [0xFF, 0xC4, 0, 20, 0x10] + codes + [0xE0]
    let blocks = ((width + 7) / 8) * ((height + 7) / 8)
    let first: [UInt8] = [0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 0, 0]
    let means = [UInt8](repeating: 0, count: (blocks * 3 * 2 + 7) / 8)
    // One band scan: runs of 2^14 + 0 blocks, each 2 bits of code and 14 of length.
    let band: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0]
    let runs = [UInt8](repeating: 0, count: 2 * (blocks / 16_384 + 1))
    var file = [0xFF, 0xD8] + exif + quantizers + frameHeader(0xC2, width, height) + dc + ac + first + means
    for _ in 1..<max(1, scans) { file += band + runs }
    return file + [0xFF, 0xD9]
}

/// A WebP file whose canvas has the given size and hardly any data.
func webpHeader(_ width: Int, _ height: Int) -> [UInt8] {
    func three(_ value: Int) -> [UInt8] { (0..<3).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    let extended = Array("VP8X".utf8) + [10, 0, 0, 0, 0, 0, 0, 0] + three(width - 1) + three(height - 1)
    let stream = Array("VP8L".utf8) + [6, 0, 0, 0, 0x2F, 0xFF, 0xFF, 0xFF, 0x0F, 0]
    let body = Array("WEBP".utf8) + extended + stream
    return Array("RIFF".utf8) + [UInt8(body.count), 0, 0, 0] + body
}
