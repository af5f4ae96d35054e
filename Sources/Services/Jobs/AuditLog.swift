// Who made what from which files: one JSON line per act, with digests instead of pictures.

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

    private let file: LineFile
    private let logger: Logger

    /// - Parameter path: the file; it and its folder are made when they are not there.
    package init(path: String, logger: Logger) throws {
        file = try LineFile(path: path)
        self.logger = logger
    }

    /// Writes a line. A log that cannot be written to stops nobody's job; the server's log says so.
    package func record(_ act: Act, _ job: Job, at moment: Date) async {
        let line = Line(
            at: moment, act: act, job: job.id.rawValue, owner: job.owner.rawValue, mode: job.description.mode,
            processors: job.description.processors,
            inputs: Dictionary(job.inputs.map { ($0.role.rawValue, $0.sha256) }, uniquingKeysWith: { $1 }),
            output: job.output?.sha256)
        do {
            try await file.append(line)
        } catch {
            logger.error("The audit log could not be written.", metadata: ["error": "\(error)", "job": "\(job.id)"])
        }
    }
}
