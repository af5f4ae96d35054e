// The bench part that compares the inference runtimes on the shipped graphs and a large one.
internal import Errors
internal import Foundation
internal import Inference

/// ONNX Runtime in float32, OpenVINO in float32 and OpenVINO in bfloat16, with one and two threads: the time of a run
/// and how far the outputs are from ONNX Runtime's.
struct RuntimesPart: BenchPart {
    let name = "runtimes"
    let title = "Runtimes"

    private struct Subject {
        let name: String
        let path: String
        let shape: [Int]
        /// The input's values lie in this range.
        let range: ClosedRange<Float>

        /// A drawing of a face over a graded ground with a little seeded noise: models that look for faces then have
        /// something to find, which noise alone does not give them.
        var input: Tensor {
            var random = Noise(state: 5)
            let planar = shape[1] == 3
            let (height, width) = planar ? (shape[2], shape[3]) : (shape[1], shape[2])
            var values = [Float](repeating: 0, count: 3 * height * width)
            for y in 0..<height {
                for x in 0..<width {
                    let (u, v) = (Float(x) / Float(width) - 0.5, Float(y) / Float(height) - 0.5)
                    let colour = Self.drawing(u * Float(width) / Float(height), v)
                    for channel in 0..<3 {
                        let unit = min(1, max(0, colour[channel] + 0.04 * (random.next() - 0.5)))
                        let index = planar ? (channel * height + y) * width + x : (y * width + x) * 3 + channel
                        values[index] = range.lowerBound + unit * (range.upperBound - range.lowerBound)
                    }
                }
            }
            return .float32(values, shape: shape)
        }

        /// The colour at a place whose height spans -0.5 to 0.5.
        private static func drawing(_ x: Float, _ y: Float) -> SIMD3<Float> {
            func blob(_ centreX: Float, _ centreY: Float, _ radiusX: Float, _ radiusY: Float) -> Float {
                let (dx, dy) = ((x - centreX) / radiusX, (y - centreY) / radiusY)
                return 1 / (1 + exp(12 * (dx * dx + dy * dy - 1)))
            }
            func over(_ under: SIMD3<Float>, _ colour: SIMD3<Float>, _ cover: Float) -> SIMD3<Float> {
                under + (colour - under) * cover
            }
            var colour = SIMD3<Float>(0.35 + 0.3 * y, 0.45, 0.6 - 0.3 * x)
            colour = over(colour, [0.25, 0.16, 0.1], blob(0, -0.06, 0.27, 0.34))
            colour = over(colour, [0.85 - 0.3 * x, 0.66 - 0.25 * x, 0.55 - 0.2 * x], blob(0, 0, 0.22, 0.3))
            for side in [Float(-1), 1] {
                colour = over(colour, [0.3, 0.2, 0.15], blob(side * 0.09, -0.1, 0.05, 0.012))
                colour = over(colour, [0.95, 0.95, 0.95], blob(side * 0.09, -0.06, 0.035, 0.016))
                colour = over(colour, [0.1, 0.08, 0.08], blob(side * 0.09, -0.06, 0.014, 0.014))
            }
            colour = over(colour, [0.7, 0.5, 0.42], blob(0.01, 0.03, 0.03, 0.05))
            return over(colour, [0.7, 0.3, 0.3], blob(0, 0.14, 0.07, 0.018))
        }
    }

    func run(quick: Bool) throws -> String {
        let installation = Installation()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("masque-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let convolutions = folder.appendingPathComponent("convolutions.onnx")
        try ConvolutionGraph.write(to: convolutions)

        func shipped(_ id: String, _ shape: [Int], _ range: ClosedRange<Float>, _ note: String = "") throws -> Subject {
            Subject(name: id + note, path: try installation.verifiedModel(id).path, shape: shape, range: range)
        }
        let subjects = try [
            shipped("face_mesh", [1, 192, 192, 3], 0...1),
            shipped("centerface", [1, 3, 512, 512], 0...255, " 512×512"),
            shipped("centerface", [1, 3, 384, 640], 0...255, " 640×384"),
            shipped("identity", [1, 3, 150, 150], 0...255),
            shipped("open_nsfw", [1, 224, 224, 3], -128...128),
            Subject(
                name: String(format: "convolutions, %.1f GFLOP", ConvolutionGraph.flops / 1e9),
                path: convolutions.path, shape: [1, 3, 256, 256], range: 0...1),
        ]
        var table = Table(["graph", "runtime", "1 thread, ms", "2 threads, ms", "greatest error / peak", "PSNR, dB"])
        var choices = Table(["graph", "automatic choice on 2 threads"])
        for subject in subjects {
            try measure(subject, quick: quick, into: &table)
            let input = subject.input
            let verdict = try BackendChoice.choose(
                path: subject.path, name: subject.name, policy: ExecutionPolicy(threads: 2),
                probe: { session in Dictionary(session.inputs.map { ($0.name, input) }) { first, _ in first } }
            ).verdict
            choices.add([subject.name, verdict.reason])
        }
        let waiting = try subjects.filter { $0.shape[2] < 512 }.map { ($0, try measureSpinning($0, quick: quick)) }
        var spinning = Table(["graph", "wait asleep: wall, CPU ms", "wait spinning: wall, CPU ms"])
        for (subject, cells) in waiting { spinning.add([subject.name] + cells) }
        return """
            Processor: \(CPUFeatures.current.model), \(CPUFeatures.current.usableCores) cores. Medians; errors against \
            ONNX Runtime in float32, over all outputs.

            \(table.markdown)

            \(choices.markdown)

            ONNX Runtime on 2 threads with 5 ms of other work between runs:

            \(spinning.markdown)
            """
    }

    private func measure(_ subject: Subject, quick: Bool, into table: inout Table) throws {
        let input = subject.input
        var reference: [Tensor] = []
        let backends: [(String, ExecutionPolicy.Backend)] = [
            ("ONNX Runtime f32", .onnxRuntime), ("OpenVINO f32", .openVINO(.float32)),
            ("OpenVINO bf16", .openVINO(.bfloat16)),
        ]
        for (label, backend) in backends {
            var times: [String] = []
            var outputs: [Tensor] = []
            for threads in [1, 2] {
                let session = try ModelLoader.load(
                    path: subject.path, name: subject.name,
                    policy: ExecutionPolicy(threads: threads, backend: backend))
                let time = try medianMilliseconds(atLeast: quick ? 5 : 15, seconds: quick ? 0.3 : 2) {
                    outputs = try session.run(input)
                }
                times.append(String(format: "%.1f", time))
            }
            if backend == .onnxRuntime { reference = outputs }
            let closeness = zip(reference, outputs).map { BackendChoice.peakSignalToNoise($0, $1) }.min() ?? 0
            let errors = zip(reference, outputs).map { Self.greatestError($0, $1) }.max() ?? 0
            let isReference = backend == .onnxRuntime
            table.add(
                [subject.name, label] + times + [
                    isReference ? "–" : String(format: "%.1e", errors),
                    isReference ? "–" : String(format: "%.1f", closeness),
                ])
        }
    }

    /// Wall and processor time of a run whose threads sleep, or spin, between runs and operators. Between runs the
    /// caller rests 5 ms, as one that also decodes and encodes does; spinning goes on into that rest.
    private func measureSpinning(_ subject: Subject, quick: Bool) throws -> [String] {
        let input = subject.input
        return try [false, true].map { spins in
            let session = try ModelLoader.load(
                path: subject.path, name: subject.name,
                policy: ExecutionPolicy(threads: 2, backend: .onnxRuntime, spinning: spins))
            let rounds = quick ? 10 : 60
            var walls: [Double] = []
            _ = try session.run(input)
            let before = clock()
            for _ in 0..<rounds {
                walls.append(try ContinuousClock().measure { _ = try session.run(input) } / .milliseconds(1))
                Thread.sleep(forTimeInterval: 0.005)
            }
            let processor = Double(clock() - before) / Double(CLOCKS_PER_SEC) * 1000 / Double(rounds)
            return String(format: "%.1f, %.1f", walls.sorted()[rounds / 2], processor)
        }
    }

    /// The greatest difference over the greatest magnitude of the reference.
    private static func greatestError(_ reference: Tensor, _ found: Tensor) -> Double {
        guard let a = reference.floats, let b = found.floats, a.count == b.count else { return .infinity }
        let peak = a.reduce(0) { max($0, abs($1)) }
        let error = zip(a, b).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
        return peak > 0 ? Double(error / peak) : Double(error)
    }
}
