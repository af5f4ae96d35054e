// How Telegram takes a result: as a photo, a video or a file.

internal import Files
internal import Foundation

/// A file that is to be sent.
struct SendableResult: Sendable, Equatable {
    var path: String
    var name: String
    var mediaType: String
    var byteCount: Int64
    var width: Int
    var height: Int
    /// Seconds.
    var duration: Double?
    /// Whether it was made smaller than the job's result.
    var isSmaller = false
}

enum ResultForm: Sendable, Equatable {
    case photo, video, document

    /// The best form.
    /// - Throws: ``Errors/MasqueError`` when the file cannot be read.
    init(_ file: SendableResult, photoLimit: Int, isFile: Bool) throws {
        if isFile {
            self = .document
        } else if file.mediaType == "video/mp4" {
            self = .video
        } else if file.mediaType.hasPrefix("image/"),
            Self.isPhoto(file, photoLimit), try !Self.hasTransparency(readHead(of: file.path, count: 4_096))
        {
            self = .photo
        } else {
            self = .document
        }
    }

    /// Whether Telegram takes a picture as a photo: JPEG, PNG or WebP, sides that sum to at most 10,000 pixels, at most
    /// 20 to 1.
    private static func isPhoto(_ file: SendableResult, _ limit: Int) -> Bool {
        let (long, short) = (max(file.width, file.height), min(file.width, file.height))
        return ["image/jpeg", "image/png", "image/webp"].contains(file.mediaType) && file.byteCount <= Int64(limit)
            && short > 0 && long + short <= 10_000 && long <= 20 * short
    }

    /// Whether a PNG (its colour type, or a tRNS chunk before the pixels; PNG specification 11.2.1 and 11.3.1) or WebP
    /// (RFC 9649, 2.7: the alpha flag of VP8X or VP8L) has transparency, which photos lose.
    static func hasTransparency(_ head: [UInt8]) -> Bool {
        if head.starts(with: [0x89, 0x50, 0x4e, 0x47]), head.count > 25 {
            if head[25] == 4 || head[25] == 6 { return true }
            var at = 8
            while at + 8 <= head.count {
                let length = head[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
                let type = String(decoding: head[(at + 4)..<(at + 8)], as: UTF8.self)
                if type == "tRNS" { return true }
                if type == "IDAT" { return false }
                at += 12 + length
            }
            return false
        }
        guard head.count > 24, head.starts(with: Array("RIFF".utf8)),
            head[8..<12].elementsEqual(Array("WEBP".utf8))
        else { return false }
        switch String(decoding: head[12..<16], as: UTF8.self) {
        case "VP8X": return head[20] & 0x10 != 0
        case "VP8L": return head[24] & 0x10 != 0
        default: return false
        }
    }
}
