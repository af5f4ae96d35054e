// `masque models verify`.

internal import ArgumentParser
internal import ModelStore

/// Reads models and says which are not as they were.
struct ModelsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read models and say which are damaged, and what to do.",
        discussion: "Ends with 1 when one is damaged.")

    @Argument(help: "Names; all that are there without.")
    var names: [String] = []

    @Flag(help: "Print one JSON object a model.")
    var json = false

    @OptionGroup var options: ModelsOptions

    func run() async throws {
        let store = try await options.open()
        let verdicts = try await Interruption.stoppable { [names, json] in
            try await store.verify(names) { verdict in
                if json {
                    return Console.json(Entry(name: verdict.name, problem: verdict.problem, advice: verdict.advice))
                }
                guard let problem = verdict.problem else { return Console.out("\(verdict.name): good") }
                Console.out(Console.plain("\(verdict.name): \(problem) \(verdict.advice ?? "")"))
            }
        }
        if verdicts.isEmpty { Console.err("The store has no models.") }
        if verdicts.contains(where: { $0.problem != nil }) { throw ExitCode(1) }
    }

    private struct Entry: Encodable {
        let name: String
        let problem: String?
        let advice: String?
    }
}
