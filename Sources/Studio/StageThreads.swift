// Stages of a pipeline on threads of their own.

internal import Foundation
internal import Synchronization

/// Runs each stage on its own thread and waits for all.
///
/// When a stage throws, `onFailure` is called with its error once, so that the queues between the stages can be
/// cancelled and the others end too; the first error is thrown after all have ended.
func runStages(
    _ stages: [(name: String, body: @Sendable () throws -> Void)], onFailure: @escaping @Sendable (any Error) -> Void
) throws {
    let first = Mutex<(any Error)?>(nil)
    let running = DispatchGroup()
    for stage in stages {
        running.enter()
        let thread = Thread {
            Thread.current.name = String(stage.name.prefix(15))
            defer { running.leave() }
            do {
                try stage.body()
            } catch {
                let isFirst = first.withLock { known in
                    defer { known = known ?? error }
                    return known == nil
                }
                if isFirst { onFailure(error) }
            }
        }
        thread.stackSize = 8 << 20
        thread.start()
    }
    running.wait()
    if let error = first.withLock({ $0 }) { throw error }
}
