// How the swap itself and written pictures are made.

internal import ArgumentParser
internal import Studio

/// Settings of the mesh swap.
struct SwapOptions: ParsableArguments {
    @Flag(help: "Keep the target's eyes, with their gaze.")
    var keepEyes = false

    @Flag(help: "Keep the target's mouth.")
    var keepMouth = false

    @Option(help: ArgumentHelp("How far eyes, nose and mouth move to the source's places, 0 to 1.", valueName: "share"))
    var shape: Float = MeshSwapSettings().shape

    @Option(help: ArgumentHelp("How strongly the source replaces the target, 0 to 1.", valueName: "share"))
    var strength: Float = MeshSwapSettings().strength

    @Option(
        name: [.customLong("quality"), .customLong("output-image-quality")],
        help: ArgumentHelp("Quality of a written JPEG or WebP, 0 to 100.", valueName: "number"))
    var quality = 92

    /// Puts the choices into a request.
    func apply(to request: inout MediaRequest) throws {
        request.swap.keepEyes = keepEyes
        request.swap.keepMouth = keepMouth
        request.swap.shape = try within(0...1, shape, "--shape")
        request.swap.strength = try within(0...1, strength, "--strength")
        request.pictureQuality = try within(0...100, quality, "--quality")
    }
}
