// A job as clients see it; apart from the queue's own type, so that either can change without the other.

internal import Errors
internal import JobQueue
internal import Services
internal import Words

/// Schema `Job` of the API document.
struct JobJSON: Encodable, Sendable {
    let jobID: String
    let id: String
    let status: JobState
    @OrNull var mode: String?
    let lane: Lane
    let processors: [String]
    let stage: String
    let progress: Double
    @OrNull var queuePosition: Int?
    @OrNull var estimateSeconds: Double?
    let attempts: Int
    let maxAttempts: Int
    let cancelRequested: Bool
    let ownerID: String
    let createdAt: Timestamp
    @OrNull var queuedAt: Timestamp?
    @OrNull var startedAt: Timestamp?
    @OrNull var finishedAt: Timestamp?
    @OrNull var expiresAt: Timestamp?
    let inputs: [InputJSON]
    let options: OptionsJSON
    @OrNull var result: ResultJSON?
    @OrNull var error: JobErrorJSON?
    let links: LinksJSON
    /// Only in answers to the call that brought the subscription along.
    let webhook: CreatedWebhookJSON?

    enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case id, status, mode, lane, processors, stage, progress
        case queuePosition = "queue_position"
        case estimateSeconds = "estimate_seconds"
        case attempts
        case maxAttempts = "max_attempts"
        case cancelRequested = "cancel_requested"
        case ownerID = "owner_id"
        case createdAt = "created_at"
        case queuedAt = "queued_at"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case expiresAt = "expires_at"
        case inputs, options, result, error, links, webhook
    }

    /// - Parameters:
    ///   - outlook: nil when nothing is to be said about its future.
    ///   - voice: says its sentences.
    ///   - webhook: the subscription that came with the job.
    init(_ job: Job, outlook: Outlook?, in voice: Voice, webhook: Webhook? = nil) {
        jobID = job.id.rawValue
        id = job.id.rawValue
        status = job.state
        mode = job.description.mode
        lane = job.description.lane
        processors = job.description.processors
        stage = job.stage
        progress = oneDecimal(job.progress)
        queuePosition = outlook?.queuePosition
        estimateSeconds = outlook?.secondsLeft.map(oneDecimal)
        attempts = job.attempts
        maxAttempts = job.maxAttempts
        cancelRequested = job.cancelRequested
        ownerID = job.owner.rawValue
        createdAt = Timestamp(job.createdAt)
        queuedAt = job.queuedAt.map(Timestamp.init)
        startedAt = job.startedAt.map(Timestamp.init)
        finishedAt = job.finishedAt.map(Timestamp.init)
        expiresAt = job.expiresAt.map(Timestamp.init)
        inputs = job.inputs.map(InputJSON.init)
        options = OptionsJSON(job.description.options)
        result = job.output.map { ResultJSON($0, in: voice) }
        error = job.failure.map { JobErrorJSON($0, in: voice) }
        links = LinksJSON(job)
        self.webhook = webhook.map(CreatedWebhookJSON.init)
    }
}

/// Schema `Input`.
struct InputJSON: Encodable, Sendable {
    let role: InputRole
    let mediaType: String
    let bytes: Int64
    @OrNull var fileName: String?
    let sha256: String
    @OrNull var width: Int?
    @OrNull var height: Int?
    @OrNull var duration: Double?

    enum CodingKeys: String, CodingKey {
        case role
        case mediaType = "media_type"
        case bytes
        case fileName = "file_name"
        case sha256, width, height, duration
    }

    init(_ input: JobInput) {
        role = input.role
        mediaType = input.mediaType
        bytes = input.byteCount
        fileName = input.fileName
        sha256 = input.sha256
        width = input.width
        height = input.height
        duration = input.duration
    }
}

/// Schema `Result`.
struct ResultJSON: Encodable, Sendable {
    let mediaType: String
    let bytes: Int64
    let width: Int
    let height: Int
    @OrNull var duration: Double?
    let faces: Int
    let notes: [String]
    let sha256: String

    enum CodingKeys: String, CodingKey {
        case mediaType = "media_type"
        case bytes, width, height, duration, faces, notes, sha256
    }

    init(_ output: JobOutput, in voice: Voice) {
        mediaType = output.mediaType
        bytes = output.byteCount
        width = output.width
        height = output.height
        duration = output.duration
        faces = output.faceCount
        notes = output.notes.map(voice.say)
        sha256 = output.sha256
    }
}

/// Schema `JobError`.
struct JobErrorJSON: Encodable, Sendable {
    let code: String
    let message: String
    @OrNull var advice: String?

    init(_ failure: JobFailure, in voice: Voice) {
        code = failure.code
        message = voice.say(failure.message)
        advice = failure.advice.map(voice.say)
    }
}

/// Schema `Links`: what is not there yet is left out.
struct LinksJSON: Encodable, Sendable {
    let `self`: String
    let events: String
    let history: String
    let source: String?
    let voice: String?
    let target: String?
    let preview: String?
    let result: String?

    init(_ job: Job) {
        let path = "/jobs/\(job.id.rawValue)"
        self.`self` = path
        events = "\(path)/events"
        history = "\(path)/history"
        source = job.input(.source).map { _ in "\(path)/inputs/source" }
        voice = job.input(.voice).map { _ in "\(path)/inputs/voice" }
        target = job.input(.target).map { _ in "\(path)/inputs/target" }
        preview = job.preview.map { _ in "\(path)/preview" }
        result = job.output.map { _ in "\(path)/result" }
    }
}

/// Schema `JobPage`.
struct JobPageJSON: Encodable, Sendable {
    let jobs: [JobJSON]
    @OrNull var nextCursor: String?

    enum CodingKeys: String, CodingKey {
        case jobs
        case nextCursor = "next_cursor"
    }
}

/// Figures for people need no more than one digit after the point.
func oneDecimal(_ value: Double) -> Double { (value * 10).rounded() / 10 }
