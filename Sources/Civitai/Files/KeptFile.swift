// What is noted beside a downloaded file, so that it is known again without reading it.

internal import Files
internal import Foundation
internal import ModelFiles

/// A hidden file beside a model: what was verified, and when the file was last changed.
struct KeptFile: Codable, Hashable, Sendable {
    var sha256: String
    var bytes: Int64
    /// Seconds since 1970.
    var modified: Double
    var model: Int
    var version: Int
    var file: Int

    /// The SHA-256 of the file at `path` by its note, if it has not been changed since, or else by reading all of it.
    /// Blocks meanwhile.
    ///
    /// - Returns: nil when there is no file.
    static func sha256(of path: String) throws -> String? {
        guard let facts = try fileFacts(path) else { return nil }
        if let bytes = try? readFile(at: note(path), maxBytes: 1 << 16),
            let kept = try? JSONDecoder().decode(KeptFile.self, from: Data(bytes)), kept.bytes == facts.byteCount,
            kept.modified == facts.modified
        {
            return kept.sha256
        }
        return try SHA256.hex(ofFileAt: path)
    }

    /// Notes what was verified.
    static func keep(_ model: FetchedModel) throws {
        guard let facts = try fileFacts(model.path) else { return }
        let kept = KeptFile(
            sha256: model.sha256, bytes: facts.byteCount, modified: facts.modified, model: model.model,
            version: model.version, file: model.file)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try writeFile(Array(try encoder.encode(kept)), to: note(model.path), overwrite: true)
    }

    private static func note(_ path: String) -> String {
        let url = URL(filePath: path)
        return url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).civitai.json").path
    }
}
