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

    @Test func `a decompression bomb is refused from its header`() throws {
        let clock = ContinuousClock()
        let before = memoryPeak()
        let time = clock.measure {
            for bytes in [pngHeader(60_000, 60_000), jpegHeader(65_500, 65_500), webpHeader(16_384, 16_384)] {
                let error = masqueError { _ = try decodePicture(bytes, name: "bomb") }
                #expect(error?.code == .tooLarge)
                #expect(error?.message.contains("50 megapixels") == true)
            }
            let long = masqueError { _ = try decodePicture(pngHeader(1_000_000, 2), name: "long") }
            #expect(long?.code == .tooLarge)
            #expect(masqueError { _ = try decodePicture(pngHeader(0, 5), name: "none") }?.code == .unsupportedMedia)
            let most = masqueError { _ = try decodePicture(pngHeader(0xFFFF_FFFF, 0xFFFF_FFFF), name: "most") }
            #expect(most?.code == .tooLarge)
        }
        #expect(time < .milliseconds(500))
        #expect(memoryPeak() - before < 20_000_000)
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
        let bomb = try fixture("rgb.png").prefix(33) + pngChunk("iCCP", Array("x\0\0".utf8) + deflatedZeros())
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

/// The largest resident size of this process so far, in bytes.
func memoryPeak() -> Int { memory("VmHWM") }

/// A line of /proc/self/status, in bytes.
func memory(_ key: String) -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix(key) } ?? ""
    return (line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) * 1024
}

private func big32(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

private func pngChunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    let content = Array(name.utf8) + body
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in content {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return big32(body.count) + content + big32(Int(~crc))
}

private func pngHeader(_ width: Int, _ height: Int) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        + pngChunk("IHDR", big32(width) + big32(height) + [8, 2, 0, 0, 0])
        + pngChunk("IDAT", [0x78, 0x9C, 0x63, 0, 0, 0, 1, 0, 1]) + pngChunk("IEND", [])
}

private func jpegHeader(_ width: Int, _ height: Int) -> [UInt8] {
    let size = [UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255)]
    let frame: [UInt8] = [0xFF, 0xC0, 0, 17, 8] + size + [3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]
    return [0xFF, 0xD8] + frame + [0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0, 1, 2, 3, 0xFF, 0xD9]
}

private func webpHeader(_ width: Int, _ height: Int) -> [UInt8] {
    func three(_ value: Int) -> [UInt8] { (0..<3).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    let extended = Array("VP8X".utf8) + [10, 0, 0, 0, 0, 0, 0, 0] + three(width - 1) + three(height - 1)
    let stream = Array("VP8L".utf8) + [6, 0, 0, 0, 0x2F, 0xFF, 0xFF, 0xFF, 0x0F, 0]
    let body = Array("WEBP".utf8) + extended + stream
    return Array("RIFF".utf8) + [UInt8(body.count), 0, 0, 0] + body
}

/// A zlib stream of 40 MB of zeros: one literal and copies of 258 bytes from distance 1, in a fixed Huffman block.
private func deflatedZeros() -> [UInt8] {
    var out: [UInt8] = [0x78, 0x9C], bits: UInt32 = 0, count: UInt32 = 0
    func put(_ value: UInt32, _ length: UInt32) {
        bits |= value << count
        count += length
        while count >= 8 {
            out.append(UInt8(bits & 255))
            bits >>= 8
            count -= 8
        }
    }
    put(1, 1)
    put(1, 2)
    put(0b0000_1100, 8)  // literal 0, code 00110000, high bit first
    for _ in 0..<(40_000_000 / 258) {
        put(0b1010_0011, 8)  // length 258, symbol 285, code 11000101, high bit first
        put(0, 5)  // distance 1
    }
    put(0, 7)
    put(0, 8)
    return out
}
