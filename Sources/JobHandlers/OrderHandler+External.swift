// What a media process does around the work of another program: check before it, finish after it.

internal import Errors
internal import ImageIO
internal import Inference
internal import JobQueue
internal import Studio
internal import VideoIO
package import WorkerProtocol

extension OrderHandler {
    /// Lets an order's files pass the content gate.
    ///
    /// - Returns: what the target is.
    /// - Throws: ``MasqueError``, as `Engine.admit` does.
    package func admit(
        _ order: WorkOrder, progress: @escaping @Sendable (WorkProgress) -> Void
    ) async throws -> MediaFacts {
        let isPicture = try await onEngineThread("masque-order") { _ in
            try OrderPlan.pictureFormat(of: order) != nil
        }
        var request = MediaRequest(sources: order.sourcePaths, target: order.targetPath, output: "")
        request.targetIsImmutable = true
        request.trim = try OrderPlan.trim(order.description.options)
        // Of the whole job it is the smallest part.
        let pace = OrderProgress(isPicture: isPicture, previewFolder: nil) { news in
            progress(WorkProgress(stage: news.stage, percent: news.percent / 20))
        }
        try await engine.admit(request) { pace.show($0) }
        return try await inspect(
            InspectOrder(order: order.order, path: order.targetPath))
    }

    /// Finishes what another program made of an order.
    ///
    /// - Throws: ``MasqueError``, as `Engine.finish` does.
    package func sign(_ order: SignOrder) async throws -> WorkResult {
        let work = order.work
        let format = try await onEngineThread("masque-order") { _ in try OrderPlan.pictureFormat(of: work) }
        var made = MadeElsewhere(
            made: order.madePath, target: work.targetPath,
            output: "\(work.folder)/result.\(format?.fileExtension ?? "mp4")", system: order.system)
        made.trim = try OrderPlan.trim(work.description.options)
        made.voice = work.voicePath
        let began = ContinuousClock.now
        let finished = try await engine.finish(made)
        return WorkResult(
            path: made.output, mediaType: format?.mediaType ?? "video/mp4", width: finished.width,
            height: finished.height, duration: finished.duration, faceCount: 0,
            notes: ["This result was made by \(order.system)."] + finished.warnings,
            stageSeconds: ["write": (ContinuousClock.now - began) / .seconds(1)])
    }
}
