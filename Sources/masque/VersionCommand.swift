// `masque version`.

internal import ArgumentParser
internal import Studio

/// Prints the program's name and version.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() { Console.out(Version.product) }
}
