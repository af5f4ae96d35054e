// Calls of the store that must get through: tried again while the store is locked or full.

internal import Errors
internal import Foundation
internal import JobQueue
internal import Logging

/// The store with patience.
struct StoreCalls: Sendable {
    let store: any JobStore
    let settings: WorkerSettings
    let logger: Logger
    let listener: WorkerListener

    /// Makes a call until it goes through.
    ///
    /// - Parameter goesOn: asked before each new try; when it says no, the last error is thrown.
    /// - Throws: what the store throws for good (e.g. `.conflict`).
    func insist<T: Sendable>(
        _ what: String, while goesOn: () -> Bool, _ call: (any JobStore) async throws -> T
    ) async throws -> T {
        var tries = 0
        while true {
            do {
                return try await call(store)
            } catch {
                let isPassing = (error as? MasqueError)?.code.isRetryable ?? true
                guard isPassing, goesOn() else { throw error }
                if tries == 0 { logger.warning("The job store could not \(what), which is tried again: \(error)") }
                listener(.storeFailed(what))
                let pauses = settings.storePauses
                try? await Task.sleep(for: pauses[min(tries, pauses.count - 1)])
                tries += 1
            }
        }
    }

    var leaseUntil: Date { settings.now().addingTimeInterval(settings.leaseDuration / .seconds(1)) }
}
