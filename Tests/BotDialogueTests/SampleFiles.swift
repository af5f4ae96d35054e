// What people send: the sample pictures, made up into what the conversations need.

import Foundation
import ImageIO
import MediaSamples
import Pixels
import Synchronization
import TelegramStandIn
import Testing

enum SampleFiles {
    /// `hopper`, `astronaut`: photos; `pair`: both beside each other; `clip`: a second of a face; `wall`: a photo
    /// without a face; `film`: the clip again and again, for minutes of work (made at its first use, so not between the
    /// parts of an album); `heic`, `voice`, `text`, `sticker`, `long`, `huge`.
    static func file(_ name: String, as kind: String?) throws -> SentFile {
        switch name {
        case "hopper":
            return photo(try bytes("hopper") { try read("grace_hopper.jpg") }, kind, "hopper.jpg", "image/jpeg")
        case "astronaut":
            return photo(try bytes("astronaut") { try read("astronaut.png") }, kind, "astronaut.png", "image/png")
        case "pair": return photo(try bytes("pair", pair), kind, "pair.jpg", "image/jpeg")
        case "wall": return photo(try bytes("wall", wall), kind, "wall.png", "image/png")
        case "clip":
            var file = SentFile(
                kind ?? "video", try bytes("clip") { try clip() }, name: "clip.mp4", type: "video/mp4")
            (file.width, file.height, file.duration) = (320, 320, 1)
            return file
        case "film":
            var file = SentFile(
                kind ?? "video", try bytes("film") { try film() }, name: "film.mp4", type: "video/mp4")
            (file.width, file.height, file.duration) = (320, 320, 110)
            return file
        case "heic":
            let head: [UInt8] = [0, 0, 0, 24] + Array("ftypheic".utf8) + [0, 0, 0, 0] + Array("mif1heic".utf8)
            return SentFile("document", head, name: "IMG_1.HEIC", type: "image/heic")
        case "voice": return SentFile("voice", Array("OggS".utf8), type: "audio/ogg")
        case "text": return SentFile("document", Array("hello".utf8), name: "notes.txt", type: "text/plain")
        case "broken":
            return photo(
                Array(try bytes("hopper") { try read("grace_hopper.jpg") }.prefix(3000)), kind, "broken.jpg",
                "image/jpeg")
        case "tgs":
            var file = SentFile("sticker", [1, 2, 3])
            file.isAnimated = true
            return file
        case "sticker":
            var file = SentFile("sticker", try bytes("hopper-webp", webp))
            (file.width, file.height) = (512, 512)
            return file
        case "long":
            var file = SentFile("video", [0], name: "long.mp4", type: "video/mp4")
            file.duration = 600
            return file
        case "huge":
            var file = SentFile("video", [0], name: "huge.mp4", type: "video/mp4")
            file.claimedSize = 45_000_000
            return file
        default: throw ChatLab.ScriptFailure(words: "There is no file \(name).")
        }
    }

    private static func photo(_ bytes: [UInt8], _ kind: String?, _ name: String, _ type: String) -> SentFile {
        let kind = kind ?? "photo"
        return SentFile(kind, bytes, name: kind == "document" ? name : nil, type: kind == "document" ? type : nil)
    }

    private static let made = Mutex<[String: [UInt8]]>([:])

    private static func bytes(_ name: String, _ make: () throws -> [UInt8]) throws -> [UInt8] {
        if let bytes = made.withLock({ $0[name] }) { return bytes }
        let bytes = try make()
        made.withLock { $0[name] = bytes }
        return bytes
    }

    private static func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: Samples.path(name))))
    }

    private static func picture(_ name: String) throws -> Picture { try decodePicture(at: Samples.path(name)).0 }

    /// A square part of a picture.
    private static func part(_ name: String, x: Float, y: Float, side: Float, _ size: Int) throws -> [UInt8] {
        let whole = try picture(name)
        let view = Affine(a: side / Float(size), b: 0, tx: x, c: 0, d: side / Float(size), ty: y)
        let crop = whole.sample(view, width: size, height: size)
        var bytes = [UInt8](repeating: 0, count: 3 * size * size)
        let count = size * size
        for i in 0..<count {
            for channel in 0..<3 {
                let value: Float = crop.values[channel * count + i].rounded()
                bytes[3 * i + channel] = UInt8(max(0, min(255, value)))
            }
        }
        return bytes
    }

    /// Both people beside each other.
    private static func pair() throws -> [UInt8] {
        let size = 480
        let (a, b) = (
            try part("grace_hopper.jpg", x: 90, y: 60, side: 340, size),
            try part("astronaut.png", x: 120, y: 10, side: 220, size)
        )
        var bytes: [UInt8] = []
        let stride = 3 * size
        for row in 0..<size {
            let part = (row * stride)..<((row + 1) * stride)
            bytes += a[part]
            bytes += b[part]
        }
        return try written(Picture(width: 2 * size, height: size, channels: 3, bytes: bytes), "jpg")
    }

    private static func wall() throws -> [UInt8] {
        var bytes: [UInt8] = []
        for i in 0..<200 * 200 {
            let stripe = UInt8((i / 20) % 2 * 40)
            bytes += [120 + stripe, 120, 110]
        }
        return try written(Picture(width: 200, height: 200, channels: 3, bytes: bytes), "png")
    }

    private static func webp() throws -> [UInt8] { try written(try picture("astronaut.png"), "webp") }

    private static func written(_ picture: Picture, _ suffix: String) throws -> [UInt8] {
        let file = NSTemporaryDirectory() + "masque-\(UUID().uuidString).\(suffix)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try writePicture(picture, to: file, options: ImageIO.EncodeOptions(quality: 90), overwrite: true)
        return Array(try Data(contentsOf: URL(fileURLWithPath: file)))
    }

    /// A second of the astronaut, who moves a little.
    private static func clip() throws -> [UInt8] {
        let file = NSTemporaryDirectory() + "masque-\(UUID().uuidString).mp4"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Samples.writeMovie(to: file, frames: 25)
        return Array(try Data(contentsOf: URL(fileURLWithPath: file)))
    }

    /// 110 seconds of 60 frames each: a second of the astronaut over and over.
    private static func film() throws -> [UInt8] {
        let folder = NSTemporaryDirectory() + "masque-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Samples.writeMovie(to: folder + "/slow.mp4", frames: 60)
        // Small enough for Telegram.
        try ffmpeg(["-r", "60", "-i", folder + "/slow.mp4", "-crf", "32", folder + "/second.mp4"])
        try ffmpeg(["-stream_loop", "109", "-i", folder + "/second.mp4", "-c", "copy", folder + "/film.mp4"])
        return Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/film.mp4")))
    }

    private static func ffmpeg(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffmpeg", "-v", "error"] + arguments
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
