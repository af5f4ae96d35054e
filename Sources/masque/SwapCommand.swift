// `masque swap`.

internal import ArgumentParser
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

    @OptionGroup var common: SwapArguments

    func run() async throws { try await common.run(processors: ["face_swapper"]) }
}
