// The bench part that swaps and restores faces of a video through graphs of the published generators' size.
internal import Errors
internal import Foundation
internal import Inference
internal import ModelFiles
internal import Studio

/// inswapper_128's and a restorer's size with random weights: the graph alone on each runtime, and whole videos.
struct GeneratorsPart: BenchPart {
    let name = "generators"
    let title = "Published generators at 1280×720"

    private static let swapper = "inswapper_128", enhancer = "gfpgan_1.4", recogniser = "arcface_w600k_r50"

    func run(quick: Bool) throws -> String {
        try withTemporaryFolder { folder in
            let store = StoredModels(folder: folder.appendingPathComponent("models"))
            try FileManager.default.createDirectory(at: store.folder, withIntermediateDirectories: true)
            func file(_ name: String) -> URL { store.folder.appendingPathComponent(name + ".onnx") }
            try GeneratorGraphs.writeSwapper(to: file(Self.swapper))
            try GeneratorGraphs.writeEnhancer(to: file(Self.enhancer))
            try GeneratorGraphs.writeRecogniser(to: file(Self.recogniser))
            let half = folder.appendingPathComponent("half.onnx")
            try GeneratorGraphs.writeSwapper(to: half, half: true)
            try Self.record([Self.swapper, Self.enhancer, Self.recogniser], in: store)
            setenv("MASQUE_MODEL_STORE", store.folder.path, 1)

            let runtimes = try Self.runtimes(
                [
                    (Self.swapper, file(Self.swapper)), ("inswapper_128 in float16", half),
                    (Self.enhancer, file(Self.enhancer)),
                ],
                quick: quick)
            let frames = quick ? 8 : 40
            let target = folder.appendingPathComponent("target.mp4").path
            try SampleStage(width: 1280, height: 720).write(frames: frames, to: target)
            var videos = Table([
                "processors", "s/frame", "graph alone, s", "share in the runtime", "peak MiB", "model's file MiB",
                "loading s", "first frame after, s",
            ])
            for (label, processors, models) in [
                ("face_swapper inswapper_128", "face_swapper", [Self.swapper]),
                ("face_enhancer gfpgan_1.4", "face_enhancer", [Self.enhancer]),
                ("both", "face_swapper,face_enhancer", [Self.swapper, Self.enhancer]),
            ] {
                var job = ChildJob(
                    kind: .swap, source: SampleStage.source, target: target,
                    output: folder.appendingPathComponent("output.mp4").path)
                job.processors = processors
                job.swapper = Self.swapper
                // Once to measure and remember the choice of runtime, as a machine does at a model's first use.
                _ = try BenchChild.run(job)
                let swap = try BenchChild.run(job)
                var alone = 0.0, loading = 0.0, bytes = 0
                for model in models {
                    var probe = ChildJob(kind: .model, target: file(model).path)
                    probe.swapper = model
                    probe.times = quick ? 3 : 8
                    let result = try BenchChild.run(probe)
                    alone += result.runs.map(\.seconds).sorted()[result.runs.count / 2]
                    loading += result.loadingSeconds ?? 0
                    bytes += (try? FileManager.default.attributesOfItem(atPath: file(model).path)[.size] as? Int) ?? 0
                }
                guard let run = swap.runs.first, let pipeline = run.pipelineSeconds, let report = run.report else {
                    throw MasqueError(.failed, "The bench's child measured nothing.")
                }
                // The pipeline's time begins when the first frame is written.
                let frame = pipeline / Double(frames - 1)
                videos.add([
                    label, text(frame, 2), text(alone, 2), text(100 * alone / frame, 0) + " %",
                    text(Double(swap.peakBytes) / 1_048_576, 0), text(Double(bytes) / 1_048_576, 0), text(loading, 1),
                    text(run.seconds - pipeline - loading - frame, 1),
                ])
                guard report.framesSwapped == frames else {
                    throw MasqueError(.failed, "Only \(report.framesSwapped) of \(frames) frames were worked on.")
                }
            }
            return """
                Graphs of the published files' tensors, layers and size with random weights: inswapper_128 \
                (138 M parameters, 174.5 GMAC) and a restorer of GFPGAN's kind (512×512). One face of 240 pixels, \
                \(frames) frames. The share is the graph's own time, run alone, over the video's time a frame.

                \(videos.markdown)

                The graphs alone, medians; errors against ONNX Runtime in float32 on a picture's crop.

                \(runtimes)
                """
        }
    }

    private static func record(_ names: [String], in store: StoredModels) throws {
        var record = StoredModels.Record()
        for name in names {
            let url = store.folder.appendingPathComponent(name + ".onnx")
            let bytes = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int ?? 0
            record.models.append(
                StoredModels.Model(
                    name: name,
                    files: [
                        StoredModels.File(
                            file: name + ".onnx", bytes: bytes, sha256: try SHA256.hex(ofFileAt: url.path))
                    ],
                    added: Date()))
        }
        try record.encoded().write(to: store.recordFile)
    }

    /// Each graph on each runtime.
    private static func runtimes(_ graphs: [(String, URL)], quick: Bool) throws -> String {
        var table = Table(["graph", "runtime", "1 thread, s", "2 threads, s", "PSNR, dB"])
        var reference: [Tensor] = []
        for (name, url) in graphs {
            let backends: [(String, ExecutionPolicy.Backend)] =
                name.hasSuffix("float16")
                ? [
                    ("ONNX Runtime", .onnxRuntime), ("OpenVINO f32", .openVINO(.float32)),
                    ("OpenVINO bf16", .openVINO(.bfloat16)),
                ]
                : [
                    ("ONNX Runtime f32", .onnxRuntime), ("OpenVINO f32", .openVINO(.float32)),
                    ("OpenVINO bf16", .openVINO(.bfloat16)),
                ]
            for (label, backend) in backends {
                var cells: [String] = []
                var outputs: [Tensor] = []
                for threads in [1, 2] {
                    guard
                        let session = try? ModelLoader.load(
                            path: url.path, name: name, policy: ExecutionPolicy(threads: threads, backend: backend))
                    else {
                        cells.append("–")
                        continue
                    }
                    let inputs = probe(session)
                    let time = try medianMilliseconds(atLeast: quick ? 1 : 3, seconds: quick ? 1 : 5) {
                        outputs = try session.run(inputs)
                    }
                    cells.append(text(time / 1000, 2))
                }
                if backend == .onnxRuntime, !name.hasSuffix("float16") { reference = outputs }
                let closeness = zip(reference, outputs).map { BackendChoice.peakSignalToNoise($0, $1) }.min()
                let isReference = backend == .onnxRuntime && !name.hasSuffix("float16")
                table.add(
                    [name, label] + cells + [isReference ? "–" : closeness.map { text($0, 1) } ?? "–"])
            }
        }
        return table.markdown
    }

    /// Smooth waves for pictures, small numbers for vectors.
    static func probe(_ session: any InferenceSession) -> [String: Tensor] {
        Dictionary(
            session.inputs.map { spec in
                let count = spec.shape.reduce(1, *)
                let values = (0..<count).map { i -> Float in
                    spec.shape.count == 4
                        ? 0.5 + 0.4 * sin(Float(i % 512) / 23) * cos(Float(i / 512) / 31) : sin(Float(i)) * 0.06
                }
                return (spec.name, Tensor.float32(values, shape: spec.shape))
            }
        ) { first, _ in first }
    }
}
