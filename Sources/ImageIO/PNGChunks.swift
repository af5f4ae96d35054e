// The chunks of a PNG that are read without libpng.

/// The size in a PNG's header, its XMP and its EXIF. Source: PNG (Third Edition), 5.3 and 11.3.3.4; XMP part 3, 1.1.5.
struct PNGChunks {
    let width: Int
    let height: Int
    /// The packet of an uncompressed `iTXt` chunk, as the XMP specification asks for.
    private(set) var xmp: String?
    /// From the `eXIf` chunk, which may come behind the picture data, where libpng has not looked yet.
    private(set) var exif: EXIF?

    static let xmpKeyword = "XML:com.adobe.xmp"

    /// Walks the chunks; `nil` when the header is missing.
    init?(_ bytes: [UInt8]) {
        guard bytes.has("IHDR", at: 12), let width = bytes.big32(16), let height = bytes.big32(20) else { return nil }
        self.width = width
        self.height = height
        let opening = Array((Self.xmpKeyword + "\0\0\0").utf8)
        var i = 8
        while let length = bytes.big32(i), i + 12 + length <= bytes.count {
            let body = bytes[(i + 8)..<(i + 8 + length)]
            if bytes.has("eXIf", at: i + 4), exif == nil {
                exif = EXIF(Array(body))
            } else if bytes.has("iTXt", at: i + 4), xmp == nil {
                // Keyword, 0, compression flag, method; then language, 0, translated keyword, 0, text.
                if body.starts(with: opening) {
                    let rest = body.dropFirst(opening.count).split(
                        separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
                    if rest.count == 3 { xmp = String(decoding: rest[2], as: UTF8.self) }
                }
            }
            i += 12 + length
        }
    }
}
