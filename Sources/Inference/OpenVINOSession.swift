// A model compiled by OpenVINO for the CPU.
internal import COpenVINO
internal import Errors
internal import Foundation
internal import Synchronization

/// A model that OpenVINO runs. Runs from several threads at once are safe: each borrows an infer request of its own
/// from a pool that grows to as many as run at once.
// Unchecked: `model` is set once; the pool is behind a mutex and lends each request to one thread at a time.
@safe final class OpenVINOSession: InferenceSession, @unchecked Sendable {
    let inputs: [TensorSpec]
    let outputs: [TensorSpec]
    let backend: String
    /// Whether the weights were mapped where they lie instead of copied.
    let hasWeightsInPlace: Bool
    private let runtime: OpenVINORuntime
    private let name: String
    private let model: OpaquePointer
    private let idle = Mutex<[Request]>([])

    /// Owns one infer request of the library.
    // Unchecked: lent to one thread at a time.
    @safe private final class Request: @unchecked Sendable {
        let ov: OpaquePointer
        let handle: OpaquePointer
        init(ov: OpaquePointer, handle: OpaquePointer) {
            unsafe self.ov = ov
            unsafe self.handle = handle
        }
        deinit { unsafe masque_ov_release_request(ov, handle) }
    }

    /// Compiles the ONNX file at `path`.
    /// - Throws: `.missingModel` when there is no such file; `.damagedModel` when it is no model that the library can
    ///   load.
    init(
        path: String, name: String, runtime: OpenVINORuntime, precision: ExecutionPolicy.Precision, threads: Int
    ) throws {
        let graph = try OnnxGraph(path: path, name: name)
        self.runtime = runtime
        self.name = name
        inputs = graph.inputs
        outputs = graph.outputs
        backend = "openvino/cpu/\(precision.rawValue)"
        // Weights are named from `/` on, by the place where they really lie.
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let message = try? GraphInPlace(file: Data(mappingFileAt: path), location: String(real.dropFirst()))?.bytes
        var place: Int32 = 0
        unsafe model = try runtime.whileCompiling {
            unsafe try runtime.make("load the model “\(name)” from \(path)", .damagedModel) { model in
                guard let message else {
                    return unsafe masque_ov_compile(
                        runtime.ov, path, nil, 0, precision.rawValue, "\(threads)", model, &place)
                }
                return unsafe message.withUnsafeBytes { bytes in
                    unsafe masque_ov_compile(
                        runtime.ov, path, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
                        precision.rawValue, "\(threads)", model, &place)
                }
            }
        }
        hasWeightsInPlace = place != 0
        for (isOutput, specs) in [(false, inputs), (true, outputs)] {
            for spec in specs { try checkType(of: spec, isOutput: isOutput) }
        }
    }

    deinit {
        idle.withLock { $0.removeAll() }
        unsafe masque_ov_release_model(runtime.ov, model)
    }

    /// Makes sure that the library takes and gives the element type that the file states.
    private func checkType(of spec: TensorSpec, isOutput: Bool) throws {
        var type: Int32 = 0
        try runtime.check("find the tensor “\(spec.name)” of the model “\(name)”", .damagedModel) {
            unsafe masque_ov_type(runtime.ov, model, isOutput ? 1 : 0, spec.name, &type)
        }
        guard type == spec.elementType.openVINO else {
            throw MasqueError(
                .failed, "OpenVINO takes the tensor “\(spec.name)” of the model “\(name)” in another element type.",
                advice: "Run this model on ONNX Runtime.")
        }
    }

    func run(_ tensors: [String: Tensor], outputs wanted: [String]) throws -> [Tensor] {
        let prepared = try prepare(tensors)
        let positions = try positions(of: wanted)
        // A request that failed is dropped, not lent again.
        let request = try idle.withLock({ $0.popLast() }) ?? makeRequest()
        let results = unsafe try NativeTensor.withUnsafeBytes(of: prepared) { buffers in
            for (index, tensor) in prepared.enumerated() {
                unsafe try set(tensor, buffers[index], inputs[index].name, request)
            }
            try RuntimeClock.running(name) {
                try runtime.check("run the model “\(name)”") { unsafe masque_ov_run(runtime.ov, request.handle) }
            }
            return try positions.map { try copy(outputs[$0], request) }
        }
        idle.withLock { $0.append(request) }
        return results
    }

    private func makeRequest() throws -> Request {
        let handle = unsafe try runtime.make("prepare a run of the model “\(name)”") {
            unsafe masque_ov_create_request(runtime.ov, model, $0)
        }
        return unsafe Request(ov: runtime.ov, handle: handle)
    }

    /// Lends `buffer` to the request. The request keeps the address after the run but reads it only during runs, and
    /// every run sets all inputs anew.
    private func set(
        _ tensor: NativeTensor, _ buffer: UnsafeRawBufferPointer, _ input: String, _ request: Request
    ) throws {
        let shape = tensor.shape.map { Int64($0) }
        // The library takes a mutable pointer but only reads inputs.
        let bytes = unsafe UnsafeMutableRawPointer(mutating: buffer.baseAddress)
        let handle = unsafe try runtime.make("take the input “\(input)” of the model “\(name)”") {
            unsafe masque_ov_wrap(runtime.ov, tensor.elementType.openVINO, shape, shape.count, bytes, $0)
        }
        defer { unsafe masque_ov_release_tensor(runtime.ov, handle) }
        try runtime.check("take the input “\(input)” of the model “\(name)”") {
            unsafe masque_ov_set(runtime.ov, request.handle, input, handle)
        }
    }

    private func copy(_ spec: TensorSpec, _ request: Request) throws -> Tensor {
        let doing = "read the output “\(spec.name)” of the model “\(name)”"
        let handle = unsafe try runtime.make(doing) {
            unsafe masque_ov_get(runtime.ov, request.handle, spec.name, $0)
        }
        defer { unsafe masque_ov_release_tensor(runtime.ov, handle) }
        var type: Int32 = 0
        var shape = [Int64](repeating: 0, count: Int(MASQUE_OV_MAX_RANK))
        var rank = 0
        var elements = 0
        var bytes: UnsafeMutableRawPointer?
        try runtime.check(doing) {
            unsafe masque_ov_inspect(runtime.ov, handle, &type, &shape, &rank, &elements, &bytes)
        }
        guard type == spec.elementType.openVINO, rank <= shape.count else {
            throw MasqueError(.failed, "The model “\(name)” gave an output that Masque does not read.")
        }
        return unsafe Tensor(
            copying: bytes, count: elements, type: spec.elementType, shape: shape.prefix(rank).map { Int($0) })
    }
}

extension ElementType {
    /// OpenVINO's number of the type; see `COpenVINO.h`.
    fileprivate var openVINO: Int32 {
        switch self {
        case .bool: Int32(MASQUE_OV_BOOL)
        case .float16: Int32(MASQUE_OV_FLOAT16)
        case .float32: Int32(MASQUE_OV_FLOAT32)
        case .float64: Int32(MASQUE_OV_FLOAT64)
        case .int32: Int32(MASQUE_OV_INT32)
        case .int64: Int32(MASQUE_OV_INT64)
        case .uint8: Int32(MASQUE_OV_UINT8)
        }
    }
}
