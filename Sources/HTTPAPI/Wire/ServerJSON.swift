// Modes, processors, process calls, health: the small shapes.

internal import JobQueue
internal import Services
internal import Words
internal import WorkerProtocol

/// Schema `Mode`.
struct ModeJSON: Encodable, Sendable {
    let name: String
    let title: String
    let lane: Lane
    let available: Bool
    let uses: String
    @OrNull var note: String?

    init(_ facts: ModeFacts, in voice: Voice) {
        name = facts.mode.name
        title = facts.mode.title
        lane = facts.mode.lane
        available = facts.isAvailable
        uses = facts.uses
        note = facts.note.map(voice.say)
    }
}

/// Schema `Processor`.
struct ProcessorJSON: Encodable, Sendable {
    let name: String
    let available: Bool
    let reason: String?
    /// Nil where there is nothing to choose.
    let models: [String]?
}

/// Schema `Processed` (contract process.md).
struct ProcessedJSON: Encodable, Sendable {
    let jobID: String
    let status: JobState
    let outputPath: String
    /// Where to get it.
    let downloadURL: String
    /// What a person should know about it.
    let notes: [String]
    let webhook: CreatedWebhookJSON?

    enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case status
        case outputPath = "output_path"
        case downloadURL = "download_url"
        case notes, webhook
    }
}

/// Schema `Deleted`.
struct DeletedJSON: Encodable, Sendable {
    var status = "deleted"
    let filename: String
}

/// Schema `Share`.
struct ShareJSON: Encodable, Sendable {
    let url: String
    let expiresAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case url
        case expiresAt = "expires_at"
    }
}

/// Schema `Health`.
struct HealthJSON: Encodable, Sendable {
    struct LaneState: Encodable, Sendable {
        let queued: Int
        let running: Int
    }

    var status = "healthy"
    let version: String
    let processorsAvailable: [String]
    let uptimeSeconds: Double
    let lanes: [String: LaneState]?

    enum CodingKeys: String, CodingKey {
        case status, version
        case processorsAvailable = "processors_available"
        case uptimeSeconds = "uptime_seconds"
        case lanes
    }
}

/// Schema `Live`.
struct LiveJSON: Encodable, Sendable {
    var status = "alive"
}

/// Schema `Ready`.
struct ReadyJSON: Encodable, Sendable {
    struct Check: Encodable, Sendable {
        let name: String
        let ok: Bool
        let message: String
    }

    let status: String
    let checks: [Check]

    init(_ checks: [Check], in voice: Voice) {
        status = checks.allSatisfy(\.ok) ? "ready" : "unready"
        self.checks = checks.map { Check(name: $0.name, ok: $0.ok, message: voice.say($0.message)) }
    }
}

/// Schema `Root`.
struct RootJSON: Encodable, Sendable {
    var name = "Masque"
    let version: String
    var openapi = "/openapi.json"
    var docs = "/docs"
    var redoc = "/redoc"
    var health = "/health"
}
