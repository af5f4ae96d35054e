// The opened OpenVINO library: one per path and process.
internal import COpenVINO
internal import Errors
internal import Foundation
internal import Synchronization

/// OpenVINO, opened. Owns the library's core, which lives as long as the process.
// Unchecked: the pointer is set once, and the library's core may be called from any thread.
@safe final class OpenVINORuntime: @unchecked Sendable {
    let ov: OpaquePointer
    /// Held while a model is read and compiled: each takes all cores, and memory that another can take after it.
    private let compiling = Mutex(())

    private static let opened = Mutex<[String: OpenVINORuntime]>([:])

    /// The library at `path`, opened at the first call.
    ///
    /// By the place where it really lies: the library looks for its front end, each time that it reads a model, in the
    /// folder by whose name it was first opened, and finds none when that was a link that is gone.
    static func open(_ path: String) throws -> OpenVINORuntime {
        let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return try opened.withLock { opened in
            if let runtime = opened[path] { return runtime }
            let runtime = try OpenVINORuntime(path)
            opened[path] = runtime
            return runtime
        }
    }

    private init(_ path: String) throws {
        var message = [CChar](repeating: 0, count: 1024)
        guard let ov = unsafe masque_ov_open(path, &message, message.count) else {
            throw MasqueError(
                .missingModel, "OpenVINO cannot be opened at \(path): \(String(terminated: message)).",
                advice: Installation.setupAdvice)
        }
        unsafe self.ov = ov
    }

    /// The library's build number, such as `2026.4.1-…`.
    var version: String {
        var text = [CChar](repeating: 0, count: 256)
        unsafe masque_ov_version(ov, &text, text.count)
        return String(terminated: text)
    }

    /// The one place where a status of the library becomes an error.
    /// - Parameter doing: what was tried, to follow “could not”.
    func check(_ doing: String, _ code: MasqueError.Code = .failed, _ call: () -> Int32) throws {
        let status = call()
        guard status != 0 else { return }
        let message = RuntimeMessage(description: unsafe String(cString: masque_ov_message(ov, status)))
        throw MasqueError(code, "OpenVINO could not \(doing): \(message.sentence).", cause: message)
    }

    /// Runs `body` while no other model is read.
    func whileCompiling<T>(_ body: () throws -> T) rethrows -> T {
        try compiling.withLock { _ in try body() }
    }

    /// Calls a maker that hands its thing out through a pointer.
    func make(
        _ doing: String, _ code: MasqueError.Code = .failed,
        _ call: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
    ) throws -> OpaquePointer {
        var thing: OpaquePointer?
        try check(doing, code) { unsafe call(&thing) }
        guard let thing = unsafe thing else {
            throw MasqueError(code, "OpenVINO could not \(doing): it gave no reason.")
        }
        return unsafe thing
    }
}
