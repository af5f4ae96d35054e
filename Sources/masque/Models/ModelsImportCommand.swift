// `masque models import`.

internal import ArgumentParser
internal import Errors
internal import ModelStore

/// Takes in files that are on this machine.
struct ModelsImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take in model files of your own.",
        discussion: """
            A folder may be FaceFusion's .assets/models: files are known by their names and checked by the .hash beside \
            them. Files are linked where the disk allows it, and copied otherwise.

            Example: masque models import ~/facefusion/.assets/models
            """)

    @Argument(help: "Files and folders.")
    var paths: [String]

    @Option(help: "What to call a single file that is in no list, or has another name there.")
    var name: String?

    @Flag(help: "Remove what was taken in where it was.")
    var move = false

    @Flag(help: "Replace a model that is there, or one of the lists by a file of another name.")
    var force = false

    @OptionGroup var measuring: MeasuringOptions
    @OptionGroup var options: ModelsOptions

    func validate() throws {
        guard !paths.isEmpty else { throw ValidationError("Say what to take in.") }
        guard name == nil || paths.count == 1 else { throw ValidationError("--name goes with a single file.") }
    }

    func run() async throws {
        let settings = try await options.settings()
        let store = try options.open(settings)
        var how = ModelStore.ImportOptions()
        (how.name, how.isMoved, how.isForced) = (name, move, force)
        let display = PullDisplay(names: [], isLive: Console.errIsTerminal, verb: "reading")
        let all = try await Interruption.stoppable { [paths, how] in
            try await store.takeIn(paths, how, progress: { display.note($1, of: $0) }) { display.tell($0) }
        }
        var refusal: MasqueError?
        var added = 0
        for one in all {
            switch one.outcome {
            case .added, .wasThere:
                added += 1
                if let warning = store.catalogue.model(named: one.name)?.warning { Console.err("Mind: \(warning)") }
            case .refused(let error): refusal = refusal ?? error
            case .skipped: break
            }
        }
        await measuring.measure(all.map(\.name), in: settings.storedModels)
        if let refusal { throw ExitCode(refusal.code.exitCode) }
        if added == 0 {
            throw MasqueError(
                .badInput, "There was no model to take in.", advice: "Name a file or a folder with .onnx files.")
        }
    }
}

extension PullDisplay {
    /// Says what became of a file that was taken in.
    func tell(_ imported: ModelStore.Imported) {
        let name = Console.plain(imported.name)
        drop(imported.name) {
            switch imported.outcome {
            case .added("first use"):
                Console.out("\(name): taken in; nothing is known to check it by, trusted as it is")
            case .added(let checkedBy): Console.out("\(name): taken in, checked by \(checkedBy)")
            case .wasThere: Console.out("\(name): is there already")
            case .skipped: Console.err("\(name): skipped, in no list of models")
            case .refused(let error): Console.err(Console.plain("\(name): \(error)"))
            }
        }
    }
}
