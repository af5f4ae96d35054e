// The installed models give what other runtimes computed from the same pictures (Tests/Fixtures/golden/README.md).
import Foundation
import Inference
import Testing

@Suite struct GoldenModelTests {
    private static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: folder.appendingPathComponent("Fixtures/golden/\(name).bin")))
    }

    private static func floats(_ name: String) throws -> [Float] {
        let bytes = try bytes(name)
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) })
        }
    }

    /// An interleaved picture as planes.
    private static func planar(_ interleaved: [UInt8]) -> [Float] {
        (0..<3).flatMap { channel in
            stride(from: channel, to: interleaved.count, by: 3).map { Float(interleaved[$0]) }
        }
    }

    private func greatestDifference(_ a: [Float]?, _ b: [Float]) throws -> Float {
        let a = try #require(a)
        try #require(a.count == b.count)
        return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test(arguments: SessionTests.runtimes)
    func `the identity of a chip is dlib's`(policy: ExecutionPolicy) throws {
        let session = try ModelLibrary.shared.session("identity", policy: policy)
        let input = Self.planar(try Self.bytes("identity_input"))
        let found = try session.run(.float32(input, shape: [1, 3, 150, 150]))
        #expect(try greatestDifference(found[0].floats, Self.floats("identity_embedding")) < 1e-5)
    }

    @Test(arguments: SessionTests.runtimes)
    func `the mesh of a crop is LiteRT's`(policy: ExecutionPolicy) throws {
        let session = try ModelLibrary.shared.session("face_mesh", policy: policy)
        let input = try Self.bytes("face_mesh_input").map { Float($0) / 255 }
        let found = try session.run(
            ["input": .float32(input, shape: [1, 192, 192, 3])], outputs: ["landmarks"])
        #expect(try greatestDifference(found[0].floats, Self.floats("face_mesh_landmarks")) < 0.01)
    }

    @Test(arguments: SessionTests.runtimes)
    func `the heat map of a picture is that of the graph as packaged`(policy: ExecutionPolicy) throws {
        let session = try ModelLibrary.shared.session("centerface", policy: policy)
        let input = Self.planar(try Self.bytes("centerface_input"))
        let found = try session.run(["input.1": .float32(input, shape: [1, 3, 192, 192])], outputs: ["537"])
        #expect(try greatestDifference(found[0].floats, Self.floats("centerface_heat")) < 1e-3)
    }
}
