// What the tests of inference run on.
import Foundation
import Inference

enum Fixtures {
    /// This machine's runtimes and models.
    static let installation = Installation()

    /// A tiny graph of `Tests/Fixtures/onnx`.
    static func graph(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/onnx/\(name).onnx").path
    }

    /// Loads a tiny graph.
    static func session(_ name: String, _ policy: ExecutionPolicy = onnx) throws -> any InferenceSession {
        try ModelLoader.load(path: graph(name), name: name, policy: policy)
    }

    /// ONNX Runtime on two threads.
    static let onnx = ExecutionPolicy(threads: 2, backend: .onnxRuntime)
    /// OpenVINO in float32 on two threads.
    static let openVINO = ExecutionPolicy(threads: 2, backend: .openVINO(.float32))

    /// `count` reproducible numbers in 0..<1.
    static func noise(_ count: Int, seed: UInt64 = 1) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24)
        }
    }

    /// Calls `body` with a folder of its own that is removed afterwards.
    static func withFolder<R>(_ body: (URL) throws -> R) throws -> R {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("masque-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}
