// Makes results fit for sending: smaller, or as a small picture.

internal import Errors
internal import Inference
internal import Studio
internal import Synchronization
package import WorkerProtocol

extension OrderHandler {
    /// Makes a result smaller.
    ///
    /// - Throws: ``MasqueError``, as `Engine.fit` does.
    package func fit(
        _ order: FitOrder, progress: @escaping @Sendable (WorkProgress) -> Void
    ) async throws -> WorkResult {
        let percent = Mutex(-1)
        let made = try await engine.fit(
            FitRequest(path: order.path, maxBytes: order.maxBytes, folder: order.folder)
        ) { fraction in
            let now = Int(fraction * 100)
            let isNews = percent.withLock { last in
                defer { last = max(last, now) }
                return now > last
            }
            if isNews { progress(WorkProgress(stage: "joining", percent: Double(now))) }
        }
        return WorkResult(
            path: made.path, mediaType: made.mediaType, width: made.width, height: made.height,
            duration: made.duration, faceCount: 0, notes: [], stageSeconds: [:])
    }

    /// Makes a small picture of a result.
    ///
    /// - Throws: ``MasqueError``, as `Engine.poster` does.
    package func poster(_ order: PosterOrder) async throws -> WorkResult {
        let path = "\(order.folder)/poster.jpg"
        let size = try await engine.poster(PosterRequest(path: order.path, output: path))
        return WorkResult(
            path: path, mediaType: "image/jpeg", width: size.width, height: size.height, duration: nil, faceCount: 0,
            notes: [], stageSeconds: [:])
    }
}
