// Runs blocking file calls on threads of their own, to the end even when the task is cancelled meanwhile.

internal import NIOPosix

/// Runs `work` on one of NIO's file threads. Not cut short by cancellation: a file opened by it has an owner.
func onFileThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        NIOThreadPool.singleton.submit { state in
            guard case .active = state else { return continuation.resume(throwing: CancellationError()) }
            continuation.resume(with: Result(catching: work))
        }
    }
}
