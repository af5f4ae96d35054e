// Tells what a file is that is not a picture Masque reads.

internal import Errors

/// The words for what `bytes` are, such as "a GIF" or "a PDF document"; `nil` when that cannot be told.
package func describeContent(_ bytes: [UInt8]) -> String? {
    if bytes.isEmpty { return "empty" }
    if let box = describeBox(bytes) { return box }
    for (offset, signature, words) in signatures where bytes.count >= offset + signature.count {
        if bytes[offset...].starts(with: signature) { return words }
    }
    if bytes.has("RIFF", at: 0) {
        if bytes.has("AVI ", at: 8) { return "an AVI video" }
        if bytes.has("WAVE", at: 8) { return "a WAV sound" }
    }
    let head = bytes.prefix(4096)
    if head.allSatisfy({ $0 == 0 }) { return "nothing but zero bytes" }
    return describeText(head)
}

/// The error for a file that is none of the formats that are read.
func notAPicture(_ bytes: [UInt8], name: String) -> MasqueError {
    let advice = "Use a JPEG, PNG or WebP picture."
    guard let words = describeContent(bytes) else {
        return MasqueError(.unsupportedMedia, "\(name) is not a picture that Masque can read.", advice: advice)
    }
    if bytes.isEmpty { return MasqueError(.unsupportedMedia, "\(name) is empty.", advice: advice) }
    return MasqueError(.unsupportedMedia, "\(name) is \(words), not a picture that Masque can read.", advice: advice)
}

/// Files of the ISO base media family say what they are in their `ftyp` box.
private func describeBox(_ bytes: [UInt8]) -> String? {
    if bytes.has("moov", at: 4) || bytes.has("mdat", at: 4) || bytes.has("wide", at: 4) { return "a QuickTime video" }
    guard bytes.has("ftyp", at: 4), bytes.count >= 12 else { return nil }
    switch String(decoding: bytes[8..<12], as: UTF8.self) {
    case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1": return "a HEIC picture"
    case "avif", "avis": return "an AVIF picture"
    case "qt  ": return "a QuickTime video"
    case "M4A ", "M4B ": return "an M4A sound"
    case "crx ": return "a Canon raw picture"
    case let brand where brand.hasPrefix("3g"): return "a 3GP video"
    default: return "an MP4 video"
    }
}

private let signatures: [(Int, [UInt8], String)] = [
    (0, Array("GIF8".utf8), "a GIF"),
    (0, Array("%PDF".utf8), "a PDF document"),
    (0, [0x1A, 0x45, 0xDF, 0xA3], "a WebM or Matroska video"),
    (0, Array("II*\0".utf8), "a TIFF or camera raw picture"),
    (0, Array("MM\0*".utf8), "a TIFF or camera raw picture"),
    (0, Array("II+\0".utf8), "a TIFF picture"),
    (0, [0xFF, 0x0A], "a JPEG XL picture"),
    (0, [0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20], "a JPEG XL picture"),
    (0, [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20], "a JPEG 2000 picture"),
    (0, [0xFF, 0x4F, 0xFF, 0x51], "a JPEG 2000 picture"),
    (0, Array("BM".utf8), "a BMP picture"),
    (0, [0, 0, 1, 0], "an icon"),
    (0, Array("8BPS".utf8), "a Photoshop document"),
    (0, [0x76, 0x2F, 0x31, 0x01], "an OpenEXR picture"),
    (0, Array("qoif".utf8), "a QOI picture"),
    (0, Array("FLV".utf8), "an FLV video"),
    (0, [0, 0, 1, 0xBA], "an MPEG video"),
    (0, [0, 0, 1, 0xB3], "an MPEG video"),
    (0, [0x30, 0x26, 0xB2, 0x75], "a WMV video"),
    (0, Array("ID3".utf8), "an MP3 sound"),
    (0, [0xFF, 0xFB], "an MP3 sound"),
    (0, Array("OggS".utf8), "an Ogg sound or video"),
    (0, Array("fLaC".utf8), "a FLAC sound"),
    (0, Array("PK".utf8) + [3, 4], "a ZIP archive or office document"),
    (0, [0x1F, 0x8B], "a gzip archive"),
    (0, [0x37, 0x7A, 0xBC, 0xAF], "a 7z archive"),
    (0, Array("Rar!".utf8), "a RAR archive"),
    (0, [0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz archive"),
    (257, Array("ustar".utf8), "a tar archive"),
    (0, [0x7F, 0x45, 0x4C, 0x46], "a program"),
    (0, Array("MZ".utf8), "a program"),
]

/// Tells web pages, SVG drawings and plain text apart.
private func describeText(_ head: ArraySlice<UInt8>) -> String? {
    let isText = head.allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    guard isText else { return nil }
    let text = String(decoding: head, as: UTF8.self).lowercased()
    if text.contains("<svg") { return "an SVG drawing" }
    if text.contains("<html") || text.contains("<!doctype html") { return "a web page" }
    if text.contains("\u{FFFD}") { return nil }
    return "a text file"
}
