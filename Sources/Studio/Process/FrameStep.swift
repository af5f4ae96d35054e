// What works on whole pictures and frames.

internal import Pixels

/// Works on a whole frame. Safe to share; calls block.
protocol FrameStep: Sendable {
    /// Makes a picture of another.
    ///
    /// - Parameters:
    ///   - picture: R, G, B, or with alpha when a step before made it transparent.
    ///   - check: called now and then; throws when the work is to stop.
    /// - Throws: ``MasqueError`` when a model fails.
    func apply(to picture: Picture, check: () throws -> Void) throws -> Picture

    /// How many times as wide and high its results are.
    var factor: Int { get }
    /// Whether its results are transparent in places.
    var makesAlpha: Bool { get }
}
