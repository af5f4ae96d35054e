// `masque swap`.

internal import ArgumentParser
internal import Errors
internal import Studio

/// Swaps faces into a picture or video, or into many.
struct SwapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swap",
        abstract: "Put the face of one picture into another picture or a video.",
        usage: """
            masque swap SOURCE… TARGET -o OUT [options]
            masque swap --sources 'people/*.jpg' --targets 'films/*.mp4' -o 'out/{source}-{target}.mp4' [options]
            """,
        discussion: """
            Several sources show one person and are averaged; with --map they are different people.
            What a file is shows in its content; what is written, in the extension of OUT: jpg, png, webp, mp4, mov, \
            m4v, webm, mkv, gif. OUT may be a folder.
            With --sources or --targets every source goes into every target. OUT then holds {index}, {source} and \
            {target} (names without extension) or is a folder.
            """)

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
    @OptionGroup(title: "Video") var video: VideoOptions
    @OptionGroup(title: "Execution") var execution: ExecutionOptions
    @OptionGroup(title: "Printing") var printing: OutputOptions

    func run() async throws {
        let items = try SwapItems(files: files, sources: sources, targets: targets, output: output)
        let requests = try items.list.map(request)
        let runner = SwapRunner(
            requests: requests, isBatch: items.isBatch, printing: SwapPrinting(printing), policy: try execution.policy()
        )
        try await runner.run()
    }

    private func request(_ item: SwapItems.Item) throws -> SwapRequest {
        var request = SwapRequest(sources: item.sources, target: item.target, output: item.output)
        request.overwrite = force
        try faces.apply(to: &request)
        try swap.apply(to: &request)
        try video.apply(to: &request)
        return request
    }
}
