// How the end of a download is told to a webhook: the body, and what an attempt came to.

internal import Files
package import Foundation

/// One attempt to call a webhook: the body, where to, under which id (the same at every attempt), signed with the secret,
/// after how many attempts, and now.
package typealias HookPost =
    @concurrent @Sendable (_ body: [UInt8], _ url: String, _ id: String, _ secret: String, _ attempts: Int, _ now: Date)
    async
    -> HookOutcome

/// What an attempt came to.
package enum HookOutcome: Sendable, Hashable {
    case delivered
    case again(at: Date)
    /// It will never go.
    case dead(error: String)
}

extension DownloadRecord {
    /// `{"type":"download.completed","timestamp":…,"download_id":…,"status":…,"data":{…}}`, as Standard Webhooks wants it.
    func hookBody(at moment: Date) throws -> [UInt8] {
        struct Body: Encodable {
            let type: String
            let timestamp: String
            let downloadID: String
            let status: String
            let data: DownloadSummary

            enum CodingKeys: String, CodingKey {
                case type, timestamp, status, data
                case downloadID = "download_id"
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(
            try encoder.encode(
                Body(
                    type: "download.\(state.rawValue)",
                    timestamp: (endedAt ?? moment).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
                    downloadID: id, status: state.rawValue, data: DownloadSummary(self))))
    }
}

/// A download as clients and webhooks read it (schema `Download`). What is not known yet is null.
package struct DownloadSummary: Encodable, Sendable {
    private let record: DownloadRecord
    private let say: @Sendable (String) -> String

    /// - Parameter say: a sentence in the reader's language.
    package init(_ record: DownloadRecord, say: @escaping @Sendable (String) -> String = { $0 }) {
        self.record = record
        self.say = say
    }

    private enum CodingKeys: String, CodingKey {
        case downloadID = "download_id"
        case status, url, progress, message, error, filename, path, sha256, bytes
        case bytesDone = "bytes_done"
        case bytesTotal = "bytes_total"
        case modelName = "model_name"
        case versionName = "version_name"
        case alreadyThere = "already_there"
        case createdAt = "created_at"
        case startedAt = "started_at"
        case endedAt = "ended_at"
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        func time(_ date: Date?) -> String? {
            date?.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        }
        let isDone = record.state == .completed
        try fields.encode(record.id, forKey: .downloadID)
        try fields.encode(record.state, forKey: .status)
        try fields.encode(record.link.description, forKey: .url)
        try fields.encode(isDone ? 100 : (record.progress.percent * 10).rounded() / 10, forKey: .progress)
        try fields.encode(record.progress.done, forKey: .bytesDone)
        try fields.encode(record.progress.total, forKey: .bytesTotal)
        let sentences = record.failure.map { [$0.message, $0.advice].compactMap(\.self).map(say) }
        try fields.encode(sentences?.joined(separator: " "), forKey: .message)
        try fields.encode(record.failure?.kind, forKey: .error)
        try fields.encode(record.result?.filename, forKey: .filename)
        try fields.encode(record.result?.path, forKey: .path)
        try fields.encode(record.result?.modelName, forKey: .modelName)
        try fields.encode(record.result?.versionName, forKey: .versionName)
        try fields.encode(record.result?.sha256, forKey: .sha256)
        try fields.encode(record.result?.bytes, forKey: .bytes)
        try fields.encode(record.result?.wasThere, forKey: .alreadyThere)
        try fields.encode(time(record.createdAt), forKey: .createdAt)
        try fields.encode(time(record.startedAt), forKey: .startedAt)
        try fields.encode(time(record.endedAt), forKey: .endedAt)
    }
}
