// Process calls: files in, a finished file out, within one request or later.

internal import Errors
package import JobQueue
internal import WorkerProtocol

extension JobService {
    /// The folder that output paths of process calls begin with (contract process.md).
    package static let processFolder = ".api_outputs"

    /// The most sources that one call may have.
    static let maxSources = 8

    /// Puts a process call in the queue. The files are taken over, or deleted when an error is thrown.
    ///
    /// - Parameter sources: pictures of one person, and a recording where a processor listens to one, in any order.
    package func startProcess(
        _ request: ProcessRequest, lane: Lane, sources: [ReceivedFile], target: ReceivedFile, owner: OwnerID,
        idempotency: IdempotencyKey? = nil, webhook: NewWebhook? = nil
    ) async throws -> (job: Job, isNew: Bool) {
        let description: JobDescription
        do {
            description = try request.description(lane: lane)
            try await checkActive(owner)
            try await checkProcessors(description.processors)
            try checkSources(sources, of: description)
        } catch {
            discard(sources + [target])
            throw error
        }
        return try await submitNew(
            description, id: ProcessName(now: now()).job, sources: sources, target: target, limits: .process,
            owner: owner, idempotency: idempotency, webhook: webhook)
    }

    private func checkSources(_ sources: [ReceivedFile], of description: JobDescription) throws {
        let roles = sources.map { AcceptedKind.role(ofSource: $0, for: description) }
        let needed = description.neededInputs
        if needed.contains(.source), !roles.contains(.source) {
            throw MasqueError(
                .badInput, "face_swapper needs a source picture.", advice: "Send it as the part “source”.")
        }
        if needed.contains(.voice), !roles.contains(.voice) {
            throw MasqueError(
                .badInput, "lip_syncer needs a recording.",
                advice: "Send it as a part “source”: WAV, MP3, FLAC, OGG, AAC, M4A, or a video with sound.")
        }
        guard roles.count(where: { $0 == .voice }) <= 1 else {
            throw MasqueError(
                .badInput, "There are several recordings, and mouths can move to one only.", advice: "Send one.")
        }
        guard sources.count <= Self.maxSources else {
            throw MasqueError(
                .badInput, "There are \(sources.count) sources, but at most \(Self.maxSources) are taken.",
                advice: "A few sharp pictures of one face are enough.")
        }
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
