// Process calls: files in, a finished file out, within one request or later.

internal import Errors
package import JobQueue
internal import WorkerProtocol

extension JobService {
    /// The folder that output paths of process calls begin with (contract process.md).
    package static let processFolder = ".api_outputs"

    /// Puts a process call in the queue. The files are taken over, or deleted when an error is thrown.
    package func startProcess(
        _ request: ProcessRequest, lane: Lane, source: ReceivedFile?, target: ReceivedFile, owner: OwnerID,
        idempotency: IdempotencyKey? = nil, webhook: NewWebhook? = nil
    ) async throws -> (job: Job, isNew: Bool) {
        let description: JobDescription
        do {
            description = try request.description(lane: lane)
            try await checkActive(owner)
            try await checkProcessors(description.processors)
            if source == nil, description.neededInputs.contains(.source) {
                throw MasqueError(
                    .badInput, "\(description.processors.joined(separator: ", ")) needs a source picture.",
                    advice: "Send it as the part “source”.")
            }
        } catch {
            discard([source, target].compactMap(\.self))
            throw error
        }
        var files = [InputRole.target: target]
        files[.source] = source
        return try await submitNew(
            description, id: ProcessName(now: now()).job, files: files, limits: .process, owner: owner,
            idempotency: idempotency, webhook: webhook)
    }

    /// Waits for a job to end; nil when it has not within the time.
    package func wait(for id: JobID, within time: Duration) async throws -> Job? {
        try await feed.final(of: id, within: time)
    }

    /// `.api_outputs/<uuid>.jpg`; nil while there is no output or for jobs that are no process calls.
    package func outputPath(of job: Job) -> String? {
        guard let output = job.output, let name = ProcessName(job: job.id) else { return nil }
        return "\(JobService.processFolder)/\(name.uuid).\(JobService.fileExtension(output.mediaType))"
    }

    /// The job whose output has this file name.
    ///
    /// - Throws: `.notFound` also when the extension is not the output's.
    package func processJob(outputName: String, owner: OwnerID?) async throws -> Job {
        if let name = ProcessName(fileName: outputName), let job = try await store.job(name.job, owner: owner),
            outputPath(of: job) == "\(JobService.processFolder)/\(outputName)"
        {
            return job
        }
        throw MasqueError(
            .notFound, "There is no output of this name.", advice: "It may have been deleted, or its time is up.")
    }

    private func checkProcessors(_ names: [String]) async throws {
        let abilities = await processors()
        for name in names {
            guard let ability = abilities.first(where: { $0.name == name }), !ability.available else { continue }
            throw MasqueError(
                .missingModel, "The processor \(name) cannot run here. \(ability.reason ?? "")",
                advice: "See GET /processors for those that can.")
        }
    }
}
