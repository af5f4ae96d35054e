// Runs short blocking file work away from the threads that serve everybody's tasks.

internal import Dispatch

private let fileQueue = DispatchQueue(label: "masque.files", qos: .userInitiated, attributes: .concurrent)

/// Runs blocking work on a thread of Dispatch's and awaits its result, so that a slow disk holds no thread of the
/// cooperative pool. For calls of milliseconds; work of seconds has threads of its own.
package func offPool<T: Sendable>(_ body: @Sendable @escaping () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        fileQueue.async { continuation.resume(with: Result { try body() }) }
    }
}
