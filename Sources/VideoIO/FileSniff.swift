// Says in plain words why a file is not a video.

internal import CFFmpeg
internal import Errors
internal import Foundation

enum FileSniff {
    /// Refuses what is not a plain file with something in it.
    ///
    /// - Throws: ``MasqueError/Code/badInput`` when it is not there, a folder or unreadable,
    ///   ``MasqueError/Code/unsupportedMedia`` when it is empty.
    static func checkPlainFile(_ path: String) throws(MasqueError) {
        let name = (path as NSString).lastPathComponent
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        guard unsafe manager.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw MasqueError(.badInput, "There is no file “\(path)”.")
        }
        if isFolder.boolValue { throw MasqueError(.badInput, "“\(path)” is a folder, not a video.") }
        let real = (path as NSString).resolvingSymlinksInPath
        guard let attributes = try? manager.attributesOfItem(atPath: real),
            attributes[.type] as? FileAttributeType == .typeRegular
        else { throw MasqueError(.badInput, "“\(path)” is not a plain file.") }
        guard manager.isReadableFile(atPath: path) else {
            throw MasqueError(.badInput, "“\(path)” may not be read by this user.")
        }
        if attributes[.size] as? Int == 0 {
            throw MasqueError(.unsupportedMedia, "“\(name)” is empty: it has no bytes.")
        }
    }

    /// What a file's first bytes say it is, if they say it.
    static func kind(_ head: [UInt8]) -> String? {
        func starts(_ text: String, at offset: Int = 0) -> Bool {
            head.count >= offset + text.utf8.count && head[offset...].starts(with: Array(text.utf8))
        }
        if head.starts(with: [0xFF, 0xD8, 0xFF]) { return "a JPEG picture" }
        if head.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "a PNG picture" }
        if starts("RIFF"), starts("WEBP", at: 8) { return "a WebP picture" }
        if starts("ftyp", at: 4), starts("heic", at: 8) || starts("mif1", at: 8) || starts("avif", at: 8) {
            return "a HEIF or AVIF picture"
        }
        if starts("BM") { return "a BMP picture" }
        if head.starts(with: [0x49, 0x49, 0x2A, 0]) || head.starts(with: [0x4D, 0x4D, 0, 0x2A]) {
            return "a TIFF picture"
        }
        if starts("%PDF") { return "a PDF document" }
        if head.starts(with: [0x50, 0x4B, 3, 4]) { return "a ZIP archive" }
        if head.starts(with: [0x1F, 0x8B]) { return "a gzip archive" }
        if starts("#EXTM3U") { return "a playlist" }
        if starts("<!DOCTYPE") || starts("<html") { return "a web page" }
        if head.count > 16, head.allSatisfy({ $0 == 9 || $0 == 10 || $0 == 13 || ($0 >= 32 && $0 < 127) }) {
            return "a text"
        }
        return nil
    }

    /// The error for a file that FFmpeg would not open, in the words for a recording when that was asked for.
    static func refusal(_ path: String, isSound: Bool = false, cause: LibAVError) -> MasqueError {
        let name = (path as NSString).lastPathComponent
        var head: [UInt8] = []
        if let file = FileHandle(forReadingAtPath: path) {
            head = (try? file.read(upToCount: 256)).flatMap { $0 }.map { Array($0) } ?? []
            try? file.close()
        }
        if let kind = kind(head) {
            return MasqueError(
                .unsupportedMedia, "“\(name)” is \(kind), not a video.",
                advice: "Give a video: mp4, mov, webm, mkv or gif.", cause: cause)
        }
        if head.count >= 8, head[4..<8].elementsEqual("ftyp".utf8) {
            return MasqueError(
                .unsupportedMedia,
                "“\(name)” is cut off or damaged: the index that an MP4 or MOV file needs is missing.",
                advice: "Copy or record it again.", cause: cause)
        }
        if isSound {
            return MasqueError(
                .unsupportedMedia, "“\(name)” is not a recording that Masque can read, or it is damaged.",
                advice: "Give a recording, or a video with sound.", cause: cause)
        }
        return MasqueError(
            .unsupportedMedia, "“\(name)” is not a video that Masque can read, or it is damaged.",
            advice: "Give a video: mp4, mov, webm, mkv or gif.", cause: cause)
    }
}
