// Whatever is not a whole picture gets a sentence, quickly and with little memory.

import Errors
import Foundation
import ImageIO
import Pixels
import Testing

@Suite struct BadInputTests {
    @Test(arguments: [
        ("GIF89a\u{1}\u{1}", "a GIF"), ("%PDF-1.7 ...", "a PDF document"), ("BM1234567890", "a BMP picture"),
        ("\0\0\0\u{18}ftypheic\0\0\0\0", "a HEIC picture"), ("\0\0\0\u{18}ftypavif\0\0\0\0", "an AVIF picture"),
        ("\0\0\0\u{18}ftypisom\0\0\0\0", "an MP4 video"), ("\0\0\0\u{18}ftypqt  \0\0\0\0", "a QuickTime video"),
        ("II*\0abcd", "a TIFF or camera raw picture"), ("RIFF\0\0\0\0AVI LIST", "an AVI video"),
        ("PK\u{3}\u{4}zip", "a ZIP archive or office document"),
        ("<!DOCTYPE html><html>", "a web page"), ("<?xml?><svg>", "an SVG drawing"), ("hello there", "a text file"),
        ("\0\0\0\0\0\0", "nothing but zero bytes"),
    ])
    func `a file that is no picture is called what it is`(content: String, words: String) {
        let error = masqueError { _ = try decodePicture(Array(content.utf8), name: "photo.jpg") }
        #expect(error?.code == .unsupportedMedia)
        #expect(error?.message == "photo.jpg is \(words), not a picture that Masque can read.")
    }

    @Test func `an empty file is called empty`() throws {
        #expect(masqueError { _ = try decodePicture([], name: "photo.jpg") }?.message == "photo.jpg is empty.")
    }

    @Test(arguments: [
        "baseline.jpg", "progressive.jpg", "cmyk.jpg", "rgb16.png", "interlaced.png", "palette.png", "lossless.webp",
        "lossy.webp", "rgba.webp", "animated.webp", "profile.webp",
    ])
    func `a picture cut anywhere is refused with a sentence`(name: String) throws {
        let whole = try fixture(name)
        // A JPEG whose end marker alone is missing is whole enough; so may be the padding after its last block.
        let last = name.hasSuffix(".jpg") ? whole.count - 6 : whole.count - 1
        for count in 1..<last {
            let error = masqueError { _ = try decodePicture(Array(whole.prefix(count)), name: name) }
            #expect(error?.code == .unsupportedMedia, "cut to \(count) of \(whole.count) bytes")
            #expect(error?.message.hasPrefix(name) == true)
        }
        let half = masqueError { _ = try decodePicture(Array(whole.prefix(whole.count * 3 / 4)), name: name) }
        #expect(half?.message.contains("cut short") == true, "\(half?.message ?? "")")
    }

    @Test(arguments: PictureFormat.allCases)
    func `a larger picture cut anywhere is refused, also when it is padded with zeros again`(
        format: PictureFormat
    ) throws {
        var picture = testPicture(width: 640, height: 480)
        var random = SeededGenerator(state: 3)
        for i in picture.bytes.indices { picture.bytes[i] ^= UInt8.random(in: 0..<32, using: &random) }
        let whole = try encodePicture(picture, as: format)
        _ = try decodePicture(whole, name: "a")
        for part in 1..<40 {
            let cut = Array(whole.prefix(whole.count * part / 40))
            #expect(masqueError { _ = try decodePicture(cut, name: "a") }?.code == .unsupportedMedia, "\(part) of 40")
            // What a lossy WebP decodes from zeros cannot be told from a picture.
            guard format != .webp else { continue }
            let padded = cut + [UInt8](repeating: 0, count: whole.count - cut.count)
            #expect(masqueError { _ = try decodePicture(padded, name: "a") } != nil, "\(part) of 40, padded")
        }
    }

    @Test func `a decompression bomb is refused from its header, at once and with little memory`() async {
        // In a process of its own, as the peak of memory counts for a whole process.
        await #expect(processExitsWith: .success) {
            let before = memory("VmHWM")
            let time = ContinuousClock().measure {
                for bytes in [pngHeader(60_000, 60_000), jpegHeader(65_500, 65_500), webpHeader(16_384, 16_384)] {
                    let error = masqueError { _ = try decodePicture(bytes, name: "bomb") }
                    #expect(error?.code == .tooLarge)
                    #expect(error?.message.contains("50 megapixels") == true)
                }
                let long = masqueError { _ = try decodePicture(pngHeader(1_000_000, 2), name: "long") }
                #expect(long?.code == .tooLarge)
                let none = masqueError { _ = try decodePicture(pngHeader(0, 5), name: "none") }
                #expect(none?.code == .unsupportedMedia)
                let most = masqueError { _ = try decodePicture(pngHeader(0xFFFF_FFFF, 0xFFFF_FFFF), name: "most") }
                #expect(most?.code == .tooLarge)
            }
            #expect(time < .milliseconds(500))
            #expect(memory("VmHWM") - before < 20_000_000)
        }
    }

    @Test func `a JPEG of endless scans is given up`() throws {
        let file = greyJPEG(4000, 3000, orientation: 1, scans: 3000)
        let start = ContinuousClock.now
        #expect(masqueError { _ = try decodePicture(file, name: "a") }?.code == .unsupportedMedia)
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func `limits can be set`() throws {
        let bytes = try fixture("rgb.png")
        let small = PictureLimits(maxPixels: 24 * 18 - 1)
        #expect(masqueError { _ = try decodePicture(bytes, name: "a", limits: small) }?.code == .tooLarge)
        let narrow = PictureLimits(maxSide: 23)
        #expect(masqueError { _ = try decodePicture(bytes, name: "a", limits: narrow) }?.code == .tooLarge)
        let short = PictureLimits(maxBytes: bytes.count - 1)
        #expect(masqueError { _ = try decodePicture(bytes, name: "a", limits: short) }?.code == .tooLarge)
        _ = try decodePicture(bytes, name: "a", limits: PictureLimits(maxPixels: 24 * 18, maxSide: 24))
    }

    @Test func `a profile that unpacks to a flood is left out`() throws {
        // 40 MB of zeros as a compressed profile of some 40 kB, in front of an ordinary picture.
        let picture = try fixture("rgb.png")
        let bomb = try fixture("rgb.png").prefix(33) + pngChunk("iCCP", Array("x\0\0".utf8) + deflatedZeros(40_000_000))
        let (decoded, metadata) = try decodePicture(Array(bomb + picture.dropFirst(33)), name: "a")
        #expect(decoded.width == 24)
        #expect(metadata.iccProfile == nil)
    }

    @Test func `odd JPEGs are refused by what they are`() throws {
        var twelve = jpegHeader(64, 64)
        twelve[6] = 12
        #expect(masqueError { _ = try decodePicture(twelve, name: "a") }?.message.contains("12-bit") == true)
        var lossless = jpegHeader(64, 64)
        lossless[3] = 0xC3
        #expect(masqueError { _ = try decodePicture(lossless, name: "a") }?.message.contains("lossless") == true)
    }

    @Test func `folders, missing files, devices and pipes are refused with a sentence`() throws {
        let folder = try TemporaryFolder()
        #expect(masqueError { _ = try decodePicture(at: folder.url.path) }?.message.contains("folder") == true)
        #expect(masqueError { _ = try decodePicture(at: folder.path("none.jpg")) }?.code == .badInput)
        #expect(masqueError { _ = try decodePicture(at: "/dev/zero") }?.code == .badInput)
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(masqueError { _ = try decodePicture(at: pipe) }?.code == .badInput)
    }
}

/// A line of /proc/self/status, in bytes.
func memory(_ key: String) -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix(key) } ?? ""
    return (line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) * 1024
}
