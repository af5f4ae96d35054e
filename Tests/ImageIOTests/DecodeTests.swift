// Every kind of picture decodes to the pixels that NumPy put into it.

import Errors
import Foundation
import ImageIO
import Pixels
import Testing

@Suite struct DecodeTests {
    @Test(arguments: pictureNames)
    func `a picture decodes to its golden pixels`(name: String) throws {
        let (picture, metadata) = try decodePicture(fixture(name), name: name)
        let golden = try fixture(name + ".golden")
        #expect(picture.width == 24)
        #expect(picture.height == 18)
        #expect(picture.channels == golden.count / (24 * 18))
        // Lossy files come near their golden; all others are equal to it, sample by sample.
        let isLossy = name.hasSuffix(".jpg") || name == "lossy.webp"
        let halfChroma = name == "half-chroma.jpg" || name == "lossy.webp"
        if isLossy {
            #expect(psnr(picture.bytes, golden) > (halfChroma ? 30 : 38))
        } else {
            #expect(picture.bytes == golden)
        }
        #expect(metadata.format == PictureFormat(sniffing: try fixture(name)))
    }

    @Test func `there are fixtures of every kind`() {
        #expect(pictureNames.count >= 35)
    }

    @Test(arguments: ["profile.jpg", "profile.png", "profile.webp"])
    func `the ICC profile is kept byte for byte`(name: String) throws {
        let (_, metadata) = try decodePicture(fixture(name), name: name)
        #expect(try metadata.iccProfile == fixture("srgb.icc"))
        if name != "profile.webp" { #expect(metadata.dpi == 300) }
    }

    @Test(arguments: 1...8)
    func `the orientation that was applied is told`(number: Int) throws {
        let (_, metadata) = try decodePicture(fixture("orientation-\(number).jpg"), name: "a.jpg")
        #expect(metadata.orientation == number)
    }

    @Test func `a file decodes by its content, whatever its name is`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("really-a-jpeg.png")
        try Data(fixture("baseline.jpg")).write(to: URL(filePath: path))
        let (picture, metadata) = try decodePicture(at: path)
        #expect(picture.width == 24)
        #expect(metadata.format == .jpeg)
    }

    @Test func `a JPEG that lacks only its end marker or has bytes around its segments is accepted`() throws {
        let whole = try fixture("baseline.jpg")
        let expected = try decodePicture(whole, name: "a").picture.bytes
        #expect(try decodePicture(Array(whole.dropLast(2)), name: "a").picture.bytes == expected)
        #expect(try decodePicture(whole + [1, 2, 3, 0xFF, 0xD8], name: "a").picture.bytes == expected)
        // Stray bytes before the second segment: libjpeg calls them extraneous and goes on.
        let length = Int(whole[4]) << 8 | Int(whole[5])
        let sloppy = whole[..<(4 + length)] + [0, 0, 0, 7] + whole[(4 + length)...]
        #expect(try decodePicture(Array(sloppy), name: "a").picture.bytes == expected)
    }

    @Test func `a grey picture's profile is not handed on with RGB pixels`() throws {
        var metadata = try decodePicture(fixture("grey.jpg"), name: "a").metadata
        #expect(metadata.iccProfile == nil)
        metadata.iccProfile = nil
    }
}
