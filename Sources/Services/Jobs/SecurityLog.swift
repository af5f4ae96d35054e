// Who tried to get in and was not let in: one JSON line per refused call.

package import Foundation
package import Logging

/// Appends to `security.jsonl`, of which at most two times 16 MB are kept.
package actor SecurityLog {
    /// What was suspicious.
    package enum Event: String, Sendable, Codable {
        case noToken = "no_token"
        case wrongToken = "wrong_token"
        case wrongAddress = "wrong_address"
        case tooManyFailures = "too_many_failures"
    }

    private struct Line: Encodable {
        let at: Date
        let event: Event
        let address: String
        let method: String
        let path: String
        let agent: String?
    }

    private let file: LineFile
    private let logger: Logger

    package init(path: String, logger: Logger) throws {
        file = try LineFile(path: path, mostBytes: 16 << 20)
        self.logger = logger
    }

    /// Writes a line, and one to the server's log. A log that cannot be written to changes no answer.
    package func record(
        _ event: Event, address: String, method: String, path: String, agent: String?, at moment: Date = Date()
    ) async {
        logger.warning(
            "A call was refused.",
            metadata: ["event": "\(event.rawValue)", "address": "\(address)", "path": "\(path.prefix(200))"])
        do {
            try await file.append(
                Line(
                    at: moment, event: event, address: address, method: method, path: String(path.prefix(200)),
                    agent: agent.map { String($0.prefix(200)) }))
        } catch {
            logger.error("The security log could not be written.", metadata: ["error": "\(error)"])
        }
    }
}
