// The options that all commands about a server share.

internal import ArgumentParser
internal import Errors
internal import Foundation
internal import Services

/// Where the server's folder is, and settings given by flag.
struct ServerOptions: ParsableArguments {
    @Option(name: .long, help: "The server's folder with database, files and secrets (MASQUE_HOME; ./data).")
    var home: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Any setting of `masque config`; may be given often.", valueName: "NAME=VALUE"))
    var assignments: [String] = []

    /// The settings: these flags, the environment, `.env` and `masque.yaml` of the working folder, the defaults.
    func reader(adding more: [String: String?] = [:]) async throws -> SettingsReader {
        var flags: [String: String] = [:]
        for text in assignments {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw MasqueError(.badInput, "--set \(text) is not of the form NAME=VALUE.")
            }
            let name = text[..<equals].uppercased()
            guard ServerSettings.all.contains(where: { $0.name == name }) else {
                throw MasqueError(.badInput, "There is no setting \(name).", advice: "`masque config` lists them.")
            }
            flags[name] = String(text[text.index(after: equals)...])
        }
        for (name, value) in more { if let value { flags[name] = value } }
        if let home { flags["MASQUE_HOME"] = home }
        return try await SettingsReader(
            flags: flags, environment: ProcessInfo.processInfo.environment,
            folder: FileManager.default.currentDirectoryPath)
    }

    func settings(adding more: [String: String?] = [:]) async throws -> ServerSettings {
        try ServerSettings(try await reader(adding: more))
    }
}
