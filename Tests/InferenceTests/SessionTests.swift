// Sessions give right values, on both runtimes, for every element type.
import Errors
import Foundation
import Inference
import Testing

@Suite struct SessionTests {
    static let runtimes = [Fixtures.onnx, Fixtures.openVINO]

    @Test(arguments: runtimes)
    func `floats and doubles come back as they went in`(policy: ExecutionPolicy) throws {
        let floats: [Float] = [0, -1.5, .pi, 1e-20, 1e20, 7]
        let single = try Fixtures.session("identity_float32", policy).run(.float32(floats, shape: [2, 3]))
        #expect(single[0].floats == floats)
        #expect(single[0].shape == [2, 3])
        let doubles: [Double] = [0, -1.5, .pi, 1e-200, 1e200, 7]
        let double = try Fixtures.session("identity_float64", policy).run(.float64(doubles, shape: [2, 3]))
        guard case .float64(let values, shape: [2, 3]) = double[0] else { throw Unexpected.type }
        #expect(values == doubles)
    }

    @Test(arguments: runtimes)
    func `half floats are converted from and to floats`(policy: ExecutionPolicy) throws {
        let session = try Fixtures.session("identity_float16", policy)
        #expect(session.inputs[0].elementType == .float16)
        let values: [Float] = [0, -1.5, 0.333_251_95, 65504, 1024, 7]
        #expect(try session.run(.float32(values, shape: [2, 3]))[0].floats == values)
    }

    @Test(arguments: runtimes, ["int64", "int32", "uint8"])
    func `integers of every width are converted from and to int64`(policy: ExecutionPolicy, type: String) throws {
        let session = try Fixtures.session("identity_\(type)", policy)
        #expect(session.inputs[0].elementType.rawValue == type)
        let result = try session.run(.int64([0, 1, 255], shape: [1, 3]))
        guard case .int64([0, 1, 255], shape: [1, 3]) = result[0] else { throw Unexpected.type }
    }

    @Test(arguments: runtimes)
    func `truth values are zero and one`(policy: ExecutionPolicy) throws {
        let result = try Fixtures.session("identity_bool", policy).run(.int64([0, 5, -1], shape: [1, 3]))
        guard case .int64([0, 1, 1], shape: [1, 3]) = result[0] else { throw Unexpected.type }
    }

    @Test(arguments: runtimes)
    func `several inputs and outputs are matched by name`(policy: ExecutionPolicy) throws {
        let session = try Fixtures.session("add_multiply", policy)
        #expect(session.inputs.map(\.name) == ["a", "b"])
        #expect(session.inputs.map(\.shape) == [[2, -1], [2, 1]])
        #expect(session.outputs.map(\.name) == ["sum", "product"])
        let inputs: [String: Tensor] = [
            "b": .float32([10, 20], shape: [2, 1]), "a": .float32([1, 2, 3, 4, 5, 6], shape: [2, 3]),
        ]
        let all = try session.run(inputs)
        #expect(all[0].floats == [11, 12, 13, 24, 25, 26])
        #expect(all[1].floats == [10, 20, 30, 80, 100, 120])
        let swapped = try session.run(inputs, outputs: ["product", "sum"])
        #expect(swapped.map(\.floats) == [all[1].floats, all[0].floats])
        #expect(try session.run(inputs, outputs: ["product"]).map(\.floats) == [all[1].floats])
    }

    @Test(arguments: runtimes)
    func `a session takes inputs of changing size and gives scalars`(policy: ExecutionPolicy) throws {
        let session = try Fixtures.session("mean", policy)
        #expect(session.outputs[0].shape == [])
        for count in [4, 1, 9, 4] {
            let result = try session.run(.float32((0..<count).map(Float.init), shape: [count]))
            #expect(result[0].floats == [Float(count - 1) / 2])
            #expect(result[0].shape == [])
        }
    }

    @Test(arguments: runtimes)
    func `one session run by eight threads at once gives what one thread gets`(policy: ExecutionPolicy) async throws {
        let session = try Fixtures.session("convolutions", policy)
        let inputs = (0..<8).map {
            Tensor.float32(Fixtures.noise(3 * 40 * 52, seed: UInt64($0)), shape: [1, 3, 40, 52])
        }
        let expected = try inputs.map { try session.run($0)[0].floats }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for (input, expected) in zip(inputs, expected) {
                group.addTask {
                    try await onEngineThread("test") {
                        try (0..<20).allSatisfy { _ in try session.run(input)[0].floats == expected }
                    }
                }
            }
            for try await same in group { #expect(same) }
        }
    }

    @Test func `both runtimes agree on convolutions`() throws {
        let input = Tensor.float32(Fixtures.noise(3 * 64 * 64), shape: [1, 3, 64, 64])
        let results = try Self.runtimes.map { try Fixtures.session("convolutions", $0).run(input)[0].floats ?? [] }
        #expect(results[0].count == 2 * 64 * 64)
        #expect(zip(results[0], results[1]).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(results[0].contains { abs($0) > 0.1 })
    }

    enum Unexpected: Error { case type }
}
