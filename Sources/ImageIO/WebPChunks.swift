// The chunks of a WebP file that describe the picture.

/// The ICC profile, EXIF and XMP of a WebP file. Source: RFC 9649.
struct WebPChunks {
    private(set) var icc: [UInt8]?
    private(set) var exif: EXIF?
    private(set) var xmp: String?
    /// Whether the file is shorter than its header says.
    let isCut: Bool

    /// Walks the chunks.
    init(_ bytes: [UInt8]) {
        isCut = (bytes.little32(4) ?? .max) > bytes.count - 8
        var i = 12
        while let length = bytes.little32(i + 4), i + 8 + length <= bytes.count {
            let body = (i + 8)..<(i + 8 + length)
            if bytes.has("ICCP", at: i), icc == nil {
                icc = Array(bytes[body])
            } else if bytes.has("EXIF", at: i), exif == nil {
                exif = EXIF(Array(bytes[body]))
            } else if bytes.has("XMP ", at: i), xmp == nil {
                xmp = String(decoding: bytes[body], as: UTF8.self)
            }
            i += 8 + length + length % 2
        }
    }
}
