// `masque models`: models for this machine and for others.

internal import ArgumentParser

/// The group of commands about models.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Have servers download models.",
        subcommands: [PushCommand.self, FleetServersCommand.self])
}
