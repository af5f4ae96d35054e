// Log lines for people.

internal import Logging

/// Writes `time level logger: message key=value …` to standard error. What stands in the message as a word of its own is
/// not said again.
struct TextLogHandler: LogHandler {
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
        if let error = event.error { all["error"] = "\(error)" }
        let message = event.message.description
        let said = Set(message.split(separator: " ").map(String.init))
        let rest = all.map { (key: $0.key, value: $0.value.description) }.filter { !said.contains($0.value) }
            .sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let line = "\(logTime()) \(event.level.rawValue) \(label): \(message)\(rest)"
        Console.err(Console.plain(line))
    }
}
