// `masque process`.

internal import ArgumentParser
internal import Errors
internal import Studio

/// Applies processors, one after the other, to a picture or video, or to many.
struct ProcessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "process",
        abstract: "Apply processors, one after the other, to a picture or a video.",
        usage: """
            masque process --processors face_swapper,face_enhancer SOURCE… TARGET -o OUT [options]
            masque process --processors frame_enhancer TARGET -o OUT [options]
            """,
        discussion: """
            Processors are \(ProcessorName.allCases.map(\.rawValue).joined(separator: ", ")). Those that put somebody's \
            face in take the source pictures before the target; with any other, the target is all.
            Names and options are FaceFusion's; docs/facefusion.md compares. “masque doctor” says which can run here, \
            “masque models pull” fetches what they need.
            """)

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("What is done, in order, with commas between.", valueName: "names"))
    var processors: [String] = ["face_swapper"]

    @OptionGroup var common: SwapArguments

    func run() async throws { try await common.run(processors: processors) }
}
