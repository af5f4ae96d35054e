// The installed models run on both runtimes alike and change with what they are shown.
import Errors
import Foundation
import Inference
import Testing

@Suite struct ModelTests {
    /// Shapes on which the installed models are run, and how far OpenVINO in float32 may be from ONNX Runtime,
    /// relative to the output's peak.
    static let models: [(id: String, shape: [Int], range: Float)] = [
        ("face_mesh", [1, 192, 192, 3], 1),
        ("centerface", [1, 3, 256, 320], 255),
        ("identity", [1, 3, 150, 150], 255),
        ("open_nsfw", [1, 224, 224, 3], 128),
        ("blazeface_short", [1, 128, 128, 3], 1),
        ("iris", [1, 64, 64, 3], 1),
        ("selfie_segmentation", [1, 256, 256, 3], 1),
    ]

    @Test(arguments: models)
    func `every installed model gives the same on both runtimes`(id: String, shape: [Int], range: Float) throws {
        let onnx = try ModelLibrary.shared.session(id, policy: Fixtures.onnx)
        let openVINO = try ModelLibrary.shared.session(id, policy: Fixtures.openVINO)
        #expect(onnx.inputs == openVINO.inputs)
        #expect(onnx.outputs.map(\.name) == openVINO.outputs.map(\.name))
        #expect(onnx.backend == "onnxruntime/cpu")
        #expect(openVINO.backend == "openvino/cpu/f32")
        let count = shape.reduce(1, *)
        let input = Tensor.float32(Fixtures.noise(count).map { $0 * range }, shape: shape)
        let expected = try onnx.run(input)
        let found = try openVINO.run(input)
        for (index, pair) in zip(expected, found).enumerated() {
            #expect(pair.0.shape == pair.1.shape)
            let closeness = BackendChoice.peakSignalToNoise(pair.0, pair.1)
            #expect(closeness > 80, "\(id) output \(index): \(closeness) dB")
        }
        let other = try onnx.run(.float32([Float](repeating: range / 2, count: count), shape: shape))
        #expect(zip(expected, other).contains { $0.floats != $1.floats })
    }

    @Test func `OpenVINO maps the weights of a large model where they lie`() throws {
        let large = try ModelLoader.load(
            path: ModelLibrary.shared.file("identity").path, name: "identity", policy: Fixtures.openVINO)
        #expect(ModelLoader.hasWeightsInPlace(large))
        let small = try Fixtures.session("convolutions", Fixtures.openVINO)
        #expect(!ModelLoader.hasWeightsInPlace(small), "nothing in it is worth it")
    }
}
