// A job's events on the wire: in its history, and as the data of a live event.

internal import JobQueue
internal import Services
internal import Words

/// Schema `HistoryEntry`.
struct HistoryEntryJSON: Encodable, Sendable {
    let number: Int64
    let event: JobEvent.Kind
    let status: JobState
    let stage: String
    let progress: Double
    let attempts: Int
    @OrNull var message: String?
    let at: Timestamp

    init(_ event: JobEvent, in voice: Voice) {
        number = event.number
        self.event = event.kind
        status = event.state
        stage = event.stage
        progress = oneDecimal(event.progress)
        attempts = event.attempts
        message = event.message.map(voice.say)
        at = Timestamp(event.at)
    }
}

/// Schema `History`.
struct HistoryJSON: Encodable, Sendable {
    let events: [HistoryEntryJSON]
}

/// Schema `JobProgress`.
struct ProgressJSON: Encodable, Sendable {
    let event: JobEvent.Kind
    let status: JobState
    let stage: String
    let progress: Double
    @OrNull var message: String?
    let at: Timestamp
    let attempts: Int
    @OrNull var queuePosition: Int?
    @OrNull var estimateSeconds: Double?
    @OrNull var previewURL: String?

    enum CodingKeys: String, CodingKey {
        case event, status, stage, progress, message, at, attempts
        case queuePosition = "queue_position"
        case estimateSeconds = "estimate_seconds"
        case previewURL = "preview_url"
    }

    /// - Parameters:
    ///   - outlook: nil for an event of the past, when it says nothing any more.
    ///   - hasPreview: whether there is a newest frame to look at.
    ///   - voice: says its message.
    init(_ event: JobEvent, outlook: Outlook?, hasPreview: Bool, in voice: Voice) {
        self.event = event.kind
        status = event.state
        stage = event.stage
        progress = oneDecimal(event.progress)
        message = event.message.map(voice.say)
        at = Timestamp(event.at)
        attempts = event.attempts
        queuePosition = outlook?.queuePosition
        estimateSeconds = outlook?.secondsLeft.map(oneDecimal)
        previewURL = hasPreview ? "/jobs/\(event.job.rawValue)/preview" : nil
    }
}
