// A swap's stages as figures per frame.
internal import Foundation
internal import Studio

extension MediaReport {
    /// A stage's wall milliseconds per frame; 0 when it was not met.
    func wall(_ stage: String) -> Double { 1000 * seconds(stage) / Double(max(frames, 1)) }
    /// A stage's wall seconds.
    func seconds(_ stage: String) -> Double { stages.first { $0.name == stage }?.seconds ?? 0 }
    /// Milliseconds per frame of processor time that a stage's own thread took.
    func processor(_ stage: String) -> Double {
        1000 * (stages.first { $0.name == stage }?.processorSeconds ?? 0) / Double(max(frames, 1))
    }
    /// Seconds of loading, of the source and of finding the face of the reference frame: what does not grow with the
    /// video.
    var startUp: Double { seconds("sources") + seconds("reference") }
}

/// The stages of a video swap that tables show.
let videoStages = ["gate", "decode", "analyse", "swap", "encode"]
