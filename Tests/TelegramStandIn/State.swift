// What the stand-in remembers.

internal import Foundation

/// All of it, behind one lock.
struct State {
    struct ChatState {
        var id: Int64
        var type: String
        var title: String
        var people: Set<Int64> = []
        var next = 1
        var posts: [Int: Post] = [:]
        var movedTo: Int64?
    }

    struct Person {
        var id: Int64
        var name: String
        var language: String
        var hasBlocked = false

        var json: JSON {
            .made([
                "id": .integer(id), "is_bot": false, "first_name": .text(name), "language_code": .text(language),
            ])
        }
    }

    struct Stored {
        var bytes: [UInt8]
        /// What is said of its size; a large file need not be there.
        var size: Int
        var path: String
    }

    var people: [Int64: Person] = [:]
    var chats: [Int64: ChatState] = [:]
    var files: [String: Stored] = [:]
    var updates: [(id: Int64, json: JSON)] = []
    var nextUpdate: Int64 = 1_000
    /// Presses by id, and whether they were answered.
    var queries: [String: Bool] = [:]
    /// What presses were answered with.
    var toasts: [String] = []
    var pollers = 0
    var webhook: (url: String, secret: String)?
    var commands: [String: [String]] = [:]
    var texts: [String: String] = [:]
    var actions: [Int64: [String]] = [:]
    var calls: [String: Int] = [:]
    var faults: [String: [Fault]] = [:]
    var violations: [String] = []
    var limitHits = 0
    var journal: [Telegram.Written] = []
    var rates = Rates()

    /// Notes a refusal as a violation, unless it is one that happens to a bot that does everything right.
    mutating func note(_ complaint: Complaint, _ method: String) {
        if complaint.code == 429 { limitHits += 1 }
        let isNobodysFault =
            complaint.code == 403 || complaint.migrateTo != nil
            || ["not found", "too big", "query is too old"].contains { complaint.words.contains($0) }
        guard !isNobodysFault || complaint.code == 404 else { return }
        violations.append("\(method): \(complaint.code) \(complaint.words)")
    }

    mutating func push(_ fields: KeyValuePairs<String, JSON?>) {
        let id = nextUpdate
        nextUpdate += 1
        var object = JSON.made(fields).fields ?? [:]
        object["update_id"] = .integer(id)
        updates.append((id, .object(object)))
    }

    /// A chat as messages name it.
    func json(chat id: Int64) -> JSON {
        guard let chat = chats[id] else { return .null }
        return .made([
            "id": .integer(id), "type": .text(chat.type), "title": chat.type == "private" ? nil : .text(chat.title),
            "first_name": chat.type == "private" ? .text(chat.title) : nil,
        ])
    }

    /// Keeps a file and gives its id.
    mutating func store(_ bytes: [UInt8], size: Int? = nil, kind: String, folder: URL?) -> String {
        let number = files.count
        let id = "file-\(number)-\(kind)"
        var path = "\(kind)s/file_\(number)"
        if let folder {
            let url = folder.appendingPathComponent("file_\(number)")
            try? Data(bytes).write(to: url)
            path = url.path
        }
        files[id] = Stored(bytes: folder == nil ? bytes : [], size: size ?? bytes.count, path: path)
        return id
    }
}

/// The limits as Telegram states them: 30 messages a second in all, one a second in a chat with short bursts, 20 a
/// minute in a group.
struct Rates {
    private var all: [ContinuousClock.Instant] = []
    private var groups: [Int64: [ContinuousClock.Instant]] = [:]
    private var chats: [Int64: (tokens: Double, time: ContinuousClock.Instant)] = [:]
    /// How many messages a chat takes at once after a silence.
    static let burst = 4.0

    /// Counts `count` messages; the seconds to wait when that is too many.
    mutating func take(_ count: Int, chat: Int64, now: ContinuousClock.Instant = .now) -> Int? {
        all.removeAll { now - $0 >= .seconds(1) }
        guard all.count + count <= 30 else { return 1 }
        if chat < 0 {
            groups[chat]?.removeAll { now - $0 >= .seconds(60) }
            let sent = groups[chat] ?? []
            guard sent.count + count <= 20 else {
                return Int(((.seconds(60) - (now - (sent.first ?? now))) / .seconds(1)).rounded(.up))
            }
            groups[chat] = sent + Array(repeating: now, count: count)
        } else {
            var bucket = chats[chat] ?? (Self.burst, now)
            bucket.tokens = min(Self.burst, bucket.tokens + (now - bucket.time) / .seconds(1))
            bucket.time = now
            guard bucket.tokens >= min(Double(count), Self.burst) - 0.05 else { return 1 }
            bucket.tokens -= Double(count)
            chats[chat] = bucket
        }
        all += Array(repeating: now, count: count)
        return nil
    }
}
