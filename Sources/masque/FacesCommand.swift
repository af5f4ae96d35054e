// `masque faces`.

internal import ArgumentParser
internal import Errors
internal import Faces
internal import Inference
internal import Studio

/// Lists the faces of a picture.
struct FacesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faces", abstract: "List the faces of a picture.",
        discussion: "Faces are counted from 0 in the order that --face-position of “masque swap” uses.")

    @Argument(help: "The picture.", completion: .file())
    var picture: String

    @Option(
        name: [.customLong("order"), .customLong("face-order"), .customLong("face-selector-order")],
        help: "The order in which faces are counted.")
    var order = FaceOrder.largeSmall

    @OptionGroup var detection: DetectionArguments

    @Option(
        help: ArgumentHelp("Write the picture with faces, meshes and numbers drawn in.", valueName: "out"),
        completion: .file())
    var draw: String?

    @Flag(help: "Replace a drawing that is there.")
    var force = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "With --json: also meshes, irises and identity vectors.")
    var full = false

    func run() async throws {
        let (picture, options, draw) = (
            picture, try DetectionOptions.picture.taking(ProcessorChoices(detection.values, areOptions: true)), draw
        )
        let (order, force) = (order, force)
        let listing = try await Interruption.stoppable {
            let listing = try await Engine().faces(inPicture: picture, detection: options)
            if let draw {
                try await onEngineThread("masque-draw") { try listing.draw(to: draw, order: order, overwrite: force) }
            }
            return listing
        }
        if json {
            Console.json(FacesEvent(listing, order: order, full: full))
        } else {
            Console.out(Console.plain(FaceTable(listing, order: order).text))
            if let draw { Console.out(Console.plain("Drawn into \(draw).")) }
        }
    }
}
