// What is printed when a command fails, and the exit code that goes with it.

internal import ArgumentParser
internal import Errors

/// An error as a person and a program get it.
struct ErrorReport {
    private let error: any Error
    private let asJSON: Bool
    private let command: String

    /// Makes a report of `error`; whether it is also printed as JSON shows in the command line that failed.
    init(_ error: any Error, arguments: [String]) {
        self.error = error
        asJSON = Self.wantsJSON(arguments)
        command = Self.command(of: arguments)
    }

    /// The command that a command line names, such as `masque keys create`; as much of it as there is.
    private static func command(of arguments: [String]) -> String {
        var words = ["masque"]
        var commands = Masque.configuration.subcommands
        for argument in arguments {
            guard let next = commands.first(where: { $0.configuration.commandName == argument }),
                next.configuration.shouldDisplay
            else { break }
            words.append(argument)
            commands = next.configuration.subcommands
        }
        return words.joined(separator: " ")
    }

    /// Whether a command line asks for JSON, as far as can be told when it could not be parsed.
    static func wantsJSON(_ arguments: [String]) -> Bool { arguments.prefix { $0 != "--" }.contains("--json") }

    /// Ends the process. ``ExitCode`` means that everything was said before.
    func printAndExit() -> Never {
        switch error {
        case let code as ExitCode:
            Masque.exit(withError: code)
        case let error as MasqueError:
            Console.tell(error, asJSON: asJSON)
            Console.exit(error.code.exitCode)
        case is CancellationError:
            Console.tell(Interruption.error, asJSON: asJSON)
            Console.exit(Interruption.error.code.exitCode)
        default:
            exitAsParser()
        }
    }

    /// Help, versions and completion scripts end well; everything else from the parser is a bad argument, and what is
    /// from elsewhere a failure.
    private func exitAsParser() -> Never {
        guard !Masque.exitCode(for: error).isSuccess else {
            Console.out(Masque.fullMessage(for: error))
            Console.exit(0)
        }
        let sentence = Self.sentence(Masque.message(for: error))
        let report =
            Masque.exitCode(for: error) == .validationFailure
            ? MasqueError(.badInput, sentence, advice: "See “\(command) --help”.")
            : MasqueError(.failed, sentence, cause: error)
        Console.tell(report, asJSON: asJSON)
        Console.exit(report.code.exitCode)
    }

    /// The parser's words as a whole sentence.
    private static func sentence(_ words: String) -> String {
        let text = words.split(separator: "\n").joined(separator: " ")
        guard let last = text.last else { return "The command line cannot be understood." }
        return ".!?".contains(last) ? text : text + "."
    }
}
