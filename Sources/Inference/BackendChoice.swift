// Which runtime runs a model: OpenVINO in bfloat16 for large graphs where that is faster and close, else ONNX Runtime.
internal import Errors
internal import Foundation

/// Decides for ``ExecutionPolicy/Backend/automatic`` by measuring; ``RememberedChoice`` keeps what was chosen.
///
/// ONNX Runtime in float32 is the reference and the fallback. OpenVINO in bfloat16 is taken when all of this holds:
/// the provider is the CPU and it has bfloat16 dot products; the model has only float32 inputs and outputs, single
/// float64 numbers such as CodeFormer's weight apart; a run takes at least ``slowRun``; on a seeded input, textured as
/// pictures are, every output of OpenVINO is within ``closeness`` of ONNX Runtime's;
/// and it is faster by ``gain``. So a model whose numbers suffer, or that gains nothing, stays as it is.
package enum BackendChoice {
    /// The least peak signal-to-noise ratio in decibels at which an output counts as close to float32's; the peak is
    /// the greatest magnitude in the reference.
    package static let closeness = 45.0
    /// From this time on a run counts as large: below, the second runtime's memory is not worth the little it saves.
    package static let slowRun = Duration.milliseconds(20)
    /// How many times as fast OpenVINO must be.
    package static let gain = 1.2
    /// The size that a free height or width is given for the measurement; a free batch is given 1.
    package static let probeSide = 256

    /// Why a runtime was chosen, for `masque doctor` and logs.
    package struct Verdict: Sendable {
        /// The backend that was chosen.
        package let backend: ExecutionPolicy.Backend
        /// A whole sentence that says why.
        package let reason: String
    }

    /// Makes an input that is typical for a model, by input name; a real picture is best. Called only to measure.
    package typealias Probe = @Sendable (any InferenceSession) -> [String: Tensor]

    /// Loads the model at `path` on the better runtime, and says why it is that.
    /// - Parameter makeProbe: the input to measure on; ``probe(for:)`` when `nil`.
    package static func choose(
        path: String, name: String, policy: ExecutionPolicy, features: CPUFeatures = .current,
        closeness: Double = closeness, slowRun: Duration = slowRun, installation: Installation = Installation(),
        probe makeProbe: Probe? = nil
    ) throws -> (session: any ModelLibrary.LoadedSession, verdict: Verdict) {
        let reference = try ModelLoader.onnx(path, name, policy, installation)
        func stay(_ reason: String) -> (any ModelLibrary.LoadedSession, Verdict) {
            (reference, Verdict(backend: .onnxRuntime, reason: reason))
        }
        guard policy.provider == .cpu else { return stay("It runs on \(policy.provider.rawValue).") }
        guard features.hasFastBFloat16 else { return stay("This processor has no bfloat16 arithmetic.") }
        guard FileManager.default.fileExists(atPath: installation.openVINO.path) else {
            return stay("OpenVINO is not installed.")
        }
        guard reference.inputs.allSatisfy({ $0.elementType == .float32 || $0.isFloat64Number }),
            reference.outputs.allSatisfy({ $0.elementType == .float32 })
        else { return stay("It has inputs or outputs that are not float32.") }
        let probe = makeProbe?(reference) ?? probe(for: reference)
        // A probe that the graph refuses (sizes that must match, say) says nothing against the model.
        guard let (expected, time) = try? timed(reference, probe) else { return stay("Its input sizes are not known.") }
        guard time >= slowRun else { return stay("A run takes \(milliseconds(time)), which is short.") }
        guard let candidate = try? ModelLoader.openVINO(path, name, .bfloat16, policy, installation),
            let (found, candidateTime) = try? timed(candidate, probe)
        else { return stay("OpenVINO cannot run it.") }
        let ratio = zip(expected, found).map { peakSignalToNoise($0, $1) }.min() ?? -.infinity
        let decibels = ratio.isFinite ? String(format: "%.1f dB", ratio) : "infinitely close"
        guard expected.count == found.count, ratio >= closeness else {
            return stay("In bfloat16 its output is \(decibels) from float32's, which is not close enough.")
        }
        let times = "\(milliseconds(candidateTime)) instead of \(milliseconds(time))"
        guard candidateTime * gain <= time else { return stay("OpenVINO takes \(times), which gains too little.") }
        return (
            candidate,
            Verdict(
                backend: .openVINO(.bfloat16),
                reason: "OpenVINO in bfloat16 takes \(times), at \(decibels) from float32's output.")
        )
    }

    /// A seeded input of sizes that the graph takes: 1 for a free first dimension, 3 for a free channel of four,
    /// ``probeSide`` for other free dimensions. Four dimensions are given ``texture(shape:noise:)``, vectors of an
    /// identity's size normal numbers of unit length, float64 numbers a half, others noise in 0..<1.
    package static func probe(for session: any InferenceSession) -> [String: Tensor] {
        var noise = Noise(state: 0x6d61_7371_7565)
        return Dictionary(
            session.inputs.map { spec in
                let shape = spec.shape.enumerated().map { index, dimension in
                    if dimension > 0 { return dimension }
                    if index == 0 { return 1 }
                    return spec.shape.count == 4 && index == 1 && spec.shape[3] != 3 ? 3 : probeSide
                }
                let count = shape.reduce(1, *)
                if spec.elementType == .float64 {
                    return (spec.name, Tensor.float64([Double](repeating: 0.5, count: count), shape: shape))
                }
                let values: [Float]
                if shape.count == 4, shape[1] > 1 || shape[3] > 1 {
                    values = texture(shape: shape, noise: &noise)
                } else if shape.count == 2, count >= 64 {
                    let normal = (0..<count).map { _ in (0..<12).reduce(Float(-6)) { sum, _ in sum + noise.next() } }
                    let length = normal.reduce(0) { $0 + $1 * $1 }.squareRoot()
                    values = normal.map { $0 / length }
                } else {
                    values = (0..<count).map { _ in noise.next() }
                }
                return (spec.name, Tensor.float32(values, shape: shape))
            }
        ) { first, _ in first }
    }

    /// What pictures have of light and detail, in 0…1: waves in all directions whose height falls with their frequency,
    /// as the spectra of photographs do (Field 1987), the colours nearly alike, and a little of a camera's noise.
    private static func texture(shape: [Int], noise: inout Noise) -> [Float] {
        let isPlanar = shape[3] > 4 || shape[1] <= 4
        let (channels, rows, columns) = isPlanar ? (shape[1], shape[2], shape[3]) : (shape[3], shape[1], shape[2])
        let waves = (0..<18).map { index in
            let frequency = 0.6 * powf(1.24, Float(index)), angle = noise.next() * .pi
            return (
                x: frequency * cos(angle), y: frequency * sin(angle), phase: noise.next() * 2 * .pi,
                height: 0.14 / frequency.squareRoot()
            )
        }
        var values = [Float](repeating: 0, count: shape.reduce(1, *))
        for row in 0..<rows {
            for column in 0..<columns {
                let (x, y) = (Float(column) / Float(columns) * 2 * .pi, Float(row) / Float(rows) * 2 * .pi)
                let light = waves.reduce(Float(0.5)) { $0 + $1.height * sin($1.x * x + $1.y * y + $1.phase) }
                for channel in 0..<channels {
                    let tint = light + 0.04 * Float(channel % 3 - 1) + 0.02 * (noise.next() - 0.5)
                    let place =
                        isPlanar
                        ? (channel * rows + row) * columns + column : (row * columns + column) * channels + channel
                    values[place] = min(max(tint, 0), 1)
                }
            }
        }
        return values
    }

    /// How close `found` is to `reference`, in decibels over its greatest magnitude; infinite when they are equal,
    /// and minus infinity when sizes differ or a value is no number.
    package static func peakSignalToNoise(_ reference: Tensor, _ found: Tensor) -> Double {
        guard let a = reference.floats, let b = found.floats, a.count == b.count else { return -.infinity }
        let squares = zip(a, b).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
        guard squares.isFinite else { return -.infinity }
        guard squares > 0 else { return .infinity }
        let peak = Double(a.reduce(0) { max($0, abs($1)) })
        return 10 * log10(peak * peak * Double(a.count) / squares)
    }

    /// The outputs, and the shortest of three runs after one that warms up.
    private static func timed(
        _ session: any InferenceSession, _ inputs: [String: Tensor]
    ) throws -> (outputs: [Tensor], time: Duration) {
        let outputs = try session.run(inputs)
        var best = Duration.seconds(3600)
        for _ in 0..<3 {
            best = min(best, try ContinuousClock().measure { _ = try session.run(inputs) })
        }
        return (outputs, best)
    }

    private static func milliseconds(_ duration: Duration) -> String {
        String(format: "%.1f ms", duration / .milliseconds(1))
    }
}

extension TensorSpec {
    /// Whether this is one number in float64, as the weight of CodeFormer is.
    fileprivate var isFloat64Number: Bool { elementType == .float64 && shape.allSatisfy { $0 == 1 } }
}

/// Reproducible noise (Knuth's linear congruential generator, the upper bits).
package struct Noise {
    private var state: UInt64

    /// Begins a row of numbers; the same seed gives the same ones.
    package init(state: UInt64) { self.state = state }

    /// The next number in 0..<1.
    package mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) / Float(1 << 24)
    }
}
