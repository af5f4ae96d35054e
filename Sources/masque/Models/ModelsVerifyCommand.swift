// `masque models verify`.

internal import ArgumentParser
internal import Errors
internal import ModelStore

/// Reads models and says which are not as they were.
struct ModelsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read models and say which are damaged, and what to do.",
        discussion: """
            Ends with 1 when one is damaged.

            --repair first brings back a record, store.json, that is lost, damaged or does not know all files of the folder.
            """)

    @Argument(help: "Names; all that are there without.")
    var names: [String] = []

    @Flag(help: "First bring the store's record back from what it has and from the files; none is removed.")
    var repair = false

    @Flag(help: "Print one JSON object a model.")
    var json = false

    @OptionGroup var options: ModelsOptions

    func validate() throws {
        guard !repair || names.isEmpty else { throw ValidationError("--repair looks at all models: name none.") }
    }

    func run() async throws {
        let store = try await options.open()
        let verdicts: [ModelStore.Verdict]
        var isComplete = true
        if repair {
            let display = PullDisplay(names: [], isLive: Console.errIsTerminal && !json, verb: "reading")
            let repaired = try await Interruption.stoppable { [json] in
                try await store.repair(progress: { display.note($1, of: $0) }) { found in
                    json ? Console.json(Found(found)) : display.tell(found)
                }
            }
            if let place = repaired.setAside { Console.err("The record that could not be read is now \(place).") }
            isComplete = repaired.found.allSatisfy { if case .refused = $0.outcome { false } else { true } }
            verdicts = repaired.verdicts
            verdicts.forEach(tell)
        } else {
            verdicts = try await Interruption.stoppable { [names, tell] in try await store.verify(names, told: tell) }
        }
        if verdicts.isEmpty { Console.err("The store has no models.") }
        if !isComplete || verdicts.contains(where: { $0.problem != nil }) { throw ExitCode(1) }
    }

    private var tell: @Sendable (ModelStore.Verdict) -> Void {
        { [json] verdict in
            if json {
                return Console.json(Entry(name: verdict.name, problem: verdict.problem, advice: verdict.advice))
            }
            guard let problem = verdict.problem else { return Console.out(Console.plain("\(verdict.name): good")) }
            Console.out(Console.plain("\(verdict.name): \(problem) \(verdict.advice ?? "")"))
        }
    }

    private struct Entry: Encodable {
        let name: String
        let problem: String?
        let advice: String?
    }

    /// A model that the record did not know.
    private struct Found: Encodable {
        let name: String
        var recorded = false
        var checkedBy: String?
        var problem: String?
        var advice: String?

        init(_ found: ModelStore.Imported) {
            name = found.name
            switch found.outcome {
            case .added(let check): (recorded, checkedBy) = (true, check)
            case .refused(let error): (problem, advice) = (error.message, error.advice)
            case .wasThere, .skipped: break
            }
        }
    }
}
