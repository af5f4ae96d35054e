// What `masque swap` and `masque process` take: files, faces, models, video, execution.

internal import ArgumentParser
internal import Studio

/// The arguments of a command that makes pictures and videos of others.
struct SwapArguments: ParsableArguments {
    @Argument(
        help: "The source pictures and then the target; with --sources only targets, with --targets only sources.",
        completion: .file())
    var files: [String] = []

    @Option(
        name: [.short, .customLong("output"), .customLong("output-path"), .customLong("output-pattern")],
        help: ArgumentHelp("The file or folder to write.", valueName: "out"), completion: .file())
    var output: String

    @Option(
        name: [.customLong("sources"), .customLong("source-pattern")],
        help: ArgumentHelp("Many sources, one at a time: a quoted pattern.", valueName: "glob"))
    var sources: String?

    @Option(
        name: [.customLong("targets"), .customLong("target-pattern")],
        help: ArgumentHelp("Many targets: a quoted pattern.", valueName: "glob"))
    var targets: String?

    @Flag(help: "Replace outputs that are there.")
    var force = false

    @OptionGroup(title: "Faces") var faces: FaceOptions
    @OptionGroup(title: "Swap") var swap: SwapOptions
    @OptionGroup(title: "Published models") var models: ProcessorOptions
    @OptionGroup(title: "Video") var video: VideoOptions
    @OptionGroup(title: "Execution") var execution: ExecutionOptions
    @OptionGroup(title: "Printing") var printing: OutputOptions

    /// Does what is asked for.
    ///
    /// - Parameter processors: names of processors, in order.
    func run(processors: [String]) async throws {
        let choices = models.choices(with: [:])
        let steps = try ProcessorStep.names(processors).map { try ProcessorStep($0, choices: choices) }
        let takesSources = steps.contains { $0.name.takesSources }
        let items = try SwapItems(
            files: files, sources: sources, targets: targets, output: output, takesSources: takesSources)
        let requests = try items.list.map { try request($0, steps: steps) }
        let runner = SwapRunner(
            requests: requests, isBatch: items.isBatch, printing: SwapPrinting(printing), policy: try execution.policy()
        )
        try await runner.run()
    }

    private func request(_ item: SwapItems.Item, steps: [ProcessorStep]) throws -> MediaRequest {
        var request = MediaRequest(sources: item.sources, target: item.target, output: item.output)
        request.overwrite = force
        try faces.apply(to: &request)
        request.processors = steps
        try swap.apply(to: &request)
        try video.apply(to: &request)
        // Last: it also notes what has no effect.
        try request.take(models.choices(with: faces.values))
        return request
    }
}
