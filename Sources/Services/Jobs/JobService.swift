// The rules about jobs that every front shares: who may do what, within which limits, in which order.

package import BlobStore
internal import Errors
package import JobQueue
package import Logging
package import WorkerProtocol

package import struct Foundation.Date

/// What fronts do with jobs. Knows stores and rules, no HTTP. All errors are ``Errors/MasqueError``; somebody else's job
/// is `.notFound`, as one that never was.
package struct JobService: Sendable {
    package let store: any JobStore & WebhookStore
    package let blobs: any BlobStore
    package let inspector: any MediaInspector
    package let feed: EventFeed
    package let rules: JobRules
    /// How many workers a lane has, for estimates of waiting.
    package let workers: [Lane: Int]
    package let audit: AuditLog
    package let estimates: Estimates
    package let logger: Logger
    /// Called after a change that workers or webhooks should see at once.
    package let onChange: @Sendable () -> Void
    package let now: @Sendable () -> Date
    /// Bytes that an owner holds beside the jobs' files, such as unfinished uploads.
    package var bytesElsewhere: @Sendable (OwnerID) -> Int64 = { _ in 0 }

    package init(
        store: any JobStore & WebhookStore, blobs: any BlobStore, inspector: any MediaInspector, feed: EventFeed,
        rules: JobRules, workers: [Lane: Int], audit: AuditLog, logger: Logger,
        onChange: @escaping @Sendable () -> Void = {}, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.blobs = blobs
        self.inspector = inspector
        self.feed = feed
        self.rules = rules
        self.workers = workers
        self.audit = audit
        self.estimates = Estimates(store: store)
        self.logger = logger
        self.onChange = onChange
        self.now = now
    }

    // MARK: Making jobs

    /// Makes a draft.
    /// - Returns: the job, and whether it is new (false: the same idempotency key made it before).
    package func create(
        mode: String, options: JobOptions = JobOptions(), owner: OwnerID, idempotency: IdempotencyKey? = nil,
        webhook: NewWebhook? = nil
    ) async throws -> (job: Job, isNew: Bool) {
        let description = try await self.description(mode: mode, options: options)
        var new = NewJob(id: .random(), owner: owner, description: description)
        new.maxAttempts = rules.maxAttempts
        new.idempotency = idempotency
        new.webhook = webhook
        new.limits = limits(of: owner)
        let made = try await store.create(new, now: now())
        feed.poke()
        return made
    }

    /// A job with both files, in the queue at once. The files are taken over, or deleted when an error is thrown.
    package func quick(
        mode: String, options: JobOptions = JobOptions(), source: ReceivedFile, target: ReceivedFile, owner: OwnerID,
        idempotency: IdempotencyKey? = nil, webhook: NewWebhook? = nil
    ) async throws -> (job: Job, isNew: Bool) {
        let description: JobDescription
        do {
            description = try await self.description(mode: mode, options: options)
            try await checkActive(owner)
        } catch {
            discard([source, target])
            throw error
        }
        return try await submitNew(
            description, id: .random(), sources: [source], target: target, limits: .jobs, owner: owner,
            idempotency: idempotency, webhook: webhook)
    }

    /// Changes a draft's mode or options.
    package func update(_ id: JobID, mode: String?, options: JobOptions?, owner: OwnerID) async throws -> Job {
        let job = try await job(id, owner: owner)
        guard job.state == .draft else { throw JobService.notADraft(job) }
        var description = job.description
        let wanted = options ?? description.options
        if let mode, mode != description.mode {
            let new = try await self.description(mode: mode, options: wanted)
            guard new.lane == description.lane || job.input(.target) == nil else {
                throw MasqueError(
                    .conflict,
                    "The target of this job was sent for \(description.lane.rawValue)s; \(mode) needs another.",
                    advice: "Make a new job of the mode \(mode).")
            }
            description = new
        } else {
            try wanted.check()
            description.options = wanted
        }
        let updated = try await store.setDescription(description, of: id, owner: owner, now: now())
        feed.poke()
        return updated
    }

    /// Puts a draft with both inputs in the queue; a job that is there already comes back unchanged.
    package func submit(_ id: JobID, owner: OwnerID) async throws -> Job {
        let before = try await job(id, owner: owner)
        let job = try await store.submit(
            id, owner: owner, workEstimate: await estimates.work(of: before.description, target: before.input(.target)),
            expiresAt: expiry, activeLimit: rules.maxActiveJobs, now: now())
        if before.state == .draft { await audit.record(.submitted, job, at: now()) }
        changed()
        return job
    }

    /// A new job with the inputs of another, in the queue at once.
    /// - Returns: the job, and whether it is new (false: the same idempotency key made it before).
    package func rerun(
        _ id: JobID, mode: String?, options: JobOptions?, owner: OwnerID, idempotency: IdempotencyKey? = nil
    ) async throws -> (job: Job, isNew: Bool) {
        let old = try await job(id, owner: owner)
        guard old.missingInputs.isEmpty, let target = old.input(.target) else {
            throw MasqueError(
                .conflict, "The job has not got its files yet.", advice: "Upload source and target first.")
        }
        var description = old.description
        if let options {
            try options.check()
            description.options = options
        }
        if let mode, mode != description.mode {
            description = try await self.description(mode: mode, options: description.options)
            guard description.lane == old.description.lane else {
                throw MasqueError(
                    .conflict, "\(mode) is for another kind of target than the job has.",
                    advice: "Make a new job of the mode \(mode).")
            }
        }
        var new = NewJob(id: .random(), owner: owner, description: description)
        new.inputs = old.inputs
        new.copiedFrom = id
        new.idempotency = idempotency
        new.limits = limits(of: owner)
        new.isSubmitted = true
        new.maxAttempts = rules.maxAttempts
        new.expiresAt = expiry
        new.workEstimate = await estimates.work(of: description, target: target)
        let made = try await store.create(new, now: now())
        if made.isNew { await audit.record(.submitted, made.job, at: now()) }
        changed()
        return made
    }

    // MARK: Looking

    /// - Throws: `.notFound`.
    package func job(_ id: JobID, owner: OwnerID?) async throws -> Job {
        guard let job = try await store.job(id, owner: owner) else { throw JobService.noSuchJob }
        return job
    }

    package func jobs(_ query: JobQuery) async throws -> JobPage { try await store.jobs(query) }

    // MARK: Ending

    /// Cancels; what runs is `canceled` as soon as its worker has let go, within a second.
    package func cancel(_ id: JobID, owner: OwnerID?) async throws -> Job {
        let job = try await store.cancel(id, owner: owner, now: now())
        changed()
        return job
    }

    /// Cancels if need be, and removes the job with all its files.
    package func delete(_ id: JobID, owner: OwnerID?) async throws {
        let job = try await job(id, owner: owner)
        if job.state == .running {
            _ = try await cancel(id, owner: owner)
            _ = try await feed.final(of: id, within: .seconds(3))
        }
        for key in try await store.delete(id, owner: owner) { try await blobs.delete(key) }
        await audit.record(.deleted, job, at: now())
        await feed.forget(id)
        changed()
    }

    // MARK: Inside

    /// The description that a mode's name stands for, on this server.
    func description(mode name: String, options: JobOptions) async throws -> JobDescription {
        guard let mode = Mode.named(name) else {
            throw MasqueError(
                .badInput, "There is no mode “\(name.prefix(60))”.",
                advice: "Use one of \(Mode.all.map(\.name).joined(separator: ", ")).")
        }
        try options.check()
        let facts = facts(of: mode, with: await processors())
        guard facts.isAvailable else { throw MasqueError(.missingModel, facts.note ?? "\(name) cannot run here.") }
        return mode.description(options: options)
    }

    /// Tells early, before files are looked at; the store counts again when the job is put in the queue.
    func checkActive(_ owner: OwnerID) async throws {
        let active = try await store.activeCount(of: owner)
        guard active < rules.maxActiveJobs else { throw tooManyActive(active) }
    }

    /// What an owner may have, and what he has beside his jobs at this moment.
    func limits(of owner: OwnerID) -> OwnerLimits {
        var limits = OwnerLimits()
        limits.activeJobs = rules.maxActiveJobs
        limits.drafts = rules.maxDrafts
        limits.bytes = rules.maxStoredBytes
        limits.bytesElsewhere = bytesElsewhere(owner)
        return limits
    }

    /// When a job that is submitted now may be deleted if it never runs; one that ends gets a later time.
    var expiry: Date? { rules.expiry(from: now()) }

    /// After a change of a job that is no draft: those who listen hear of it, and workers and webhooks look at once.
    func changed() {
        feed.poke()
        onChange()
    }

    static let noSuchJob = MasqueError(
        .notFound, "There is no such job.", advice: "It may have been deleted, or its time is up; see GET /jobs.")

    static func notADraft(_ job: Job) -> MasqueError {
        MasqueError(
            .conflict,
            "The job is \(job.state.rawValue); files and options can be changed only before it is submitted.",
            advice: "Run it again with POST /jobs/\(job.id)/rerun, or make a new job.")
    }
}

extension JobID {
    /// A name nobody can guess: 122 random bits, written as a UUID.
    package static func random() -> JobID { JobID(rawValue: randomUUID()) }
}
