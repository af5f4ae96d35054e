// One attempt of one job, from the claim to what the store is told of it.

internal import BlobStore
internal import Errors
internal import Foundation
internal import JobQueue
internal import Logging
internal import Synchronization
internal import WorkerProtocol

/// What an attempt needs of its surroundings.
struct AttemptContext: Sendable {
    let lane: LaneSettings
    let settings: WorkerSettings
    let calls: StoreCalls
    let blobs: any BlobStore
    let folders: WorkFolders
    let keeper: LeaseKeeper
    let logger: Logger
    let listener: WorkerListener
    /// Whether the server is shutting down.
    let isEnding: @Sendable () -> Bool
}

/// One attempt. The store learns of every end; only when it cannot be reached until the server dies does the job stay
/// `running`, and is taken back at the next start.
struct Attempt: Sendable {
    let context: AttemptContext
    let job: Job
    let control: AttemptControl
    let process: MediaProcess
    /// The stage and preview that were told last.
    let told: Told

    final class Told: Sendable {
        let state = Mutex<(stage: String, preview: BlobKey?)>(("loading", nil))
    }

    /// What the media work came to.
    enum Work {
        case made(WorkResult)
        case failed(JobFailure)
        /// The process was gone before it got the order.
        case untouched
    }

    init(_ context: AttemptContext, job: Job, lease: Lease, process: MediaProcess) {
        self.context = context
        self.job = job
        self.process = process
        control = AttemptControl(lease: lease, process: process)
        told = Told()
        told.state.withLock { $0.preview = job.preview }
    }

    var lease: Lease { control.lease }
    private var isLeft: Bool { control.fate == .lost }
    private var now: Date { context.settings.now() }

    /// Makes the attempt.
    func run() async {
        let began = ContinuousClock.now
        context.keeper.hold(control)
        context.listener(.attemptBegan(context.lane.lane, job.id))
        var stageSeconds: [String: Double] = [:]
        var outcome = AttemptOutcome.lost
        do {
            let folder = try await context.folders.take(job.id, for: process.root)
            let work = await work(in: folder)
            if case .made(let result) = work { stageSeconds = result.stageSeconds }
            outcome = await settle(work, folder: folder.outputs)
            // When another attempt may go on here, what is finished stays.
            await context.folders.release(job.id, of: process.root, keep: await mayGoOn(after: outcome))
        } catch {
            outcome = await settle(.failed(JobFailure(error)), folder: "")
        }
        context.keeper.drop(control)
        context.listener(
            .attemptEnded(
                context.lane.lane, job.id, outcome, seconds: (ContinuousClock.now - began) / .seconds(1),
                stageSeconds: outcome == .completed ? stageSeconds : [:]))
    }

    /// Whether what is in the folder may be of use to another attempt.
    private func mayGoOn(after outcome: AttemptOutcome) async -> Bool {
        switch outcome {
        case .retrying, .returned: return true
        case .completed, .failed, .canceled: return false
        case .lost:
            guard let job = try? await context.calls.store.job(job.id, owner: nil) else { return false }
            return !job.state.isFinal
        }
    }

    // MARK: Work

    private func work(in folder: JobFolder) async -> Work {
        do {
            guard control.fate == .goOn else { throw CancellationError() }
            let order = try await order(in: folder)
            let reply =
                if let engine = external {
                    try await outsource(order, to: engine, in: folder)
                } else {
                    try await process.perform(
                        .work(order), id: lease.token, progress: { await report($0, folder: folder.outputs) })
                }
            switch reply {
            case .finished(_, let result): return .made(result)
            case .failed(_, let failure): return .failed(failure)
            case .ready, .progress, .inspected: throw WorkerDeath(reason: .babble)
            }
        } catch let death as WorkerDeath where death.reason == .absent {
            return .untouched
        } catch let death as WorkerDeath {
            context.logger.warning("\(death)", metadata: ["job": "\(job.id)", "worker": "\(process.name)"])
            let isLast = job.attempts >= job.maxAttempts
            let stage = told.state.withLock { $0.stage }
            return .failed(death.failure(stage: stage, attempts: isLast ? job.attempts : nil))
        } catch {
            return .failed(JobFailure(error))
        }
    }

    private func order(in folder: JobFolder) async throws -> WorkOrder {
        var sources: [String] = []
        var voice: String?, target: String?
        for input in job.inputs {
            let file = try await context.blobs.localFile(input.blob, in: folder.inputs)
            let link = try await context.folders.link(
                file, as: input, number: input.role == .source ? sources.count : 0, in: folder)
            switch input.role {
            case .source: sources.append(link)
            case .voice: voice = link
            case .target: target = link
            }
        }
        guard let target else { throw MasqueError(.badInput, "The job has no target.") }
        return WorkOrder(
            order: lease.token, description: job.description, sourcePaths: sources, voicePath: voice,
            targetPath: target,
            folder: folder.outputs, fallsBackToMesh: context.lane.fallsBackToMesh, cpuSeconds: context.lane.cpuSeconds)
    }

    /// Writes progress to the store; what cannot be written is skipped, for more will follow.
    func report(_ news: WorkProgress, folder: String) async {
        guard control.fate == .goOn else { return }
        if let rate = news.framesPerSecond { context.listener(.framesPerSecond(context.lane.lane, job.id, rate)) }
        let stage = String(news.stage.prefix(40))
        let former = told.state.withLock { told in
            told.stage = stage
            return told.preview
        }
        var preview = former
        if let path = news.previewPath, let file = try? await MadeFile(path, in: folder), file.byteCount < 4 << 20 {
            preview = (try? await context.blobs.adopt(fileAt: file.path)) ?? former
        }
        let progress = JobProgress(stage: stage, percent: min(max(news.percent, 0), 100), preview: preview)
        guard
            let status = try? await context.calls.store.progress(
                lease, progress, leaseUntil: context.calls.leaseUntil, now: now)
        else { return context.listener(.storeFailed("progress")) }
        control.take(status)
        if status != .lost, let preview, preview != former {
            told.state.withLock { $0.preview = preview }
            if let former { try? await context.blobs.delete(former) }
        }
    }

    // MARK: Ends

    private func settle(_ work: Work, folder: String) async -> AttemptOutcome {
        do {
            switch (control.fate, work) {
            case (.lost, _): return .lost
            case (.cancel, _):
                let isOurs = try await insist("end a cancelled job") {
                    try await $0.finishCanceled(lease, expiresAt: context.settings.expiresAt(job, now), now: now)
                }
                return isOurs ? .canceled : .lost
            case (_, .made(let result)): return try await complete(result, folder: folder)
            case (.giveBack, .failed), (_, .untouched):
                try await insist("take a job back") { try await $0.giveBack(lease, now: now) }
                return .returned
            case (.goOn, .failed(let failure)): return try await fail(failure)
            }
        } catch {
            context.logger.error(
                "The end of an attempt could not be recorded: \(error)", metadata: ["job": "\(job.id)"])
            return .lost
        }
    }

    private func insist<T: Sendable>(_ what: String, _ call: (any JobStore) async throws -> T) async throws -> T {
        let began = ContinuousClock.now
        return try await context.calls.insist(
            what, while: { !isLeft && !(context.isEnding() && ContinuousClock.now - began > .seconds(10)) }, call)
    }

    private func complete(_ result: WorkResult, folder: String) async throws -> AttemptOutcome {
        let output: JobOutput
        do {
            output = try await adopted(result, folder: folder)
        } catch {
            return try await fail(JobFailure(error))
        }
        var isOurs = false
        do {
            isOurs = try await insist("record a result") {
                try await $0.complete(
                    lease, output: output, expiresAt: context.settings.expiresAt(job, now), now: now)
            }
        } catch {
            context.logger.error("A result could not be recorded: \(error)", metadata: ["job": "\(job.id)"])
        }
        if isOurs { return .completed }
        // An earlier try may have gone through although the store said that it had not.
        let used = try await insist("look up a result") { try await $0.referenced(among: [output.blob]) }
        if used.contains(output.blob) { return .completed }
        try? await context.blobs.delete(output.blob)
        return control.fate == .cancel ? .canceled : .lost
    }

    /// Moves the result into the blob store.
    private func adopted(_ result: WorkResult, folder: String) async throws -> JobOutput {
        let file: MadeFile
        do { file = try await MadeFile(result.path, in: folder) } catch {
            process.distrust()
            throw error
        }
        guard ["image/jpeg", "image/png", "image/webp", "video/mp4"].contains(result.mediaType),
            (1...100_000).contains(result.width), (1...100_000).contains(result.height),
            result.duration?.isFinite ?? true
        else { throw MasqueError(.failed, "The media process described its result in a way that makes no sense.") }
        let hash = try await file.sha256()
        let key = try await context.blobs.adopt(fileAt: file.path)
        return JobOutput(
            blob: key, mediaType: result.mediaType, byteCount: file.byteCount, sha256: hash, width: result.width,
            height: result.height, duration: result.duration, faceCount: max(0, result.faceCount),
            notes: result.notes.prefix(20).map { String($0.prefix(500)) },
            stageSeconds: result.stageSeconds.filter { $0.value.isFinite })
    }

    private func fail(_ failure: JobFailure) async throws -> AttemptOutcome {
        let pauses = context.settings.retryPauses
        let pause = pauses[min(max(job.attempts - 1, 0), pauses.count - 1)] / .seconds(1)
        let mayRetry = failure.isRetryable && job.attempts < job.maxAttempts
        let ended = try await insist("record a failure") {
            try await $0.fail(
                lease, failure: failure,
                retryAt: mayRetry ? now.addingTimeInterval(pause * Double.random(in: 0.8...1.2)) : nil,
                expiresAt: context.settings.expiresAt(job, now), now: now)
        }
        switch ended?.state {
        case nil: return .lost
        case .queued: return .retrying
        case .canceled: return .canceled
        default: return .failed
        }
    }
}
