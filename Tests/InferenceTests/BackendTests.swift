// The automatic choice of a runtime, the processor's features, and engine threads.
import Errors
import Foundation
import Inference
import Testing

@Suite struct BackendTests {
    private static let quick = CPUFeatures(cpuinfo: "flags : avx2 avx512_bf16", usableCores: 2)
    private static let plain = CPUFeatures(cpuinfo: "flags : avx2", usableCores: 2)

    private func choose(
        _ graph: String, features: CPUFeatures, closeness: Double = BackendChoice.closeness,
        slowRun: Duration = BackendChoice.slowRun
    ) throws -> BackendChoice.Verdict {
        try BackendChoice.choose(
            path: Fixtures.graph(graph), name: graph, policy: ExecutionPolicy(threads: 2), features: features,
            closeness: closeness, slowRun: slowRun
        ).verdict
    }

    @Test func `a small model and a processor without bfloat16 stay on ONNX Runtime`() throws {
        let small = try choose("convolutions", features: Self.quick)
        #expect(small.backend == .onnxRuntime)
        #expect(small.reason.contains("which is short"))
        let plain = try choose("convolutions", features: Self.plain, slowRun: .zero)
        #expect(plain.backend == .onnxRuntime)
        #expect(plain.reason.contains("no bfloat16"))
    }

    @Test func `a model whose bfloat16 output is not close enough stays on ONNX Runtime`() throws {
        guard CPUFeatures.current.hasFastBFloat16 else { return }
        let verdict = try choose("convolutions", features: .current, closeness: 200, slowRun: .zero)
        #expect(verdict.backend == .onnxRuntime)
        #expect(verdict.reason.contains("not close enough"))
    }

    @Test func `a model with inputs that are not floats stays on ONNX Runtime`() throws {
        let verdict = try choose("identity_int64", features: Self.quick, slowRun: .zero)
        #expect(verdict.backend == .onnxRuntime)
        #expect(verdict.reason.contains("not float32"))
    }

    @Test func `one float64 number beside the picture keeps no model from OpenVINO`() throws {
        let verdict = try choose("weighted", features: Self.quick, slowRun: .zero)
        #expect(!verdict.reason.contains("not float32"))
        #expect(!verdict.reason.contains("cannot run it"))
        #expect(!verdict.reason.contains("not known"))
        let picture = Tensor.float32(Fixtures.noise(3 * 64 * 64), shape: [1, 3, 64, 64])
        let inputs = ["input": picture, "weight": Tensor.float64([0.25], shape: [1])]
        let exact = try Fixtures.session("weighted").run(inputs)[0]
        let found = try Fixtures.session("weighted", Fixtures.openVINO).run(inputs)[0]
        #expect(BackendChoice.peakSignalToNoise(exact, found) > 80)
    }

    @Test func `models are measured on inputs that fit, reproducibly, textured as pictures are`() throws {
        let session = try Fixtures.session("weighted")
        let probe = BackendChoice.probe(for: session)
        let again = BackendChoice.probe(for: session)
        let picture = try #require(probe["input"]?.floats)
        #expect(picture == again["input"]?.floats)
        #expect(probe["input"]?.shape == [1, 3, 64, 64])
        #expect(picture.allSatisfy { (0...1).contains($0) })
        let mean = picture.reduce(0, +) / Float(picture.count)
        func spread(_ values: [Float]) -> Float { values.reduce(0) { $0 + $1 * $1 } / Float(values.count) }
        let steps = zip(picture, picture.dropFirst()).map { $1 - $0 }
        #expect(spread(picture.map { $0 - mean }) > 2 * spread(steps), "neighbours are alike, unlike noise")
        guard case .float64(let weight, _) = probe["weight"] else { throw MasqueError(.failed, "It has no weight.") }
        #expect(weight == [0.5])
    }

    @Test func `a model is measured once and the choice kept for who loads it`() throws {
        try Fixtures.withFolder { folder in
            try FileManager.default.createSymbolicLink(
                at: folder.appendingPathComponent("runtime"),
                withDestinationURL: Fixtures.installation.cache.appendingPathComponent("runtime"))
            let installation = Installation(cache: folder)
            func measure() throws -> BackendChoice.Verdict {
                try ModelLoader.measure(
                    path: Fixtures.graph("convolutions"), name: "convolutions", installation: installation)
            }
            #expect(try measure().backend == .onnxRuntime)
            let choices = folder.appendingPathComponent("choices")
            let kept = try #require(try FileManager.default.contentsOfDirectory(atPath: choices.path).first)
            try Data(#"{"model": "m", "openVINO": "f32", "reason": "A test says so."}"#.utf8)
                .write(to: choices.appendingPathComponent(kept))
            #expect(try measure().reason == "A test says so.")
            let session = try ModelLoader.load(
                path: Fixtures.graph("convolutions"), name: "convolutions", policy: ExecutionPolicy(memory: .strict),
                installation: installation)
            #expect(session.backend == "openvino/cpu/f32", "whatever its memory strategy")
        }
    }

    @Test func `the automatic backend runs a model whichever it chose`() throws {
        let input = Tensor.float32(Fixtures.noise(3 * 32 * 32), shape: [1, 3, 32, 32])
        let automatic = try Fixtures.session("convolutions", ExecutionPolicy(threads: 2)).run(input)[0]
        let exact = try Fixtures.session("convolutions").run(input)[0]
        #expect(BackendChoice.peakSignalToNoise(exact, automatic) >= BackendChoice.closeness)
    }

    @Test func `a choice is kept in the cache and made anew when the model changes`() throws {
        try Fixtures.withFolder { folder in
            try FileManager.default.createSymbolicLink(
                at: folder.appendingPathComponent("runtime"),
                withDestinationURL: Fixtures.installation.cache.appendingPathComponent("runtime"))
            let installation = Installation(cache: folder)
            let model = folder.appendingPathComponent("model.onnx")
            func choices() -> [String] {
                let path = folder.appendingPathComponent("choices").path
                return (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            }
            func load() throws -> String {
                try ModelLoader.load(
                    path: model.path, name: "model", policy: ExecutionPolicy(threads: 2), installation: installation
                ).backend
            }
            try FileManager.default.copyItem(at: URL(fileURLWithPath: Fixtures.graph("convolutions")), to: model)
            #expect(try load() == "onnxruntime/cpu")
            let kept = choices()
            #expect(kept.count == 1)

            let file = folder.appendingPathComponent("choices/\(try #require(kept.first))")
            try Data(#"{"model": "model", "openVINO": "f32", "reason": "A test says so."}"#.utf8).write(to: file)
            #expect(try load() == "openvino/cpu/f32", "the kept choice is followed")
            try Data("damaged".utf8).write(to: file)
            #expect(try load() == "onnxruntime/cpu", "a damaged one is made anew")

            try FileManager.default.removeItem(at: model)
            try FileManager.default.copyItem(at: URL(fileURLWithPath: Fixtures.graph("mean")), to: model)
            _ = try load()
            #expect(choices().count == 2)
        }
    }

    @Test func `the runtimes say what they are`() throws {
        let found = Fixtures.installation.runtimes()
        #expect(found.map(\.name) == ["ONNX Runtime", "OpenVINO"])
        #expect(found[0].version?.hasPrefix("1.") == true)
        #expect(found[0].providers.contains("CPUExecutionProvider"))
        #expect(found[1].version?.hasPrefix("20") == true)
        let nowhere = Installation(cache: URL(fileURLWithPath: "/nowhere")).runtimes()
        #expect(nowhere.allSatisfy { $0.version == nil && $0.problem?.contains("/nowhere") == true })
    }

    @Test func `closeness is a peak signal-to-noise ratio`() {
        let reference = Tensor.float32([0, -2, 1, 1], shape: [4])
        #expect(BackendChoice.peakSignalToNoise(reference, reference) == .infinity)
        let off = Tensor.float32([0.2, -1.8, 1.2, 1.2], shape: [4])
        #expect(abs(BackendChoice.peakSignalToNoise(reference, off) - 20) < 1e-4)
        #expect(BackendChoice.peakSignalToNoise(reference, .float32([0, .nan, 1, 1], shape: [4])) == -.infinity)
        #expect(BackendChoice.peakSignalToNoise(reference, .float32([0], shape: [1])) == -.infinity)
    }

    @Test func `features are read from cpuinfo`() {
        let text = "processor\t: 0\nmodel name\t: Some CPU: fast\nflags\t\t: fpu sse2 amx_bf16\n\nprocessor\t: 1\n"
        let features = CPUFeatures(cpuinfo: text, usableCores: 0)
        #expect(features.model == "Some CPU: fast")
        #expect(features.flags == ["fpu", "sse2", "amx_bf16"])
        #expect(features.hasFastBFloat16)
        #expect(features.usableCores == 1)
        #expect(!CPUFeatures(cpuinfo: "", usableCores: 4).hasFastBFloat16)
    }

    @Test func `an engine thread gives its result and its error, away from the main thread`() async throws {
        #expect(try await onEngineThread("masque-test") { Thread.isMainThread } == false)
        await #expect(throws: MasqueError.self) {
            try await onEngineThread("masque-test") { throw MasqueError(.failed, "It failed.") }
        }
    }

    @Test func `an engine thread is told when its task is cancelled`() async throws {
        let task = Task {
            try await onEngineThread("masque-test") { flag in
                while true {
                    try flag.check()
                    Thread.sleep(forTimeInterval: 0.001)
                }
            }
        }
        task.cancel()
        let error = await #expect(throws: MasqueError.self) { try await task.value }
        #expect(error?.code == .stopped)
    }
}
