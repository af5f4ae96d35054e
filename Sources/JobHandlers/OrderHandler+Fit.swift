// Makes results fit for sending: smaller, or as a small picture.

internal import Errors
package import WorkerProtocol

extension OrderHandler {
    /// Makes a result smaller.
    ///
    /// - Throws: ``MasqueError``, as `Engine.fit` does.
    package func fit(
        _ order: FitOrder, progress: @escaping @Sendable (WorkProgress) -> Void
    ) async throws -> WorkResult {
        throw MasqueError(.unavailable, "Results cannot be made smaller yet.")
    }

    /// Makes a small picture of a result.
    ///
    /// - Throws: ``MasqueError``, as `Engine.poster` does.
    package func poster(_ order: PosterOrder) async throws -> WorkResult {
        throw MasqueError(.unavailable, "Results cannot be shown small yet.")
    }
}
