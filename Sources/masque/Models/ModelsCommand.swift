// `masque models`: the store of published models.

internal import ArgumentParser
internal import Errors
internal import Foundation
internal import ModelFiles
internal import ModelStore
internal import Services

/// Lists, fetches, checks, takes in and removes models.
struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "List, fetch, check, import and remove published models.",
        discussion: """
            Masque ships none of these models. Each has a licence of its own: mind the warnings.

            Example: masque models pull --mode photo_video_fast
            """,
        subcommands: [
            ModelsListCommand.self, ModelsPullCommand.self, ModelsVerifyCommand.self, ModelsImportCommand.self,
            ModelsRemoveCommand.self, DownloadCommand.self, PushCommand.self, FleetServersCommand.self,
        ], defaultSubcommand: ModelsListCommand.self)
}

/// Where the store is, and which lists hold.
struct ModelsOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The folder of models (MASQUE_MODEL_STORE).", valueName: "folder"))
    var store: String?

    @Option(
        name: .customLong("manifest"),
        help: ArgumentHelp("A further list of models (YAML); may be given often.", valueName: "file"))
    var manifests: [String] = []

    @OptionGroup var server: ServerOptions

    func settings() async throws -> ServerSettings {
        try await server.settings(adding: ["MASQUE_MODEL_STORE": store])
    }

    func open() async throws -> ModelStore { try open(try await settings()) }

    func open(_ settings: ServerSettings) throws -> ModelStore {
        let stored = settings.storedModels
        let lists = manifests.map { URL(fileURLWithPath: $0) }
        return ModelStore(stored: stored, catalogue: try Catalogue.standard(store: stored.folder, lists: lists))
    }
}

extension ServerSettings {
    /// The operator's models: where settings say, or where commands without a server look.
    var storedModels: StoredModels {
        guard let folder = modelStore else { return StoredModels() }
        return StoredModels(folder: URL(fileURLWithPath: folder, isDirectory: true).standardizedFileURL)
    }
}

/// A size in words; a question mark where nobody says.
func modelSize(_ bytes: Int?) -> String {
    guard let bytes else { return "?" }
    return bytes < 1_000_000 ? "\(bytes) B" : String(format: "%.1f MB", Double(bytes) / 1e6)
}
