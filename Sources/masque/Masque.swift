// The `masque` command: parse and wire, nothing else.

internal import ArgumentParser
internal import Errors
internal import Studio

/// The root of all commands, and the one place where errors become exit codes.
@main
struct Masque: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "masque",
        abstract: "Put faces into pictures and videos, on this machine.",
        discussion: """
            Example: masque swap me.jpg party.mp4 -o out.mp4

            Exit codes: 0 done, 1 failed, 2 bad arguments or input, 3 refused content, 4 stopped.
            """,
        version: Version.product,
        subcommands: [
            SwapCommand.self, ProcessCommand.self, FacesCommand.self, ServeCommand.self, BotCommand.self,
            TokenCommand.self, KeysCommand.self, JobsCommand.self, ModelsCommand.self, ConfigCommand.self,
            DoctorCommand.self, WorkerCommand.self,
            VersionCommand.self,
        ])

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            var command = try Masque.parseAsRoot(arguments)
            // A media process confines itself before its second thread starts, and ends at once on any signal.
            if !(command is WorkerCommand) { Interruption.prepare() }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            ErrorReport(error, arguments: arguments).printAndExit()
        }
    }
}
