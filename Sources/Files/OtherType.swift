// Names what is neither picture nor video, so that whoever sent it sees the mistake; and which kind of sound it is.

/// The media type of a document, archive, sound or text by its first bytes; nil when it cannot be told.
package func otherMediaType(head: some Collection<UInt8>) -> String? {
    let bytes = Array(head.prefix(64))
    let known = signatures.first { signature, _ in bytes.starts(with: signature) }
    if let known { return known.type }
    if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WAVE".utf8) { return "audio/wav" }
    if bytes.starts(with: "FORM".utf8), bytes.dropFirst(8).starts(with: "AIF".utf8) { return "audio/aiff" }
    if bytes.dropFirst(4).starts(with: "ftypM4A".utf8) || bytes.dropFirst(4).starts(with: "ftypM4B".utf8) {
        return "audio/mp4"
    }
    if let type = frameHead(bytes) { return type }
    let isText = !bytes.isEmpty && bytes.allSatisfy { (0x20..<0x7F).contains($0) || [0x09, 0x0A, 0x0D].contains($0) }
    guard isText else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    if text.hasPrefix("<svg") || text.hasPrefix("<?xml") { return "image/svg+xml" }
    if text.hasPrefix("<html") || text.hasPrefix("<!doctype html") { return "text/html" }
    return "text/plain"
}

/// Bare frames of MPEG audio (ISO/IEC 11172-3) or ADTS (ISO/IEC 13818-7): twelve set bits, then version and layer.
private func frameHead(_ bytes: [UInt8]) -> String? {
    guard bytes.count >= 4, bytes[0] == 0xFF, bytes[1] & 0xE0 == 0xE0 else { return nil }
    if bytes[1] & 0xF6 == 0xF0 { return "audio/aac" }
    // No such version, layer, bit rate or sampling rate
    guard bytes[1] & 0x18 != 0x08, bytes[1] & 0x06 != 0, bytes[2] & 0xF0 != 0xF0, bytes[2] & 0x0C != 0x0C else {
        return nil
    }
    return "audio/mpeg"
}

private let signatures: [(bytes: [UInt8], type: String)] = [
    (Array("%PDF".utf8), "application/pdf"),
    (Array("PK\u{3}\u{4}".utf8), "application/zip"),
    ([0x1F, 0x8B], "application/gzip"),
    ([0x37, 0x7A, 0xBC, 0xAF], "application/x-7z-compressed"),
    (Array("Rar!".utf8), "application/vnd.rar"),
    (Array("8BPS".utf8), "image/vnd.adobe.photoshop"),
    ([0xFF, 0x0A], "image/jxl"),
    ([0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20], "image/jxl"),
    ([0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20], "image/jp2"),
    ([0x00, 0x00, 0x01, 0xBA], "video/mpeg"),
    ([0x00, 0x00, 0x01, 0xB3], "video/mpeg"),
    ([0x30, 0x26, 0xB2, 0x75], "video/x-ms-wmv"),
    (Array("FLV".utf8), "video/x-flv"),
    (Array("ID3".utf8), "audio/mpeg"),
    (Array("OggS".utf8), "audio/ogg"),
    (Array("fLaC".utf8), "audio/flac"),
]
