// What modes, stages and states are called in a chat.

package import JobQueue
package import Words

extension Voice {
    /// A mode's name for people, with the sign of the swap-jobs contract, as on buttons. An unknown one stays as it is.
    package func title(ofMode name: String?) -> String {
        switch name {
        case "photo_photo": say("🖼️ Photo → photo")
        case "photo_video": say("🎬 Photo → video")
        case "photo_photo_gpen": say("🖼️ Photo → photo (gpen)")
        case "photo_photo_codeformer": say("🖼️ Photo → photo (codeformer)")
        case "photo_video_fast": say("🎬 Photo → video (fast)")
        case "photo_video_quality": say("🎥 Photo → video (quality)")
        case let name?: name
        case nil: say("Processing")
        }
    }

    /// How a job stands, in a word.
    package func title(of state: JobState) -> String {
        switch state {
        case .draft: say("draft")
        case .queued: say("waiting")
        case .running: say("running")
        case .completed: say("done")
        case .failed: say("failed")
        case .canceled: say("cancelled")
        }
    }

    /// A length of time, in the unit that suits it, rounded up.
    ///
    /// - Parameter isEstimate: rounded as a person would instead: to the nearest minute or hour, below a minute up to
    ///   5 seconds.
    package func length(seconds: Double, isEstimate: Bool = false) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "∞" }
        let step = isEstimate ? 5.0 : 1.0
        let rule: FloatingPointRoundingRule = isEstimate ? .toNearestOrAwayFromZero : .up
        let seconds = max(step, (seconds / step).rounded(.up) * step)
        if seconds < 60 { return say("\(Int(seconds)) s") }
        let minutes = (seconds / 60).rounded(rule)
        return minutes < 120 ? say("\(Int(minutes)) min") : say("\(Int((minutes / 60).rounded(rule))) h")
    }
}
