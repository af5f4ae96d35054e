// Keys and the caller himself on the wire.

internal import JobQueue
internal import Services

/// Schemas `Key` and `CreatedKey`: `key` is there only right after it was made.
struct KeyJSON: Encodable, Sendable {
    let id: String
    let name: String
    let ownerID: String
    let scopes: [String]
    let createdAt: Timestamp
    @OrNull var expiresAt: Timestamp?
    @OrNull var revokedAt: Timestamp?
    @OrNull var lastUsedAt: Timestamp?
    let key: String?

    enum CodingKeys: String, CodingKey {
        case id, name
        case ownerID = "owner_id"
        case scopes
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case revokedAt = "revoked_at"
        case lastUsedAt = "last_used_at"
        case key
    }

    init(_ key: APIKey, text: String? = nil) {
        id = key.id
        name = key.name
        ownerID = key.owner.rawValue
        scopes = inOrder(key.scopes)
        createdAt = Timestamp(key.createdAt)
        expiresAt = key.expiresAt.map(Timestamp.init)
        revokedAt = key.revokedAt.map(Timestamp.init)
        lastUsedAt = key.lastUsedAt.map(Timestamp.init)
        self.key = text
    }
}

/// Schema `Keys`.
struct KeysJSON: Encodable, Sendable {
    let keys: [KeyJSON]
}

/// Schema `Me`.
struct MeJSON: Encodable, Sendable {
    /// Schema `Limits`.
    struct Limits: Encodable, Sendable {
        let maxPhotoBytes: Int64
        let maxVideoBytes: Int64
        let maxVideoSeconds: Double
        let maxProcessBytes: Int64
        let maxActiveJobs: Int
        let maxDrafts: Int
        @OrNull var maxStoredBytes: Int64?
        let maxKeys: Int

        enum CodingKeys: String, CodingKey {
            case maxPhotoBytes = "max_photo_bytes"
            case maxVideoBytes = "max_video_bytes"
            case maxVideoSeconds = "max_video_seconds"
            case maxProcessBytes = "max_process_bytes"
            case maxActiveJobs = "max_active_jobs"
            case maxDrafts = "max_drafts"
            case maxStoredBytes = "max_stored_bytes"
            case maxKeys = "max_keys"
        }
    }

    /// Schema `Usage`.
    struct Usage: Encodable, Sendable {
        let activeJobs: Int
        let drafts: Int
        let storedBytes: Int64
        let keys: Int

        enum CodingKeys: String, CodingKey {
            case activeJobs = "active_jobs"
            case drafts
            case storedBytes = "stored_bytes"
            case keys
        }
    }

    let ownerID: String
    let scopes: [String]
    let limits: Limits
    let usage: Usage

    enum CodingKeys: String, CodingKey {
        case ownerID = "owner_id"
        case scopes, limits, usage
    }

    init(_ caller: Principal, rules: JobRules, usage: OwnerUsage, keys: Int) {
        ownerID = caller.owner.rawValue
        scopes = inOrder(caller.scopes)
        limits = Limits(
            maxPhotoBytes: rules.maxPictureBytes, maxVideoBytes: rules.maxJobVideoBytes,
            maxVideoSeconds: rules.maxJobVideoSeconds, maxProcessBytes: rules.maxProcessBytes,
            maxActiveJobs: rules.maxActiveJobs, maxDrafts: rules.maxDrafts, maxStoredBytes: rules.maxStoredBytes,
            maxKeys: rules.maxKeys)
        self.usage = Usage(
            activeJobs: usage.activeJobs, drafts: usage.drafts, storedBytes: usage.bytes, keys: keys)
    }
}

/// read, write, admin.
private func inOrder(_ scopes: Set<Scope>) -> [String] { Scope.allCases.filter(scopes.contains).map(\.rawValue) }
