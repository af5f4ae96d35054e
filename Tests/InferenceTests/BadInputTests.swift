// Wrong inputs and broken files get a sentence that names them.
import Errors
import Foundation
import Inference
import Testing

@Suite struct BadInputTests {
    static let runtimes = SessionTests.runtimes

    private func refusal(_ body: () throws -> Void) throws -> MasqueError {
        try #require(throws: MasqueError.self, performing: body)
    }

    @Test(arguments: runtimes)
    func `wrong names, shapes, types and counts are refused by name`(policy: ExecutionPolicy) throws {
        let session = try Fixtures.session("add_multiply", policy)
        let a = Tensor.float32([1, 2, 3, 4], shape: [2, 2])
        let b = Tensor.float32([1, 2], shape: [2, 1])
        let cases: [([String: Tensor], String)] = [
            (["a": a], "input “b” was given no tensor"),
            (["a": a, "b": b, "c": b], "no input “c”; its inputs are “a”, “b”"),
            (["a": a, "b": a], "“b” takes the shape [2, 1] and was given [2, 2]"),
            (["a": .float32([1, 2], shape: [2]), "b": b], "“a” takes the shape [2, ?] and was given [2]"),
            (["a": .float32([1, 2, 3], shape: [2, 2]), "b": b], "“a” of shape [2, 2] was given 3 values"),
            (["a": .int64([1, 2, 3, 4], shape: [2, 2]), "b": b], "“a” takes float32 values and was given int64"),
            (["a": .float32([], shape: [2, -2]), "b": b], "“a” takes the shape [2, ?] and was given [2, -2]"),
            (["a": .float32([], shape: [2, .max]), "b": b], "“a” of shape"),
        ]
        for (inputs, sentence) in cases {
            let error = try refusal { _ = try session.run(inputs) }
            #expect(error.code == .badInput)
            #expect(error.message.contains(sentence), "\(error.message)")
        }
        let error = try refusal { _ = try session.run(["a": a, "b": b], outputs: ["sun"]) }
        #expect(error.message.contains("no output “sun”; its outputs are “sum”, “product”"))
    }

    @Test func `an integer that does not fit is refused`() throws {
        let session = try Fixtures.session("identity_uint8")
        let error = try refusal { _ = try session.run(.int64([0, 1, 256], shape: [1, 3])) }
        #expect(error.message.contains("“x” takes uint8 values; 256 does not fit"))
    }

    @Test(arguments: runtimes)
    func `a file that is no whole model is called damaged`(policy: ExecutionPolicy) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: Fixtures.graph("convolutions")))
        var flipped = whole
        for index in stride(from: 8, to: 200, by: 3) { flipped[index] ^= 0xff }
        try Fixtures.withFolder { folder in
            let broken: [(String, Data)] = [
                ("empty", Data()), ("half", whole.prefix(whole.count / 2)), ("flipped", flipped),
                ("text", Data("this is no model".utf8)),
            ]
            for (name, data) in broken {
                let file = folder.appendingPathComponent("\(name).onnx")
                try data.write(to: file)
                let error = try refusal { _ = try ModelLoader.load(path: file.path, name: name, policy: policy) }
                #expect(error.code == .damagedModel, "\(name): \(error)")
                #expect(error.message.contains("“\(name)”"), "\(error)")
            }
            let error = try refusal {
                _ = try ModelLoader.load(path: folder.path + "/none.onnx", name: "none", policy: policy)
            }
            #expect([.damagedModel, .missingModel].contains(error.code))
        }
    }

    @Test(arguments: runtimes)
    func `a graph with text tensors is refused`(policy: ExecutionPolicy) throws {
        let error = try refusal { _ = try Fixtures.session("text", policy) }
        #expect(error.code == .damagedModel)
    }

    @Test func `a runtime that is not there is missing, with advice`() throws {
        try Fixtures.withFolder { folder in
            let nowhere = Installation(cache: folder)
            for policy in Self.runtimes {
                let error = try refusal {
                    _ = try ModelLoader.load(
                        path: Fixtures.graph("mean"), name: "mean", policy: policy, installation: nowhere)
                }
                #expect(error.code == .missingModel)
                #expect(error.advice?.contains("scripts/setup") == true)
            }
        }
    }

    @Test func `CUDA without its library is refused in the library's words`() throws {
        let error = try refusal {
            _ = try Fixtures.session("mean", ExecutionPolicy(provider: .cuda, backend: .onnxRuntime))
        }
        #expect(error.code == .failed)
        #expect(error.message.contains("CUDA"))
        #expect(error.advice?.contains("cpu") == true)
    }
}
