// Log lines as JSON objects, for machines that collect them.

internal import Foundation
internal import Logging

/// The moment as logs have it: ISO 8601 in UTC, with milliseconds.
func logTime() -> String { Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }

/// Writes one object a line to standard error: `time`, `level`, `logger`, `message` and the metadata.
struct JSONLogHandler: LogHandler {
    private let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, level: Logger.Level) {
        self.label = label
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
        var line: [String: String] = [:]
        for (key, value) in all { line[key] = value.description }
        if let error = event.error { line["error"] = "\(error)" }
        line["time"] = logTime()
        line["level"] = event.level.rawValue
        line["logger"] = label
        line["message"] = event.message.description
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(line) else { return }
        Console.err(String(decoding: data, as: UTF8.self))
    }
}
