// Keeps the records of downloads through restarts: one small file each, replaced whole at every change of state.

internal import Errors
internal import Files
internal import Foundation

/// A folder of records that only this user may read.
struct DownloadShelf: Sendable {
    let folder: String

    /// Where and with which secret webhooks are signed.
    struct Hook: Codable, Hashable, Sendable {
        var url: String
        var secret: String
    }

    private static let hookName = "webhook.json"
    private static let mostBytes = 1 << 20

    /// Makes the folder.
    /// - Throws: ``MasqueError`` of the file system.
    init(folder: String) throws(MasqueError) {
        self.folder = folder
        try makeFolder(folder, mode: 0o700)
    }

    /// All records, the oldest first. What cannot be read is named and left where it is.
    func load() throws -> (records: [DownloadRecord], unreadable: [String]) {
        var records: [DownloadRecord] = []
        var unreadable: [String] = []
        for name in try namesInFolder(folder)
        where name.hasSuffix(".json") && !name.hasPrefix(".") && name != Self.hookName {
            do {
                let bytes = try readFile(at: "\(folder)/\(name)", maxBytes: Self.mostBytes)
                let record = try JSONDecoder().decode(DownloadRecord.self, from: Data(bytes))
                guard name == "\(record.id).json" else { throw MasqueError(.failed, "The name is another's.") }
                records.append(record)
            } catch {
                unreadable.append(name)
            }
        }
        return (records.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }, unreadable)
    }

    func save(_ record: DownloadRecord) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try writeFile(Array(try encoder.encode(record)), to: "\(folder)/\(record.id).json", overwrite: true)
        try flushToDisk(folder)
    }

    func remove(_ id: String) throws { try removeAll("\(folder)/\(id).json") }

    func hook() throws -> Hook? {
        guard try fileFacts("\(folder)/\(Self.hookName)") != nil else { return nil }
        return try JSONDecoder().decode(
            Hook.self, from: Data(try readFile(at: "\(folder)/\(Self.hookName)", maxBytes: Self.mostBytes)))
    }

    func save(_ hook: Hook?) throws {
        guard let hook else { return try removeAll("\(folder)/\(Self.hookName)") }
        try writeFile(Array(try JSONEncoder().encode(hook)), to: "\(folder)/\(Self.hookName)", overwrite: true)
        try flushToDisk(folder)
    }
}
