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
            let target = folder.appendingPathComponent("target.mp4").path
            let frames = quick ? 8 : 40
            try SampleStage(width: 1280, height: 720).write(frames: frames, to: target)
            var times = Table([
                "processors", "s/frame", "share in the runtime", "share in its graphs", "CPU s/frame", "loading s",
                "first frame beyond loading, s",
            ])
            var memory = Table([
                "processors", "peak MiB", "of its own, MiB", "graphs alone: peak MiB", "of their own, MiB",
                "models' files MiB", "own / files", "peak beyond files MiB",
            ])
            var swapping = 0.0, swapPeak = 0.0
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
                // Once to measure and remember the choice of runtime, as a machine does when a model is added.
                _ = try BenchChild.run(job)
                let swap = try BenchChild.run(job)
                guard let run = swap.runs.first, let pipeline = run.pipelineSeconds, let report = run.report,
                    let inside = run.runtimeSeconds, let loading = run.loadingSeconds
                else { throw MasqueError(.failed, "The bench's child measured nothing.") }
                guard report.framesSwapped == frames else {
                    throw MasqueError(.failed, "Only \(report.framesSwapped) of \(frames) frames were worked on.")
                }
                let graphs = models.reduce(0) { $0 + (run.modelSeconds?[$1] ?? 0) }
                // The pipeline's time begins when the first frame is written.
                let frame = pipeline / Double(frames - 1)
                times.add([
                    label, text(frame, 2), text(100 * inside / pipeline, 0) + " %",
                    text(100 * graphs / pipeline, 0) + " %",
                    text((run.pipelineProcessorSeconds ?? 0) / Double(frames - 1), 2), text(loading, 1),
                    text(run.seconds - pipeline - loading, 1),
                ])
                var alone = (peak: 0.0, own: 0.0), files = 0.0
                for model in models {
                    let result = try Self.child(.model, model, file(model), times: 1)
                    alone.peak += Self.mebibytes(result.peakBytes)
                    alone.own += Self.mebibytes(result.peakAnonymousBytes)
                    files += Self.mebibytes(
                        try FileManager.default.attributesOfItem(atPath: file(model).path)[.size] as? Int ?? 0)
                }
                let (peak, own) = (Self.mebibytes(swap.peakBytes), Self.mebibytes(swap.peakAnonymousBytes))
                memory.add(
                    [label] + [peak, own, alone.peak, alone.own, files].map { text($0, 0) }
                        + [text(own / files, 2), text(peak - files, 0)])
                if processors == "face_swapper" { (swapping, swapPeak) = (frame, peak - files) }
            }
            let peer = try Self.child(.peer, Self.swapper, file(Self.swapper), times: quick ? 3 : 8)
            let peerFrame = peer.runs.map(\.seconds).sorted()[peer.runs.count / 2]
            return """
                Graphs of the published files' tensors, layers and size with random weights: inswapper_128 \
                (138 M parameters, 174.5 GMAC) and a restorer of GFPGAN's kind (512×512). One face of 240 pixels, \
                \(frames) frames. Shares are of the wall time from the first frame written on: while any run of an \
                inference runtime was in progress, and while one of these graphs ran.

                \(times.markdown)

                Peaks of a process; “of its own” leaves pages of files out, which the system can drop.

                \(memory.markdown)

                The swapper's graph as FaceFusion runs it (ONNX Runtime in float32, 2 threads that spin, one frame at \
                a time), without anything around it: \(text(peerFrame, 2)) s a run, peak \
                \(text(Self.mebibytes(peer.peakBytes), 0)) MiB. Masque's whole video takes \
                **\(text(swapping / peerFrame, 2)) of that time a frame**; 2.2 to 2.5 s, which FaceFusion was seen to \
                take, are \(text(2.2 / swapping, 1)) to \(text(2.5 / swapping, 1)) times as long. Its memory beyond the \
                weights was about 1,590 MiB, a third of which is 530; Masque's peak is \(text(swapPeak, 0)) MiB beyond.

                The graphs alone, medians; errors against ONNX Runtime in float32 on \
                what the choice of runtime measures on.

                \(runtimes)
                """
        }
    }

    private static func child(_ kind: ChildJob.Kind, _ model: String, _ file: URL, times: Int) throws -> ChildResult {
        var job = ChildJob(kind: kind, target: file.path)
        job.swapper = model
        job.times = times
        return try BenchChild.run(job)
    }

    private static func mebibytes(_ bytes: Int) -> Double { Double(bytes) / 1_048_576 }

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
                    let inputs = BackendChoice.probe(for: session)
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
}
