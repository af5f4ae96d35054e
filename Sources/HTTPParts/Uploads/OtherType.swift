// Names what is neither picture nor video, so that whoever sent it sees the mistake.

/// The media type of a document, archive, sound or text by its first bytes; nil when it cannot be told. Nothing of this is
/// ever accepted.
package func otherMediaType(head: some Collection<UInt8>) -> String? {
    let bytes = Array(head.prefix(64))
    let known = signatures.first { signature, _ in bytes.starts(with: signature) }
    if let known { return known.type }
    let isText = !bytes.isEmpty && bytes.allSatisfy { (0x20..<0x7F).contains($0) || [0x09, 0x0A, 0x0D].contains($0) }
    guard isText else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    if text.hasPrefix("<svg") || text.hasPrefix("<?xml") { return "image/svg+xml" }
    if text.hasPrefix("<html") || text.hasPrefix("<!doctype html") { return "text/html" }
    return "text/plain"
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
