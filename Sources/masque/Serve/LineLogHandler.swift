// The server's log: one line of standard error an event, for people or as a JSON object for machines that collect them.

internal import Foundation
internal import Logging

/// Writes one line an event.
struct LineLogHandler: LogHandler {
    /// How an event becomes a line.
    enum Form: Sendable {
        /// `time level logger: message key=value …`. What stands in the message as a word of its own is not said again.
        case text
        /// An object with `time`, `level`, `logger`, `message` and the metadata.
        case json
    }

    private let label: String
    private let form: Form
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, level: Logger.Level, form: Form) {
        self.label = label
        self.form = form
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        var facts = all.mapValues(\.description)
        if let error = event.error { facts["error"] = "\(error)" }
        switch form {
        case .text: Console.err(Console.plain(text(event, facts)))
        case .json: if let line = json(event, facts) { Console.err(line) }
        }
    }

    private func text(_ event: LogEvent, _ facts: [String: String]) -> String {
        let message = event.message.description
        let said = Set(message.split(separator: " ").map(String.init))
        let rest = facts.filter { !said.contains($0.value) }.sorted { $0.key < $1.key }
            .map { " \($0.key)=\($0.value)" }.joined()
        return "\(Self.time) \(event.level.rawValue) \(label): \(message)\(rest)"
    }

    private func json(_ event: LogEvent, _ facts: [String: String]) -> String? {
        let head = [
            "time": Self.time, "level": event.level.rawValue, "logger": label, "message": event.message.description,
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(facts.merging(head) { $1 })).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Now, in ISO 8601 in UTC, with milliseconds.
    private static var time: String { Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }
}
