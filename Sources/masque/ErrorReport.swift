// What is printed when a command fails, and the exit code that goes with it.

internal import ArgumentParser
internal import Errors

/// An error as a person and a program get it.
struct ErrorReport {
    private let error: any Error
    private let asJSON: Bool
    private let command: String?

    /// Makes a report of `error`; whether it is also printed as JSON shows in the command line that failed.
    init(_ error: any Error, arguments: [String]) {
        self.error = error
        asJSON = Self.wantsJSON(arguments)
        command = arguments.first.flatMap { ["swap", "faces", "doctor", "version"].contains($0) ? $0 : nil }
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

    /// Help, versions and completion scripts end well; everything else from the parser is a bad argument.
    private func exitAsParser() -> Never {
        guard !Masque.exitCode(for: error).isSuccess else {
            Console.out(Masque.fullMessage(for: error))
            Console.exit(0)
        }
        let sentence = Self.sentence(Masque.message(for: error))
        let help = (["masque"] + [command].compactMap { $0 } + ["--help"]).joined(separator: " ")
        let error = MasqueError(.badInput, sentence, advice: "See “\(help)”.")
        Console.tell(error, asJSON: asJSON)
        Console.exit(error.code.exitCode)
    }

    /// The parser's words as a whole sentence.
    private static func sentence(_ words: String) -> String {
        let text = words.split(separator: "\n").joined(separator: " ")
        guard let last = text.last else { return "The command line cannot be understood." }
        return ".!?".contains(last) ? text : text + "."
    }
}
