// What works on whole pictures and frames.

internal import Neural
internal import Pixels

/// What the steps remember of a video from frame to frame.
struct FrameMemory: Sendable, Codable {
    /// The background remover's mask.
    var mask = MaskMemory()
}

/// Works on a whole frame. Safe to share; calls block.
protocol FrameStep: Sendable {
    /// Makes a picture of another.
    ///
    /// - Parameters:
    ///   - picture: R, G, B, or with alpha when a step before made it transparent.
    ///   - memory: what is remembered of the frames before.
    ///   - check: called now and then; throws when the work is to stop.
    /// - Throws: ``MasqueError`` when a model fails.
    func apply(to picture: Picture, memory: inout FrameMemory, check: () throws -> Void) throws -> Picture

    /// How many times as wide and high its results are.
    var factor: Int { get }
    /// Whether its results are transparent in places.
    var makesAlpha: Bool { get }
}

extension FrameStep {
    var factor: Int { 1 }
    var makesAlpha: Bool { false }
}

/// Enlarged, with detail that a network makes up.
struct EnlargeStep: FrameStep {
    let enhancer: FrameEnhancer

    func apply(to picture: Picture, memory: inout FrameMemory, check: () throws -> Void) throws -> Picture {
        try enhancer.enhanced(picture, check: check)
    }
    var factor: Int { enhancer.model.scale }
}

/// Coloured.
struct ColourStep: FrameStep {
    let colorizer: FrameColorizer

    func apply(to picture: Picture, memory: inout FrameMemory, check: () throws -> Void) throws -> Picture {
        try colorizer.colorized(picture, check: check)
    }
}

/// Without background.
struct CutOutStep: FrameStep {
    let remover: BackgroundRemover
    let ground: GroundColour

    func apply(to picture: Picture, memory: inout FrameMemory, check: () throws -> Void) throws -> Picture {
        try remover.removed(from: picture, ground: ground, memory: &memory.mask, check: check)
    }
    var makesAlpha: Bool { ground.alpha < 255 }
}
