// Tells what a file is from its first bytes, whatever its name or Content-Type says.

/// A kind of picture or video, known by its magic number. What is accepted stays with the caller.
package enum SniffedType: String, CaseIterable, Hashable, Sendable {
    case jpeg, png, webp, gif, bmp, tiff, heic, avif, mp4, mov, webm, mkv, avi

    /// The media type (IANA, or what browsers use).
    package var mediaType: String {
        switch self {
        case .jpeg: "image/jpeg"
        case .png: "image/png"
        case .webp: "image/webp"
        case .gif: "image/gif"
        case .bmp: "image/bmp"
        case .tiff: "image/tiff"
        case .heic: "image/heic"
        case .avif: "image/avif"
        case .mp4: "video/mp4"
        case .mov: "video/quicktime"
        case .webm: "video/webm"
        case .mkv: "video/x-matroska"
        case .avi: "video/x-msvideo"
        }
    }

    /// The usual file extension, without the dot.
    package var fileExtension: String { self == .jpeg ? "jpg" : rawValue }

    /// Whether the file has frames and a length. GIF counts as a picture.
    package var isVideo: Bool {
        switch self {
        case .mp4, .mov, .webm, .mkv, .avi: true
        default: false
        }
    }
}

/// What the bytes at the start of a file say that it is, or nil. 64 bytes are enough; fewer may not be.
package func sniff(head: some Collection<UInt8>) -> SniffedType? {
    let bytes = Array(head.prefix(64))
    func starts(_ text: String, at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: text.utf8) }
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
    if starts("GIF87a") || starts("GIF89a") { return .gif }
    if starts("RIFF") { return starts("WEBP", at: 8) ? .webp : starts("AVI ", at: 8) ? .avi : nil }
    if bytes.starts(with: [0x49, 0x49, 0x2A, 0x00]) || bytes.starts(with: [0x4D, 0x4D, 0x00, 0x2A]) { return .tiff }
    // "BM", then the file's size, then two reserved words that are zero, then the header's size
    if starts("BM"), bytes.count >= 18, bytes[6..<10].allSatisfy({ $0 == 0 }),
        [12, 40, 52, 56, 64, 108, 124].contains(bytes[14])
    {
        return .bmp
    }
    if bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return matroska(bytes) }
    if starts("ftyp", at: 4) { return isoBrand(bytes) }
    // QuickTime files from before ftyp existed start with one of these boxes
    for box in ["moov", "mdat", "wide", "free", "skip", "pnot"] where starts(box, at: 4) && bytes[0] == 0 {
        return .mov
    }
    return nil
}

/// WebM or Matroska: the DocType element (0x4282) in the EBML head.
private func matroska(_ bytes: [UInt8]) -> SniffedType? {
    guard let at = bytes.indices.dropLast(2).first(where: { bytes[$0] == 0x42 && bytes[$0 + 1] == 0x82 }) else {
        return nil
    }
    let type = bytes.dropFirst(at + 3)
    if type.starts(with: "webm".utf8) { return .webm }
    return type.starts(with: "matroska".utf8) ? .mkv : nil
}

/// Which file an `ftyp` box announces (ISO/IEC 14496-12): the major brand, or the first compatible one that is known.
private func isoBrand(_ bytes: [UInt8]) -> SniffedType? {
    let length = min(bytes.count, Int(bytes[2]) << 8 | Int(bytes[3]))
    // Major brand at 8, its version at 12, compatible brands from 16
    let offsets = [8] + Array(stride(from: 16, through: length - 4, by: 4))
    for offset in offsets where offset + 4 <= bytes.count {
        let brand = String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
        switch brand {
        case "avif", "avis": return .avif
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs": return .heic
        case "qt  ": return .mov
        case "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9", "mp41", "mp42", "mp71", "avc1",
            "M4V ", "M4VH", "M4VP", "MSNV", "dash", "mmp4", "f4v ", "3gp4", "3gp5", "3gp6", "3g2a", "XAVC":
            return .mp4
        default: continue
        }
    }
    return nil
}
