// An attempt whose middle part another program does: the media process checks before it and finishes after it.

internal import Errors
internal import Files
internal import Foundation
internal import JobQueue
internal import Processes
internal import WorkerProtocol

extension Attempt {
    /// The program that is to do this job; nil: the media process does it alone.
    var external: (any ExternalEngine)? {
        guard let engine = context.lane.external, engine.covers(job.description) else { return nil }
        return context.lane.prefersExternal || process.abilities.lacks(job.description) ? engine : nil
    }

    /// Has the job done by the other program.
    ///
    /// It works outside of the fence, so it gets only files that the media process could read and that passed the
    /// content gate; what it made counts only once the media process has read it and stated its origin in it.
    func outsource(
        _ order: WorkOrder, to engine: any ExternalEngine, in folder: JobFolder
    ) async throws -> WorkerReply {
        let admission = try await process.perform(
            .admit(order), id: lease.token, progress: { await report($0, folder: folder.outputs) })
        guard case .inspected(_, let facts) = admission else { return admission }
        let place = "\(process.root.path)/external"
        let work = Task {
            try await offPool { try removeAll(place) }
            return try await engine.perform(
                ExternalOrder(
                    description: job.description, sourcePaths: order.sourcePaths + [order.voicePath].compactMap(\.self),
                    targetPath: order.targetPath, target: facts, folder: place)
            ) { news in
                var news = news
                news.percent = 5 + 0.92 * min(max(news.percent, 0), 100)
                await report(news, folder: folder.outputs)
            }
        }
        control.onDecision { work.cancel() }
        let result: Result<WorkerReply, any Error>
        do {
            let made = try await withTaskCancellationHandler {
                try await work.value
            } onCancel: {
                work.cancel()
            }
            result = .success(try await finish(order, made: made, by: engine, in: folder))
        } catch {
            result = .failure(error)
        }
        try? await offPool { try removeAll(place) }
        return try result.get()
    }

    /// Gives the media process what was made.
    private func finish(
        _ order: WorkOrder, made: String, by engine: any ExternalEngine, in folder: JobFolder
    ) async throws -> WorkerReply {
        let given = "\(folder.inputs)/\(URL(fileURLWithPath: made).lastPathComponent)"
        try await offPool { try linkOrCopy(made, to: given) }
        let models = job.description.processors.compactMap { job.description.chosenModel(of: $0) }
        let system = engine.name + (models.isEmpty ? "" : ": " + models.joined(separator: "+"))
        do {
            return try await process.perform(
                .sign(SignOrder(work: order, madePath: given, system: system)), id: lease.token,
                progress: { await report($0, folder: folder.outputs) })
        } catch let death as WorkerDeath where death.reason == .absent {
            // Not as if nothing had happened: the work counts as an attempt.
            throw WorkerDeath(reason: .ended(.exited(0)))
        }
    }
}
