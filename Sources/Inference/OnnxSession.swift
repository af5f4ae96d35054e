// A model loaded by ONNX Runtime.
internal import COnnxRuntime
internal import Errors

/// A model that ONNX Runtime runs. Runs from several threads at once are safe: the library allows it, and nothing
/// here changes after `init`.
// Unchecked: `session` and `runOptions` are set once and the library's calls on them are thread-safe.
@safe final class OnnxSession: InferenceSession, @unchecked Sendable {
    let inputs: [TensorSpec]
    let outputs: [TensorSpec]
    let backend: String
    private let runtime: OnnxRuntime
    private let name: String
    private let handles: Handles

    /// Owns the C handles, so that they are released also when describing the graph fails.
    @safe private final class Handles {
        let ort: OpaquePointer
        let session: OpaquePointer
        let runOptions: OpaquePointer
        init(ort: OpaquePointer, session: OpaquePointer, runOptions: OpaquePointer) {
            unsafe self.ort = ort
            unsafe self.session = session
            unsafe self.runOptions = runOptions
        }
        deinit {
            unsafe masque_ort_release_run_options(ort, runOptions)
            unsafe masque_ort_release_session(ort, session)
        }
    }

    /// Loads the ONNX file at `path`.
    /// - Throws: `.damagedModel` when the file is no model that the library can load; `.failed` when the provider is
    ///   not there.
    init(path: String, name: String, runtime: OnnxRuntime, policy: ExecutionPolicy) throws {
        self.runtime = runtime
        self.name = name
        backend = "onnxruntime/\(policy.provider.rawValue)"
        let ort = unsafe runtime.ort
        let options = unsafe try runtime.make("make session options") { unsafe masque_ort_create_options(ort, $0) }
        defer { unsafe masque_ort_release_options(ort, options) }
        unsafe try Self.configure(options, runtime: runtime, policy: policy)
        let runOptions = unsafe try runtime.make("make run options") { unsafe masque_ort_create_run_options(ort, $0) }
        let session: OpaquePointer
        do {
            // The library refuses to shrink an arena that is not there: strict has none on the CPU.
            if policy.memory == .moderate || policy.memory == .strict && policy.provider == .cuda {
                let places = policy.provider == .cuda ? "gpu:\(policy.device)" : "cpu:0"
                unsafe try runtime.check("set its memory strategy") {
                    unsafe masque_ort_add_run_config(
                        ort, runOptions, "memory.enable_memory_arena_shrinkage", places)
                }
            }
            unsafe session = try runtime.make("load the model “\(name)” from \(path)", .damagedModel) {
                unsafe masque_ort_create_session(ort, runtime.environment, path, options, $0)
            }
        } catch {
            unsafe masque_ort_release_run_options(ort, runOptions)
            throw error
        }
        unsafe handles = Handles(ort: ort, session: session, runOptions: runOptions)
        var inputCount = 0
        var outputCount = 0
        unsafe try runtime.check("describe the model “\(name)”") {
            unsafe masque_ort_counts(ort, session, &inputCount, &outputCount)
        }
        inputs = try (0..<inputCount).map { unsafe try Self.describe($0, false, session, runtime, name) }
        outputs = try (0..<outputCount).map { unsafe try Self.describe($0, true, session, runtime, name) }
    }

    private static func configure(_ options: OpaquePointer, runtime: OnnxRuntime, policy: ExecutionPolicy) throws {
        let ort = unsafe runtime.ort
        unsafe try runtime.check("set its optimisation level") { unsafe masque_ort_set_optimisation(ort, options, 99) }
        unsafe try runtime.check("set its threads") {
            unsafe masque_ort_set_threads(ort, options, Int32(clamping: policy.threads), 1)
        }
        unsafe try runtime.check("set its spinning") {
            unsafe masque_ort_add_config(
                ort, options, "session.intra_op.allow_spinning", policy.spinning ? "1" : "0")
        }
        if policy.memory == .strict {
            unsafe try runtime.check("set its memory strategy") { unsafe masque_ort_disable_arena(ort, options) }
        }
        if policy.provider == .cuda {
            unsafe try Self.appendCUDA(options, runtime: runtime, policy: policy)
        }
    }

    private static func appendCUDA(_ options: OpaquePointer, runtime: OnnxRuntime, policy: ExecutionPolicy) throws {
        let pairs = [
            ("device_id", "\(policy.device)"),
            ("arena_extend_strategy", policy.memory == .tolerant ? "kNextPowerOfTwo" : "kSameAsRequested"),
            ("cudnn_conv_algo_search", "HEURISTIC"),
        ]
        do {
            unsafe try CStrings.with(pairs.map(\.0)) { keys in
                unsafe try CStrings.with(pairs.map(\.1)) { values in
                    unsafe try runtime.check("use CUDA") {
                        unsafe masque_ort_append_cuda(runtime.ort, options, keys, values, pairs.count)
                    }
                }
            }
        } catch let error as MasqueError {
            throw MasqueError(
                error.code, error.message,
                advice: "Install the GPU build of the runtime and a driver, or choose the provider cpu.",
                cause: error.cause)
        }
    }

    private static func describe(
        _ index: Int, _ isOutput: Bool, _ session: OpaquePointer, _ runtime: OnnxRuntime, _ model: String
    ) throws -> TensorSpec {
        var name = [CChar](repeating: 0, count: 1024)
        var type: Int32 = 0
        var shape = [Int64](repeating: -1, count: Int(MASQUE_ORT_MAX_RANK))
        var rank = 0
        unsafe try runtime.check("describe the model “\(model)”") {
            unsafe masque_ort_describe(
                runtime.ort, session, isOutput ? 1 : 0, index, &name, name.count, &type, &shape, &rank)
        }
        let text = String(terminated: name)
        guard let elementType = ElementType(onnx: type) else {
            throw MasqueError(
                .damagedModel,
                "The model “\(model)” has a tensor “\(text)” of an element type that Masque does not read (\(type)).")
        }
        guard rank <= shape.count else {
            throw MasqueError(.damagedModel, "The model “\(model)” has a tensor “\(text)” of \(rank) dimensions.")
        }
        return TensorSpec(name: text, elementType: elementType, shape: shape.prefix(rank).map { Int($0) })
    }

    func run(_ tensors: [String: Tensor], outputs wanted: [String]) throws -> [Tensor] {
        let prepared = try prepare(tensors)
        let positions = try positions(of: wanted)
        let ort = unsafe runtime.ort
        let inputNames = inputs.map(\.name)
        let outputNames = positions.map { outputs[$0].name }
        var values = unsafe [OpaquePointer?](repeating: nil, count: prepared.count)
        var results = unsafe [OpaquePointer?](repeating: nil, count: positions.count)
        defer { unsafe (values + results).forEach { unsafe masque_ort_release_value(ort, $0) } }
        unsafe try NativeTensor.withUnsafeBytes(of: prepared) { buffers in
            for (index, tensor) in prepared.enumerated() {
                unsafe try wrap(tensor, buffers[index], inputs[index].name, &values[index])
            }
            unsafe try CStrings.with(inputNames) { inputNames in
                unsafe try CStrings.with(outputNames) { outputNames in
                    try RuntimeClock.running(name) {
                        unsafe try runtime.check("run the model “\(name)”") {
                            unsafe masque_ort_run(
                                ort, handles.session, handles.runOptions, inputNames, values, values.count,
                                outputNames, positions.count, &results)
                        }
                    }
                }
            }
        }
        return unsafe try results.map { unsafe try copy($0) }
    }

    private func wrap(
        _ tensor: NativeTensor, _ buffer: UnsafeRawBufferPointer, _ input: String, _ value: inout OpaquePointer?
    ) throws {
        let shape = tensor.shape.map { Int64($0) }
        // The library takes a mutable pointer but only reads inputs.
        let bytes = unsafe UnsafeMutableRawPointer(mutating: buffer.baseAddress)
        unsafe try runtime.check("take the input “\(input)” of the model “\(name)”") {
            unsafe masque_ort_wrap(
                runtime.ort, runtime.memory, bytes, buffer.count, shape, shape.count, tensor.elementType.onnx, &value)
        }
    }

    private func copy(_ value: OpaquePointer?) throws -> Tensor {
        var type: Int32 = 0
        var shape = [Int64](repeating: 0, count: Int(MASQUE_ORT_MAX_RANK))
        var rank = 0
        var elements = 0
        var bytes: UnsafeMutableRawPointer?
        unsafe try runtime.check("read an output of the model “\(name)”") {
            unsafe masque_ort_inspect(runtime.ort, value, &type, &shape, &rank, &elements, &bytes)
        }
        guard let elementType = ElementType(onnx: type), rank <= shape.count else {
            throw MasqueError(.failed, "The model “\(name)” gave an output that Masque does not read.")
        }
        return unsafe Tensor(
            copying: bytes, count: elements, type: elementType, shape: shape.prefix(rank).map { Int($0) })
    }
}

extension ElementType {
    /// The type that ONNX numbers so; `nil` for those that Masque does not read.
    init?(onnx number: Int32) {
        guard let type = Self.numbers.first(where: { $0.value == number })?.key else { return nil }
        self = type
    }

    /// ONNX's number of the type.
    var onnx: Int32 { Self.numbers[self] ?? 0 }

    private static let numbers: [ElementType: Int32] = [
        .float32: 1, .uint8: 2, .int32: 6, .int64: 7, .bool: 9, .float16: 10, .float64: 11,
    ]
}
