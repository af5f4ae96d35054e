// Who made what from which files: one JSON line per act, with digests instead of pictures.

internal import Errors
internal import Files
package import Foundation
package import JobQueue
package import Logging

/// Appends to a file that only this user may read.
package actor AuditLog {
    /// What was done.
    package enum Act: String, Sendable, Codable {
        case submitted, deleted
    }

    private struct Line: Encodable {
        let at: Date
        let act: Act
        let job: String
        let owner: String
        let mode: String?
        let processors: [String]
        let inputs: [String: String]
        let output: String?
    }

    private let path: String
    private let logger: Logger

    /// - Parameter path: the file; it and its folder are made when they are not there.
    package init(path: String, logger: Logger) throws {
        self.path = path
        self.logger = logger
        if let slash = path.lastIndex(of: "/") { try makeFolder(String(path[..<slash]), mode: 0o700) }
    }

    /// Writes a line. A log that cannot be written to stops nobody's job; the server's log says so.
    package func record(_ act: Act, _ job: Job, at moment: Date) async {
        let line = Line(
            at: moment, act: act, job: job.id.rawValue, owner: job.owner.rawValue, mode: job.description.mode,
            processors: job.description.processors,
            inputs: Dictionary(job.inputs.map { ($0.role.rawValue, $0.sha256) }, uniquingKeysWith: { $1 }),
            output: job.output?.sha256)
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let path = path
        do {
            let data = try encoder.encode(line) + Data("\n".utf8)
            try await offPool {
                if !FileManager.default.fileExists(atPath: path) {
                    _ = FileManager.default.createFile(
                        atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
                }
                guard let file = FileHandle(forWritingAtPath: path) else {
                    throw MasqueError(.failed, "The audit log \(path) cannot be opened.")
                }
                defer { try? file.close() }
                try file.seekToEnd()
                try file.write(contentsOf: data)
            }
        } catch {
            logger.error("The audit log could not be written.", metadata: ["error": "\(error)", "job": "\(job.id)"])
        }
    }
}
