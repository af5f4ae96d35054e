// The opened ONNX Runtime library: one per path and process.
internal import COnnxRuntime
internal import Errors
internal import Synchronization

/// ONNX Runtime, opened. Owns the library's environment, which lives as long as the process: the library's threads
/// must not outlive it.
// Unchecked: the pointers are set once, and the library allows calls from any thread.
@safe final class OnnxRuntime: @unchecked Sendable {
    let ort: OpaquePointer
    let environment: OpaquePointer
    let memory: OpaquePointer

    private static let opened = Mutex<[String: OnnxRuntime]>([:])

    /// The library at `path`, opened at the first call.
    static func open(_ path: String) throws -> OnnxRuntime {
        try opened.withLock { opened in
            if let runtime = opened[path] { return runtime }
            let runtime = try OnnxRuntime(path)
            opened[path] = runtime
            return runtime
        }
    }

    private init(_ path: String) throws {
        var message = [CChar](repeating: 0, count: 1024)
        guard let ort = unsafe masque_ort_open(path, &message, message.count) else {
            throw MasqueError(
                .missingModel, "ONNX Runtime cannot be opened at \(path): \(String(terminated: message)).",
                advice: Installation.setupAdvice)
        }
        unsafe self.ort = ort
        unsafe environment = try Self.make(ort, "start ONNX Runtime") { unsafe masque_ort_create_env(ort, $0) }
        unsafe memory = try Self.make(ort, "start ONNX Runtime") { unsafe masque_ort_create_memory(ort, $0) }
    }

    /// The library's version, such as `1.31.1`.
    var version: String { unsafe String(cString: masque_ort_version(ort)) }

    /// The execution providers that this build of the library knows, such as `CPUExecutionProvider`.
    func providers() throws -> [String] {
        var names: [String] = []
        try unsafe withUnsafeMutablePointer(to: &names) { names in
            unsafe try check("list the execution providers") {
                unsafe masque_ort_providers(
                    ort,
                    { name, context in
                        guard let name = unsafe name, let context = unsafe context else { return }
                        unsafe context.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
                    }, names)
            }
        }
        return names
    }

    /// The one place where a status of the library becomes an error.
    /// - Parameter doing: what was tried, to follow “could not”.
    func check(_ doing: String, _ code: MasqueError.Code = .failed, _ call: () -> OpaquePointer?) throws {
        try unsafe Self.check(ort, doing, code, call)
    }

    private static func check(
        _ ort: OpaquePointer, _ doing: String, _ code: MasqueError.Code = .failed, _ call: () -> OpaquePointer?
    ) throws {
        guard let status = unsafe call() else { return }
        let message = RuntimeMessage(description: unsafe String(cString: masque_ort_message(ort, status)))
        unsafe masque_ort_release_status(ort, status)
        throw MasqueError(code, "ONNX Runtime could not \(doing): \(message.sentence).", cause: message)
    }

    /// Calls a maker that hands its thing out through a pointer.
    func make(
        _ doing: String, _ code: MasqueError.Code = .failed,
        _ call: (UnsafeMutablePointer<OpaquePointer?>) -> OpaquePointer?
    ) throws -> OpaquePointer {
        try unsafe Self.make(ort, doing, code, call)
    }

    private static func make(
        _ ort: OpaquePointer, _ doing: String, _ code: MasqueError.Code = .failed,
        _ call: (UnsafeMutablePointer<OpaquePointer?>) -> OpaquePointer?
    ) throws -> OpaquePointer {
        var thing: OpaquePointer?
        try unsafe check(ort, doing, code) { unsafe call(&thing) }
        guard let thing = unsafe thing else {
            throw MasqueError(code, "ONNX Runtime could not \(doing): it gave no reason.")
        }
        return unsafe thing
    }
}
