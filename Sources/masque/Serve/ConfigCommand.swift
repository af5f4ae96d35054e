// `masque config`.

internal import ArgumentParser
internal import Services

/// Shows every setting with its value and where that came from.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show all settings of the server, their values and where these come from.",
        discussion: """
            Settings are read from flags (--set), the environment, .env and masque.yaml in the working folder, in this
            order. In masque.yaml the names are written in small letters: `masque_port: 9000`.
            """)

    @OptionGroup var server: ServerOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let reader = try await server.reader()
        let values = reader.report()
        if json {
            Console.json(values.map(Line.init))
        } else {
            let width = values.map(\.facts.name.count).max() ?? 0
            for value in values {
                let name = value.facts.name + String(repeating: " ", count: width - value.facts.name.count)
                let shown = value.value.isEmpty ? "(none)" : value.value
                Console.out("\(name)  \(shown)  [\(value.source)]")
                Console.out("\(String(repeating: " ", count: width))  \(value.facts.meaning)")
            }
        }
        // What is wrong with them is told as well.
        _ = try ServerSettings(reader)
    }

    private struct Line: Encodable {
        let name: String
        let value: String
        let source: String
        let `default`: String
        let meaning: String

        init(_ value: SettingValue) {
            name = value.facts.name
            self.value = value.value
            source = value.source
            `default` = value.facts.standard
            meaning = value.facts.meaning
        }
    }
}
