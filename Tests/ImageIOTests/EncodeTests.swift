// Pictures survive being written and read again.

import Errors
import Files
import Foundation
import ImageIO
import Pixels
import Testing

@Suite struct EncodeTests {
    @Test(arguments: [1, 2, 7, 16, 97, 130], [3, 4])
    func `PNG and lossless WebP give back every byte`(width: Int, channels: Int) throws {
        let picture = testPicture(width: width, height: 61, channels: channels)
        for format in [PictureFormat.png, .webp] {
            let bytes = try encodePicture(picture, as: format, options: EncodeOptions(lossless: true))
            let back = try decodePicture(bytes, name: "a").picture
            #expect(back.width == width && back.height == 61)
            #expect(back.channels == channels)
            #expect(back.bytes == picture.bytes)
        }
    }

    @Test(arguments: [(PictureFormat.jpeg, 92, 38.0), (.jpeg, 80, 32.0), (.webp, 92, 32.0), (.webp, 80, 31.0)])
    func `lossy pictures stay near the original`(format: PictureFormat, quality: Int, threshold: Double) throws {
        let picture = testPicture(width: 320, height: 240)
        let bytes = try encodePicture(picture, as: format, options: EncodeOptions(quality: quality))
        #expect(PictureFormat(sniffing: bytes) == format)
        #expect(psnr(try decodePicture(bytes, name: "a").picture.bytes, picture.bytes) > threshold)
    }

    @Test(arguments: [PictureFormat.jpeg, .webp])
    func `more quality gives more bytes and less error`(format: PictureFormat) throws {
        let picture = testPicture(width: 320, height: 240)
        let results = try [0, 30, 60, 90, 100].map { quality in
            let bytes = try encodePicture(picture, as: format, options: EncodeOptions(quality: quality))
            return (bytes.count, psnr(try decodePicture(bytes, name: "a").picture.bytes, picture.bytes))
        }
        for (worse, better) in zip(results, results.dropFirst()) {
            #expect(worse.0 < better.0)
            #expect(worse.1 < better.1)
        }
    }

    @Test func `JPEG keeps colour at full resolution from quality 90 on`() throws {
        func sampling(_ quality: Int) throws -> UInt8 {
            let bytes = try encodePicture(testPicture(), as: .jpeg, options: EncodeOptions(quality: quality))
            let frame = try #require((0..<bytes.count - 12).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
            return bytes[frame + 11]
        }
        #expect(try sampling(89) == 0x22)
        #expect(try sampling(90) == 0x11)
    }

    @Test func `lossy WebP keeps alpha`() throws {
        let picture = testPicture(width: 128, height: 96, channels: 4)
        let back = try decodePicture(encodePicture(picture, as: .webp), name: "a").picture
        #expect(back.channels == 4)
        let alpha = stride(from: 3, to: picture.bytes.count, by: 4)
        #expect(alpha.allSatisfy { back.bytes[$0] == picture.bytes[$0] })
    }

    @Test func `JPEG shows a transparent picture over white`() throws {
        let picture = testPicture(width: 128, height: 96, channels: 4)
        var opaque: [UInt8] = []
        for i in stride(from: 0, to: picture.bytes.count, by: 4) {
            let a = Double(picture.bytes[i + 3]) / 255
            for c in 0..<3 { opaque.append(UInt8((Double(picture.bytes[i + c]) * a + 255 * (1 - a)).rounded())) }
        }
        let white = Picture(width: 128, height: 96, channels: 3, bytes: opaque)
        let composed = try encodePicture(picture, as: .jpeg)
        #expect(composed == (try encodePicture(white, as: .jpeg)))
    }

    @Test(arguments: PictureFormat.allCases)
    func `profile and resolution go through every format`(format: PictureFormat) throws {
        let profile = try fixture("srgb.icc")
        let options = EncodeOptions(iccProfile: profile, dpi: 240)
        let (_, metadata) = try decodePicture(
            encodePicture(testPicture(channels: 4), as: format, options: options), name: "a")
        #expect(metadata.iccProfile == profile)
        #expect(metadata.dpi == (format == .webp ? nil : 240))
    }

    @Test(arguments: [PictureFormat.jpeg, .webp])
    func `a profile larger than one segment goes through`(format: PictureFormat) throws {
        var profile = [UInt8](repeating: 0, count: 150_001)
        for i in profile.indices { profile[i] = UInt8(truncatingIfNeeded: i &* 31) }
        profile.replaceSubrange(16..<20, with: "RGB ".utf8)
        profile.replaceSubrange(36..<40, with: "acsp".utf8)
        let bytes = try encodePicture(testPicture(), as: format, options: EncodeOptions(iccProfile: profile))
        #expect(try decodePicture(bytes, name: "a").metadata.iccProfile == profile)
    }

    @Test func `a profile that libpng refuses costs the profile, not the picture`() throws {
        let bytes = try encodePicture(
            testPicture(), as: .png, options: EncodeOptions(iccProfile: [UInt8](repeating: 9, count: 200)))
        #expect(try decodePicture(bytes, name: "a").picture.bytes == testPicture().bytes)
    }

    @Test func `where a picture was taken does not get into the output`() throws {
        let (picture, metadata) = try decodePicture(fixture("orientation-6.jpg"), name: "a.jpg")
        for format in PictureFormat.allCases {
            let options = EncodeOptions(keeping: metadata, provenance: Provenance(software: "Masque 0"))
            let bytes = try encodePicture(picture, as: format, options: options)
            #expect(Data(bytes).range(of: Data("Exif".utf8)) == nil)
            #expect(Data(bytes).range(of: Data("EXIF".utf8)) == nil)
            #expect(Data(bytes).range(of: Data("eXIf".utf8)) == nil)
        }
    }

    @Test func `a side beyond the format's limit is refused with a sentence`() {
        let wide = Picture(width: 17_000, height: 1)
        let webp = masqueError { _ = try encodePicture(wide, as: .webp) }
        #expect(webp?.code == .tooLarge)
        #expect(webp?.message.contains("16383") == true)
        let wider = Picture(width: 66_000, height: 1)
        #expect(masqueError { _ = try encodePicture(wider, as: .jpeg) }?.code == .tooLarge)
    }

    @Test func `the extension chooses the format`() throws {
        #expect(try PictureFormat(outputPath: "/a.b/c.JPG") == .jpeg)
        #expect(try PictureFormat(outputPath: "c.jpeg") == .jpeg)
        #expect(try PictureFormat(outputPath: "c.png") == .png)
        #expect(try PictureFormat(outputPath: "c.webp") == .webp)
        #expect(masqueError { _ = try PictureFormat(outputPath: "/a.png/c") }?.code == .badInput)
        #expect(masqueError { _ = try PictureFormat(outputPath: "c.gif") }?.message.contains(".gif") == true)
    }

    @Test func `a picture is written whole and replaces nothing without leave`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("out.png")
        try writePicture(testPicture(), to: path, overwrite: false)
        #expect(try decodePicture(at: path).picture.bytes == testPicture().bytes)
        let other = testPicture(width: 10, height: 10)
        #expect(masqueError { try writePicture(other, to: path, overwrite: false) }?.code == .outputExists)
        #expect(try decodePicture(at: path).picture.width == 97)
        try writePicture(other, to: path, overwrite: true)
        #expect(try decodePicture(at: path).picture.width == 10)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["out.png"])
    }
}
