// `masque models remove`.

internal import ArgumentParser
internal import ModelStore

/// Removes models and their files.
struct ModelsRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove models from the store, files included.")

    @Argument(help: "Names, as “masque models list --installed” shows them.")
    var names: [String]

    @OptionGroup var options: ModelsOptions

    func run() async throws {
        let store = try await options.open()
        try await store.remove(names)
        Console.out("Removed \(names.joined(separator: ", ")).")
    }
}
