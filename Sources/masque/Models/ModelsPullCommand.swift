// `masque models pull`.

internal import ArgumentParser
internal import Errors
internal import Foundation
internal import ModelStore
internal import Services

/// Fetches models, several at a time.
struct ModelsPullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Fetch models, and those that they need.",
        discussion: """
            A pull that was stopped goes on where it ended. Proxies are taken from HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
            """)

    @Argument(help: "Names, as “masque models list” shows them.")
    var names: [String] = []

    @Option(help: "Also what a mode needs, such as photo_video_fast; may be given often.")
    var mode: [String] = []

    @Option(help: "Also the default models of a processor, such as face_enhancer; may be given often.")
    var processor: [String] = []

    @Option(
        help: ArgumentHelp("A folder or web address with all files by name (MASQUE_MODEL_MIRROR).", valueName: "place"))
    var mirror: String?

    @Option(help: ArgumentHelp("How many at a time.", valueName: "count"))
    var jobs = 3

    @Flag(help: "Fetch again what is there, and forget what was trusted at the first use.")
    var force = false

    @Flag(help: "Print one JSON object a model.")
    var json = false

    @OptionGroup var measuring: MeasuringOptions
    @OptionGroup var options: ModelsOptions

    func validate() throws {
        guard !names.isEmpty || !mode.isEmpty || !processor.isEmpty else {
            throw ValidationError("Say what to fetch: names, --mode or --processor.")
        }
        guard (1...16).contains(jobs) else { throw ValidationError("--jobs must be from 1 to 16.") }
    }

    func run() async throws {
        let settings = try await options.server.settings(
            adding: ["MASQUE_MODEL_STORE": options.store, "MASQUE_MODEL_MIRROR": mirror])
        let store = try options.open(settings)
        let models = try store.catalogue.closure(of: names + wanted(store.catalogue))
        guard !models.isEmpty else { return Console.err("That needs no models.") }
        for warning in models.compactMap(\.warning) { Console.err("Mind: \(warning)") }
        let folder = FileManager.default.currentDirectoryPath
        var origin = ModelStore.Origin(
            mirror: settings.modelMirror.map { ModelStore.Origin.mirror($0, relativeTo: folder) },
            huggingFaceToken: settings.huggingFaceToken)
        origin.isForced = force
        let display = PullDisplay(names: models.map(\.name), isLive: Console.errIsTerminal && !json)
        let failures: [MasqueError]
        do {
            failures = try await Interruption.stoppable { [jobs, json, origin] in
                try await pull(models, from: store, origin: origin, atOnce: jobs, display: display, json: json)
            }
        } catch is CancellationError {
            throw MasqueError(
                .stopped, "The downloads were stopped; what was fetched is kept.",
                advice: "The same command goes on from there.")
        }
        await measuring.measure(models.map(\.name), in: settings.storedModels)
        guard let first = failures.first else { return }
        // Each was said where it happened.
        throw ExitCode(first.code.exitCode)
    }

    /// What modes and processors need.
    private func wanted(_ catalogue: Catalogue) throws -> [String] {
        let ofModes = try mode.flatMap { name in
            guard let mode = Mode.named(name) else {
                throw MasqueError(
                    .notFound, "There is no mode “\(name)”.",
                    advice: "Choose one of \(Mode.all.map(\.name).joined(separator: ", ")).")
            }
            return mode.models
        }
        return try ofModes + processor.flatMap { try catalogue.models(ofProcessor: $0) }
    }
}

/// Fetches models, `atOnce` at a time; one that fails holds up no other.
private func pull(
    _ models: [CatalogueModel], from store: ModelStore, origin: ModelStore.Origin, atOnce: Int, display: PullDisplay,
    json: Bool
) async throws -> [MasqueError] {
    try await withThrowingTaskGroup(of: MasqueError?.self) { group in
        var waiting = models[...]
        func start() {
            guard let model = waiting.popFirst() else { return }
            group.addTask {
                do {
                    var origin = origin
                    origin.told = { display.note($0, of: model.name) }
                    let pulled = try await store.pull(model, from: origin) { display.note($0, of: model.name) }
                    display.end(model.name, PullLine.words(pulled))
                    if json { Console.json(PullLine(model.name, pulled)) }
                    return nil
                } catch let error as MasqueError {
                    display.end(model.name, "failed")
                    display.say { Console.tell(error, asJSON: json) }
                    return error
                }
            }
        }
        for _ in 0..<atOnce { start() }
        var failures: [MasqueError] = []
        for try await failure in group {
            if let failure { failures.append(failure) }
            start()
        }
        return failures
    }
}

/// What a pull did, for a program.
struct PullLine: Encodable {
    let name: String
    let state: String
    let bytes: Int?
    let checkedBy: String?

    init(_ name: String, _ pulled: ModelStore.Pulled) {
        self.name = name
        switch pulled {
        case .wasThere: (state, bytes, checkedBy) = ("was_there", nil, nil)
        case .fetched(let count, let checked): (state, bytes, checkedBy) = ("fetched", count, checked)
        }
    }

    /// The same in words.
    static func words(_ pulled: ModelStore.Pulled) -> String {
        switch pulled {
        case .wasThere: "is there already"
        case .fetched(let bytes, "first use"):
            "\(modelSize(bytes)), nobody states its checksum: trusted from now on as it is"
        case .fetched(let bytes, "crc32"): "\(modelSize(bytes)), checked by its publisher's CRC-32"
        case .fetched(let bytes, _): "\(modelSize(bytes)), checked by SHA-256"
        }
    }
}
