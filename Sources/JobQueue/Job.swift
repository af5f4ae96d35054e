// A job as the store keeps it, the events of its history, and what is asked of the store.

package import struct Foundation.Date

/// One job, as read in one moment.
package struct Job: Sendable, Codable, Hashable {
    package var id: JobID
    package var owner: OwnerID
    package var description: JobDescription
    package var state: JobState
    package var inputs: [JobInput]
    package var output: JobOutput?
    package var failure: JobFailure?
    /// What is being done, e.g. `waiting`, `loading`, `analysing`, `swapping`, `joining`, `done`.
    package var stage: String
    /// 0…100, never falling within an attempt.
    package var progress: Double
    /// A small JPEG of the newest finished frame, if there is one.
    package var preview: BlobKey?
    /// Attempts begun, the running one included.
    package var attempts: Int
    package var maxAttempts: Int
    /// Somebody asked a running job to stop; it is `canceled` as soon as its worker has let go.
    package var cancelRequested: Bool
    package var createdAt: Date
    /// When it was put in the queue.
    package var queuedAt: Date?
    /// When it may be claimed; later than now during backoff.
    package var availableAt: Date?
    /// When the newest attempt began.
    package var startedAt: Date?
    package var finishedAt: Date?
    /// When its files and row may be deleted; nil: never by itself.
    package var expiresAt: Date?
    /// An estimate of the work in seconds on this machine, made from its inputs at submit; nil when nothing is known.
    package var workEstimate: Double?

    package init(
        id: JobID, owner: OwnerID, description: JobDescription, state: JobState, inputs: [JobInput] = [],
        output: JobOutput? = nil, failure: JobFailure? = nil, stage: String = "waiting", progress: Double = 0,
        preview: BlobKey? = nil, attempts: Int = 0, maxAttempts: Int = 3, cancelRequested: Bool = false,
        createdAt: Date, queuedAt: Date? = nil, availableAt: Date? = nil, startedAt: Date? = nil,
        finishedAt: Date? = nil, expiresAt: Date? = nil, workEstimate: Double? = nil
    ) {
        self.id = id
        self.owner = owner
        self.description = description
        self.state = state
        self.inputs = inputs
        self.output = output
        self.failure = failure
        self.stage = stage
        self.progress = progress
        self.preview = preview
        self.attempts = attempts
        self.maxAttempts = maxAttempts
        self.cancelRequested = cancelRequested
        self.createdAt = createdAt
        self.queuedAt = queuedAt
        self.availableAt = availableAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.expiresAt = expiresAt
        self.workEstimate = workEstimate
    }

    package func input(_ role: InputRole) -> JobInput? { inputs.first { $0.role == role } }
}

/// One line of a job's history; its number is the SSE event id.
package struct JobEvent: Sendable, Codable, Hashable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case created, uploaded, queued, running, progress, retrying, cancelRequested, completed, failed, canceled
    }
    /// Grows by time over all jobs of a store, from 1.
    package let number: Int64
    package let job: JobID
    package let kind: Kind
    package let at: Date
    /// State, stage, progress and attempts after the event.
    package let state: JobState
    package let stage: String
    package let progress: Double
    package let attempts: Int
    /// A sentence for a person, e.g. why an attempt failed.
    package let message: String?

    package init(
        number: Int64, job: JobID, kind: Kind, at: Date, state: JobState, stage: String, progress: Double,
        attempts: Int, message: String?
    ) {
        self.number = number
        self.job = job
        self.kind = kind
        self.at = at
        self.state = state
        self.stage = stage
        self.progress = progress
        self.attempts = attempts
        self.message = message
    }
}

/// What is needed to create a job.
package struct NewJob: Sendable {
    package var id: JobID
    package var owner: OwnerID
    package var description: JobDescription
    /// Files that are there from the start (quick and process calls).
    package var inputs: [JobInput] = []
    /// Straight into the queue instead of a draft; then `inputs` must be complete.
    package var isSubmitted = false
    package var maxAttempts = 3
    /// The client's `Idempotency-Key` and a digest of what it asked for under it.
    package var idempotency: IdempotencyKey?
    package var webhook: NewWebhook?
    package var expiresAt: Date?
    package var workEstimate: Double?
    /// The job whose inputs these are (a rerun): it must still be there, or their files may be gone.
    package var copiedFrom: JobID?
    /// What the owner may have: a draft counts as one, a submitted job as active, and its inputs' bytes in any case.
    package var limits = OwnerLimits()

    package init(id: JobID, owner: OwnerID, description: JobDescription) {
        self.id = id
        self.owner = owner
        self.description = description
    }
}

/// The same key with the same fingerprint gets the job made before; with another fingerprint it is an error.
package struct IdempotencyKey: Sendable, Hashable {
    /// At most 255 characters, unique per owner.
    package let key: String
    /// A digest of the request.
    package let fingerprint: String
    package init(key: String, fingerprint: String) {
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// Which jobs a list shows: newest first.
package struct JobQuery: Sendable {
    /// nil: everybody's, for administrators.
    package var owner: OwnerID?
    package var states: Set<JobState> = []
    package var lane: Lane?
    package var mode: String?
    /// 1…200.
    package var limit = 50
    /// As given by the page before.
    package var cursor: String?
    package init(owner: OwnerID?) { self.owner = owner }
}

/// One page of a list.
package struct JobPage: Sendable {
    package let jobs: [Job]
    /// nil on the last page.
    package let nextCursor: String?
    package init(jobs: [Job], nextCursor: String?) {
        self.jobs = jobs
        self.nextCursor = nextCursor
    }
}
