// The peak of memory at 48 megapixels, each case in a process of its own.

import Errors
import Foundation
import ImageIO
import Pixels
import Testing

/// What a process needs besides pictures: the runtime, tables, the file's bytes, what is rounded up to pages.
private let ground = 48_000_000

@Suite(.serialized) struct MemoryTests {
    @Test func `a turned progressive JPEG of 48 megapixels is read within four times the picture`() async {
        await #expect(processExitsWith: .success) {
            let (picture, _) = try decodePicture(greyJPEG(8000, 6000, orientation: 6, scans: 4), name: "a")
            #expect(picture.width == 6000 && picture.height == 8000 && picture.channels == 3)
            #expect(picture.bytes.allSatisfy { $0 == 128 })
            expectPeak(within: 4, of: picture)
        }
    }

    @Test func `an interlaced 16-bit PNG of 48 megapixels is read within twice the picture`() async {
        await #expect(processExitsWith: .success) {
            let (picture, _) = try decodePicture(blackPNG(8000, 6000), name: "a")
            #expect(picture.width == 8000 && picture.height == 6000 && picture.channels == 4)
            #expect(picture.bytes.allSatisfy { $0 == 0 })
            expectPeak(within: 2, of: picture)
        }
    }

    @Test func `48 megapixels are written as JPEG within four times the picture`() async {
        await #expect(processExitsWith: .success) { try expectEncodingPeak(.jpeg) }
    }

    @Test func `48 megapixels are written as PNG within four times the picture`() async {
        await #expect(processExitsWith: .success) { try expectEncodingPeak(.png) }
    }

    @Test func `48 megapixels are written as WebP and read again within four times the picture`() async {
        await #expect(processExitsWith: .success) { try expectEncodingPeak(.webp) }
    }
}

/// Encodes a picture of 48 megapixels with some texture, decodes it, and looks at the peak of memory.
private func expectEncodingPeak(_ format: PictureFormat) throws {
    let width = 8000, height = 6000
    var bytes = [UInt8](repeating: 0, count: width * height * 3)
    var seed: UInt32 = 1
    for i in bytes.indices {
        seed = seed &* 1_664_525 &+ 1_013_904_223
        bytes[i] = UInt8(truncatingIfNeeded: (i / 3 % width) >> 5) &+ UInt8(seed >> 30)
    }
    let picture = Picture(width: width, height: height, channels: 3, bytes: bytes)
    bytes = []
    let start = ContinuousClock.now
    let file = try encodePicture(picture, as: format)
    let encoded = ContinuousClock.now
    expectPeak(within: 4, of: picture, "writing \(file.count) bytes of \(format.label), \(encoded - start)")
    let back = try decodePicture(file, name: "a").picture
    let end = ContinuousClock.now
    #expect(back.bytes.count == picture.bytes.count)
    // Two pictures are held here, of which one is the test's.
    expectPeak(within: 5, of: picture, "reading it, \(end - encoded)")
}

/// Fails this process when its peak was beyond `times` the picture.
private func expectPeak(within times: Int, of picture: Picture, _ what: String = "reading") {
    let peak = memory("VmHWM")
    print("\(what): peak \(peak / 1_000_000) MB, \(Double(peak) / Double(picture.bytes.count)) of the picture")
    #expect(peak > picture.bytes.count, "the peak could not be measured")
    #expect(peak < times * picture.bytes.count + ground, "the peak was \(peak / 1_000_000) MB")
}
