// Reading and writing the planes of a video frame against reference formulas of BT.709.
import Foundation
import Pixels
import Testing

@Suite struct GoldenYUVTests {
    let golden: Golden
    let image: Picture

    init() throws {
        golden = try Golden.load()
        image = try golden.image()
    }

    /// Lends a 64×48 frame over copies of three planes; returns the planes as they are afterwards.
    private func frame(
        _ planes: [[UInt8]], fullRange: Bool, _ body: (inout PlanarYUV) -> Void
    ) throws -> [[UInt8]] {
        var (y, u, v) = (planes[0], planes[1], planes[2])
        try y.withUnsafeMutableBufferPointer { y in
            try u.withUnsafeMutableBufferPointer { u in
                try v.withUnsafeMutableBufferPointer { v in
                    var lent = PlanarYUV(
                        width: 64, height: 48, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1, chromaSitedLeft: true,
                        color: .bt709(fullRange: fullRange), y: try #require(y.baseAddress),
                        u: try #require(u.baseAddress), v: try #require(v.baseAddress), yStride: 64, uvStride: 32)
                    body(&lent)
                }
            }
        }
        return [y, u, v]
    }

    @Test(arguments: ["limited", "full"])
    func `a frame's planes are read as the reference formulas say`(range: String) throws {
        let planes = try ["y", "u", "v"].map { try golden.bytes("yuv_\(range)_\($0)") }
        var crops: [String: Crop] = [:]
        let turned = try golden.map("warp_turned_map")
        let after = try frame(planes, fullRange: range == "full") {
            crops["identity"] = $0.sample(.identity, width: 64, height: 48)
            crops["turned"] = $0.sample(turned, width: 40, height: 40)
        }
        #expect(after == planes)
        for (name, crop) in crops {
            let worst = largestDifference(crop.values, try golden.floats("yuv_\(range)_rgb_\(name)"))
            #expect(worst < 0.05, "\(name) differs by \(worst)")
        }
    }

    @Test(arguments: ["limited", "full"])
    func `a crop is written into a frame's planes as the reference formulas say`(range: String) throws {
        let empty =
            [[UInt8](repeating: 128, count: 64 * 48)]
            + [[UInt8]](
                repeating: [UInt8](repeating: 128, count: 32 * 24), count: 2)
        let crop = image.sample(.identity, width: 64, height: 48)
        let planes = try frame(empty, fullRange: range == "full") {
            $0.paste(crop, mask: Plane(width: 64, height: 48, fill: 1), through: .identity)
        }
        for (plane, letter) in zip(planes, ["y", "u", "v"]) {
            let wanted = try golden.bytes("yuv_\(range)_written_\(letter)")
            let worst = zip(plane, wanted).map { abs(Int($0) - Int($1)) }.max() ?? 255
            #expect(plane.count == wanted.count && worst <= 1, "\(letter) differs by \(worst) codes")
        }
    }

    @Test func `an empty mask leaves every byte of a frame`() throws {
        let planes = try ["y", "u", "v"].map { try golden.bytes("yuv_limited_\($0)") }
        let crop = image.sample(.identity, width: 64, height: 48)
        let after = try frame(planes, fullRange: false) {
            $0.paste(crop, mask: Plane(width: 64, height: 48), through: .identity)
        }
        #expect(after == planes)
    }
}
