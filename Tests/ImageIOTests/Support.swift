// What the tests of pictures share: fixtures, test pictures and differences.

import Errors
import Foundation
import ImageIO
import Pixels
import Testing

/// Where the committed fixtures lie; made by `make_fixtures.py` there.
let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/images")

func fixture(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: fixtures.appending(path: name)))
}

/// Names of all pictures among the fixtures.
let pictureNames: [String] = {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: fixtures.path)) ?? []
    return all.filter { $0.hasSuffix(".jpg") || $0.hasSuffix(".png") || $0.hasSuffix(".webp") }.sorted()
}()

/// A picture with soft slopes, a hard edge and, with four channels, an alpha that reaches from 0 to 255.
func testPicture(width: Int = 97, height: Int = 61, channels: Int = 3) -> Picture {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height * channels)
    for y in 0..<height {
        for x in 0..<width {
            let inside = (width / 4..<width / 2).contains(x) && (height / 4..<height / 2).contains(y)
            bytes.append(UInt8(x * 255 / max(1, width - 1)))
            bytes.append(inside ? 220 : UInt8(y * 255 / max(1, height - 1)))
            bytes.append(UInt8((x + y) * 255 / max(1, width + height - 2)))
            if channels == 4 { bytes.append(UInt8((x * 5 + y * 3) % 256)) }
        }
    }
    return Picture(width: width, height: height, channels: channels, bytes: bytes)
}

/// The peak signal-to-noise ratio in dB; infinite for equal pictures.
func psnr(_ a: [UInt8], _ b: [UInt8]) -> Double {
    guard a.count == b.count else { return -.infinity }
    var sum = 0
    for (p, q) in zip(a, b) {
        let d = Int(p) - Int(q)
        sum += d * d
    }
    return sum == 0 ? .infinity : 10 * log10(255 * 255 * Double(a.count) / Double(sum))
}

/// The error that `body` throws, which must be Masque's own.
func masqueError(_ body: () throws -> Void) -> MasqueError? {
    do {
        try body()
        Issue.record("nothing was thrown")
    } catch let error as MasqueError {
        return error
    } catch {
        Issue.record("an error of another kind: \(error)")
    }
    return nil
}

/// A fast generator whose numbers are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A folder that goes away with the object.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "masque-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }
}
