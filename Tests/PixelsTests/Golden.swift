// Golden data: what independent implementations computed (Tests/Fixtures/golden/README.md).
import Foundation
import Pixels
import Testing

/// The index of golden arrays and numbers.
struct Golden: Decodable {
    struct Entry: Decodable {
        let file: String
        let type: String
        let shape: [Int]
    }
    let arrays: [String: Entry]
    let numbers: [String: [Double]]

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/golden")

    /// Reads the index.
    static func load() throws -> Golden {
        try JSONDecoder().decode(Golden.self, from: Data(contentsOf: folder.appending(path: "index.json")))
    }

    /// The bytes of a `uint8` array.
    func bytes(_ name: String) throws -> [UInt8] {
        let entry = try #require(arrays[name])
        #expect(entry.type == "uint8")
        let data = try Data(contentsOf: Golden.folder.appending(path: entry.file))
        #expect(data.count == entry.shape.reduce(1, *))
        return [UInt8](data)
    }

    /// The values of a `float32` array.
    func floats(_ name: String) throws -> [Float] {
        let entry = try #require(arrays[name])
        #expect(entry.type == "float32")
        let data = [UInt8](try Data(contentsOf: Golden.folder.appending(path: entry.file)))
        #expect(data.count == 4 * entry.shape.reduce(1, *))
        return stride(from: 0, to: data.count, by: 4).map { i in
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[i + $1]) << (8 * UInt32($1)) }
            return Float(bitPattern: bits)
        }
    }

    /// Single-precision numbers.
    func values(_ name: String) throws -> [Float] {
        try #require(numbers[name]).map { Float($0) }
    }

    /// Pairs of numbers as points.
    func points(_ name: String) throws -> [Point] {
        let flat = try values(name)
        return stride(from: 0, to: flat.count, by: 2).map { Point(flat[$0], flat[$0 + 1]) }
    }

    /// Six numbers as a map.
    func map(_ name: String) throws -> Affine {
        let k = try values(name)
        try #require(k.count == 6)
        return Affine(a: k[0], b: k[1], tx: k[2], c: k[3], d: k[4], ty: k[5])
    }

    /// The 64×48 pseudo-random picture, made here and checked against the stored one.
    func image() throws -> Picture {
        var state: UInt32 = 1
        let bytes = (0..<64 * 48 * 3).map { _ -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        #expect(try self.bytes("image") == bytes)
        return Picture(width: 64, height: 48, channels: 3, bytes: bytes)
    }
}

/// The largest difference of two arrays of one length; infinite when lengths differ or a value is not finite.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    var worst: Float = 0
    for (x, y) in zip(a, b) {
        let difference = abs(x - y)
        guard difference.isFinite else { return .infinity }
        worst = max(worst, difference)
    }
    return worst
}
