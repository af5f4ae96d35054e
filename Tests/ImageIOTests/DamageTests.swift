// Thousands of damaged files: a picture or a sentence, never a crash, in bounded time.

import Errors
import Foundation
import ImageIO
import Pixels
import Testing

@Suite struct DamageTests {
    @Test(arguments: pictureNames)
    func `random damage ends in a picture or a sentence`(name: String) throws {
        let whole = try fixture(name)
        var random = SeededGenerator(state: name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
        let limits = PictureLimits(maxPixels: 4_000_000)
        let start = ContinuousClock.now
        var refused = 0
        for _ in 0..<300 {
            let bytes = damaged(whole, &random)
            do {
                let (picture, _) = try decodePicture(bytes, name: name, limits: limits)
                #expect(picture.bytes.count == picture.width * picture.height * picture.channels)
            } catch {
                refused += 1
                #expect(error.code == .unsupportedMedia || error.code == .tooLarge, "\(error)")
                #expect(error.message.hasSuffix(".") && error.message.contains(name))
            }
            _ = readProvenance(bytes)
        }
        #expect(refused > 0)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func `noise behind a true signature is refused`() throws {
        var random = SeededGenerator(state: 5)
        for name in ["baseline.jpg", "rgb.png", "lossless.webp"] {
            let head = try fixture(name).prefix(12)
            for _ in 0..<300 {
                let noise = (0..<Int.random(in: 0...600, using: &random)).map { _ in
                    UInt8.random(in: .min ... .max, using: &random)
                }
                #expect(masqueError { _ = try decodePicture(head + noise, name: "noise") } != nil)
            }
        }
    }
}

/// A copy with some bytes changed, removed, doubled or cut off; PNG checksums are then set right again in half of the
/// cases, so that the damage reaches the decoder and not only the check.
private func damaged(_ whole: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = whole
    for _ in 0..<Int.random(in: 1...8, using: &random) where bytes.count > 4 {
        let i = Int.random(in: 0..<bytes.count, using: &random)
        let run = min(Int.random(in: 1...16, using: &random), bytes.count - i)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes.removeSubrange(i..<(i + run))
        case 1: bytes.insert(contentsOf: bytes[i..<(i + run)], at: i)
        case 2: bytes.removeSubrange(i...)
        case 3: bytes[i] = 0xFF
        case 4: bytes[i] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        default: bytes[i] = UInt8.random(in: .min ... .max, using: &random)
        }
    }
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]), Bool.random(using: &random) { mendChecksums(&bytes) }
    return bytes
}

private func mendChecksums(_ bytes: inout [UInt8]) {
    var i = 8
    while i + 12 <= bytes.count {
        let length = bytes[i..<(i + 4)].reduce(0) { $0 << 8 | Int($1) }
        guard i + 12 + length <= bytes.count else { return }
        bytes.replaceSubrange((i + 8 + length)..<(i + 12 + length), with: checksum(bytes[(i + 4)..<(i + 8 + length)]))
        i += 12 + length
    }
}
