// Where jobs are kept: every call is one transaction that is durable when it returns, so that any process may be killed
// at any moment.

package import struct Foundation.Date

/// A durable store of jobs. All implementations pass `JobStoreConformance`. Times come from the caller, so that tests and
/// clock jumps are in one hand. Errors are ``Errors/MasqueError``; a store that is locked throws `.unavailable`
/// (it may be tried again), a full one `.outOfSpace`.
package protocol JobStore: Sendable {
    // MARK: Owners

    /// Creates a job, or finds the one made under the same idempotency key (`isNew` is false then).
    /// - Throws: `.conflict` when the key was used for another request; `.tooManyRequests` and `.outOfSpace` by its
    ///   `limits`; `.notFound` when the job that it is copied from is gone.
    func create(_ job: NewJob, now: Date) async throws -> (job: Job, isNew: Bool)
    /// Adds an input to a draft; the blob of the same role that it replaces comes back, to be deleted.
    /// - Throws: `.notFound`, `.conflict` when the job is no draft, `.outOfSpace` when the owner would then have more
    ///   bytes than `limits` allow and than before.
    func setInput(_ input: JobInput, of id: JobID, owner: OwnerID, limits: OwnerLimits, now: Date) async throws -> (
        job: Job, replaced: BlobKey?
    )
    /// Changes what a draft is to do.
    func setDescription(_ description: JobDescription, of id: JobID, owner: OwnerID, now: Date) async throws -> Job
    /// Puts a draft in the queue; of a job that is queued already or beyond, returns it unchanged.
    /// - Parameter activeLimit: refused when the owner has as many jobs queued and running already; nil: no limit.
    /// - Throws: `.notFound`, `.conflict` when an input is missing, or it was canceled, `.tooManyRequests`.
    func submit(
        _ id: JobID, owner: OwnerID, workEstimate: Double?, expiresAt: Date?, activeLimit: Int?, now: Date
    ) async throws -> Job
    /// The job, if it is this owner's (nil owner: anybody's).
    func job(_ id: JobID, owner: OwnerID?) async throws -> Job?
    func jobs(_ query: JobQuery) async throws -> JobPage
    /// Cancels at once what does not run, and asks what runs to stop. Of a finished job: returns it unchanged.
    func cancel(_ id: JobID, owner: OwnerID?, now: Date) async throws -> Job
    /// Removes a job that is not running, with its history and webhooks; its blobs come back, to be deleted.
    /// Blobs that another job uses too are not among them.
    /// - Throws: `.notFound`, `.conflict` while it runs.
    func delete(_ id: JobID, owner: OwnerID?) async throws -> [BlobKey]
    /// What an owner has. Cheap: asked before every upload.
    func usage(of owner: OwnerID) async throws -> OwnerUsage

    // MARK: Workers

    /// Takes the next job of a lane. Fair: among owners the one with the fewest running jobs first, then the one served
    /// longest ago, then the oldest job; nobody has more than `ownerLimit` running in the lane. Costs an attempt.
    func claim(lane: Lane, worker: String, leaseUntil: Date, ownerLimit: Int, now: Date) async throws -> (
        job: Job, lease: Lease
    )?
    /// Keeps a lease alive. `lost`: the job is another's, canceled or gone; the worker must stop.
    func heartbeat(_ lease: Lease, until: Date, now: Date) async throws -> LeaseStatus
    /// Records how far a job is (an event; at most a few a second), and keeps the lease alive.
    func progress(_ lease: Lease, _ progress: JobProgress, leaseUntil: Date, now: Date) async throws -> LeaseStatus
    /// Ends the job with its result. false: the lease was lost, the result must be thrown away.
    func complete(_ lease: Lease, output: JobOutput, expiresAt: Date?, now: Date) async throws -> Bool
    /// Ends the attempt: back in the queue at `retryAt`, or, when that is nil, retries are used up or the failure is not
    /// retryable, failed for good. nil: the lease was lost.
    func fail(_ lease: Lease, failure: JobFailure, retryAt: Date?, expiresAt: Date?, now: Date) async throws -> Job?
    /// Ends a job whose cancel was requested. false: the lease was lost.
    func finishCanceled(_ lease: Lease, expiresAt: Date?, now: Date) async throws -> Bool
    /// Puts a job back without costing an attempt (shutdown).
    func giveBack(_ lease: Lease, now: Date) async throws
    /// Ends the attempts whose lease ran out (or, with `workersOf`, all of a dead process whose worker names begin so):
    /// back in the queue, or failed when attempts are used up, or canceled when that was asked.
    func recover(workersOf prefix: String?, now: Date) async throws -> [Job]

    // MARK: History

    /// Events in order; of one job, or of all (nil).
    func events(of job: JobID?, after number: Int64, limit: Int) async throws -> [JobEvent]
    /// The number of the newest event, 0 when there is none. Cheap: asked several times a second.
    func newestEvent() async throws -> Int64
    /// How many jobs go before this one in its lane, 0 for the next; nil when it isn't queued.
    func queuePosition(of id: JobID) async throws -> Int?
    /// Per lane: queued, running, age of the oldest queued in seconds, sum of the work estimates in the queue.
    func laneFigures(now: Date) async throws -> [Lane: LaneFigures]
    /// How many jobs are kept in each state (a state without jobs may be left out), and how many of all were made at or
    /// after a time.
    func jobCounts(since: Date) async throws -> (states: [JobState: Int], new: Int)
    /// The newest finished jobs' cost, from which estimates are learned.
    func pastWork(lane: Lane, limit: Int) async throws -> [PastWork]

    // MARK: Housekeeping

    /// Jobs that may be deleted: finished ones past `expiresAt`, drafts untouched since `draftsBefore`.
    func expired(now: Date, draftsBefore: Date, limit: Int) async throws -> [JobID]
    /// Every blob that any job refers to among these; the others may be swept away.
    func referenced(among keys: [BlobKey]) async throws -> Set<BlobKey>
}

extension JobStore {
    /// How many queued and running jobs an owner has.
    package func activeCount(of owner: OwnerID) async throws -> Int { try await usage(of: owner).activeJobs }

    /// Adds an input without a limit on the owner's bytes.
    package func setInput(_ input: JobInput, of id: JobID, owner: OwnerID, now: Date) async throws -> (
        job: Job, replaced: BlobKey?
    ) {
        try await setInput(input, of: id, owner: owner, limits: OwnerLimits(), now: now)
    }

    /// Submits without a limit on the owner's jobs.
    package func submit(
        _ id: JobID, owner: OwnerID, workEstimate: Double?, expiresAt: Date?, now: Date
    ) async throws -> Job {
        try await submit(
            id, owner: owner, workEstimate: workEstimate, expiresAt: expiresAt, activeLimit: nil, now: now)
    }
}

/// What a worker learns when it reports.
package enum LeaseStatus: Sendable, Hashable {
    case held, cancelRequested, lost
}

/// How far an attempt is.
package struct JobProgress: Sendable, Hashable {
    package var stage: String
    /// 0…100.
    package var percent: Double
    package var preview: BlobKey?
    package init(stage: String, percent: Double, preview: BlobKey? = nil) {
        self.stage = stage
        self.percent = percent
        self.preview = preview
    }
}

/// A lane's state.
package struct LaneFigures: Sendable, Hashable {
    package var queued = 0
    package var running = 0
    /// Seconds; 0 when nothing waits.
    package var oldestQueuedAge = 0.0
    /// Seconds of work in the queue, where estimates are known.
    package var queuedWork = 0.0
    package init() {}
}

/// What a finished job cost: the sample that estimates are learned from.
package struct PastWork: Sendable, Hashable {
    package let description: JobDescription
    package let targetByteCount: Int64
    /// Seconds of video; nil for a picture.
    package let duration: Double?
    package let width: Int
    package let height: Int
    /// Frames a second of the target, before `output_fps`; nil for a picture, and where it is not known.
    package let framesPerSecond: Double?
    /// Seconds from claim to end.
    package let seconds: Double
    package init(
        description: JobDescription, targetByteCount: Int64, duration: Double?, width: Int, height: Int,
        framesPerSecond: Double? = nil, seconds: Double
    ) {
        self.description = description
        self.targetByteCount = targetByteCount
        self.duration = duration
        self.width = width
        self.height = height
        self.framesPerSecond = framesPerSecond
        self.seconds = seconds
    }
}
