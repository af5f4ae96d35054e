// Finds where one scene ends and another begins, frame by frame.

/// Finds scene cuts from the frames' tiny pictures.
///
/// A frame begins a new scene when its blocks differ from the frame before by much more than the frames before it
/// did, and when it is not the same picture at another brightness. A flash (a frame or two that differ, after which
/// the old picture is back) is no cut: so a cut is suspected at once but confirmed two frames later.
package struct SceneCutDetector: Sendable, Codable {
    /// What a frame turned out to be.
    package enum Finding: Sendable, Hashable {
        /// The frame goes on with the scene, as far as can be told.
        case same
        /// The frame may begin a new scene: whoever tracks something should look again.
        case suspected
        /// The frame with this number began a new scene.
        case confirmed(index: Int)
    }

    /// Frames after which a suspected cut counts as one.
    package static let patience = 2

    private var before: FrameSignature?
    private var previous: FrameSignature?
    private var suspect: Suspect?
    private var usual: Float = 0
    private var seen = 0
    private var lastCut = Int.min / 2

    /// A frame that may begin a new scene.
    private struct Suspect: Codable {
        let index: Int
        let signature: FrameSignature
    }

    /// Makes a detector that has seen nothing.
    package init() {}

    /// Looks at the next frame.
    package mutating func look(_ signature: FrameSignature) -> Finding {
        let index = seen
        seen += 1
        defer { previous = signature }
        guard let previous else { return .same }
        let change = Change(previous, signature)
        if let suspect, let before {
            let back = Change(before, signature)
            if !back.isCut(usual: usual), back.difference < Change(suspect.signature, signature).difference + 4 {
                // The old picture is back: it was a flash.
                self.suspect = nil
                return .suspected
            }
            if index - suspect.index >= Self.patience {
                self.suspect = nil
                lastCut = suspect.index
                remember(change)
                return .confirmed(index: suspect.index)
            }
            return .same
        }
        if change.isCut(usual: usual) {
            suspect = Suspect(index: index, signature: signature)
            before = previous
            return .suspected
        }
        remember(change)
        return .same
    }

    /// Says that nothing more comes: a cut that is still suspected counts.
    package mutating func finish() -> Int? {
        defer { suspect = nil }
        return suspect?.index
    }

    private mutating func remember(_ change: Change) {
        usual = seen <= 2 ? change.difference : usual * 0.85 + min(change.difference, 30) * 0.15
    }

    /// How two frames differ.
    private struct Change {
        let difference: Float
        let histogram: Float
        let correlation: Float

        init(_ a: FrameSignature, _ b: FrameSignature) {
            difference = a.blockDifference(b)
            histogram = a.histogramDifference(b)
            correlation = a.correlation(b)
        }

        /// Whether this is more than motion: `usual` is the mean block difference of the frames before.
        func isCut(usual: Float) -> Bool {
            // The same picture brighter or darker correlates; a new one does not.
            if correlation > 0.85 { return false }
            // Nothing in common in tone nor place: a cut even where the frames before were restless.
            if histogram > 0.6, correlation < 0.5, difference > max(4, 1.5 * usual) { return true }
            guard difference > max(6, 3 * usual + 3) else { return false }
            return correlation < 0.45 || histogram > 0.3 || difference > 40
        }
    }
}
