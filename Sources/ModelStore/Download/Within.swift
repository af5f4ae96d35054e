// A limit on the time of what is awaited.

/// The time for something was over.
struct OutOfTime: Error {}

/// Runs `body` for at most `limit`, then cancels it; nil: no limit.
/// - Throws: ``OutOfTime``; what `body` throws.
func within<Value: Sendable>(
    _ limit: Duration?, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    guard let limit else { return try await body() }
    return try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw OutOfTime()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw OutOfTime() }
        return value
    }
}
