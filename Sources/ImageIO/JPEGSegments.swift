// The marker segments in front of a JPEG's picture data.

/// What a JPEG's segments say. Source: ITU-T T.81 Annex B; ICC.1:2022 B.4; XMP part 3, 1.1.3.
struct JPEGSegments {
    /// The marker of the frame header (0xC0 baseline, 0xC2 progressive …); `nil` when there is none.
    var frame: UInt8?
    /// Bits per sample.
    var precision = 8
    var width = 0
    var height = 0
    var components = 0
    /// Whether the bytes ended within the segments.
    var isCut = false
    var exif: EXIF?
    var xmp: String?
    /// Dots per inch, as JFIF says.
    var dpi: Int?
    /// The profile, joined from its parts; `nil` when a part is missing.
    var icc: [UInt8]?

    static let xmpName = "http://ns.adobe.com/xap/1.0/\0"
    private static let iccName = "ICC_PROFILE\0"

    /// Walks the segments up to the first scan.
    init(_ bytes: [UInt8]) {
        var parts: [Int: Range<Int>] = [:]
        var expected = 0
        var i = 2
        while true {
            // Sloppy writers leave bytes between segments; libjpeg skips them and so does this.
            while i < bytes.count, bytes[i] != 0xFF { i += 1 }
            while i < bytes.count, bytes[i] == 0xFF { i += 1 }
            guard i < bytes.count else {
                isCut = true
                break
            }
            let marker = bytes[i]
            i += 1
            if marker == 0xDA || marker == 0xD9 { break }
            if marker == 0 || marker == 0x01 || (0xD0...0xD8).contains(marker) { continue }
            guard let length = bytes.big16(i), length >= 2, i + length <= bytes.count else {
                isCut = true
                break
            }
            let body = (i + 2)..<(i + length)
            switch marker {
            case 0xC0...0xCF where marker != 0xC4 && marker != 0xC8 && marker != 0xCC: readFrame(marker, bytes, body)
            case 0xE0 where bytes.has("JFIF\0", at: body.lowerBound): readJFIF(bytes, body)
            case 0xE1 where bytes.has("Exif\0\0", at: body.lowerBound):
                if exif == nil { exif = EXIF(Array(bytes[body])) }
            case 0xE1 where body.count > Self.xmpName.utf8.count && bytes.has(Self.xmpName, at: body.lowerBound):
                if xmp == nil {
                    xmp = String(decoding: bytes[body].dropFirst(Self.xmpName.utf8.count), as: UTF8.self)
                }
            case 0xE2 where body.count > 14 && bytes.has(Self.iccName, at: body.lowerBound):
                expected = Int(bytes[body.lowerBound + 13])
                parts[Int(bytes[body.lowerBound + 12])] = (body.lowerBound + 14)..<body.upperBound
            default: break
            }
            i += length
        }
        guard expected > 0, parts.count == expected else { return }
        let ordered = (1...expected).compactMap { parts[$0] }
        if ordered.count == expected { icc = ordered.flatMap { bytes[$0] } }
    }

    private mutating func readFrame(_ marker: UInt8, _ bytes: [UInt8], _ body: Range<Int>) {
        guard frame == nil, body.count >= 6 else { return }
        frame = marker
        precision = Int(bytes[body.lowerBound])
        height = bytes.big16(body.lowerBound + 1) ?? 0
        width = bytes.big16(body.lowerBound + 3) ?? 0
        components = Int(bytes[body.lowerBound + 5])
    }

    private mutating func readJFIF(_ bytes: [UInt8], _ body: Range<Int>) {
        guard body.count >= 12, let density = bytes.big16(body.lowerBound + 8), density > 1 else { return }
        switch bytes[body.lowerBound + 7] {
        case 1: dpi = density
        case 2: dpi = Int((Double(density) * 2.54).rounded())
        default: break
        }
    }
}
