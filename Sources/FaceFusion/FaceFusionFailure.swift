// How FaceFusion ended, in a sentence.

internal import Errors

/// An end that gave no result.
struct FaceFusionFailure {
    let error: MasqueError

    /// - Parameter progress: what it had said.
    init(_ ending: FaceFusionCommand.Ending, progress: FaceFusionProgress, silence: Duration) {
        let advice = "Try again; if it happens again, the server's log has what FaceFusion said."
        switch ending {
        case .silent:
            let seconds = max(1, silence.components.seconds)
            error = MasqueError(
                .failed,
                "FaceFusion said nothing for \(seconds) seconds while it was \(progress.stage), so it was stopped.",
                advice: advice)
        case .signaled(9):
            error = MasqueError(
                .failed, "FaceFusion was killed while it was \(progress.stage), most likely because memory ran out.",
                advice: "Try a smaller file; its operator may give it more memory.")
        case .signaled(let number):
            error = MasqueError(
                .failed, "FaceFusion crashed (signal \(number)) while it was \(progress.stage).", advice: advice)
        case .exited(2):
            error = MasqueError(
                .badInput, "FaceFusion does not take the options of this job, or is not installed completely.",
                advice: "Leave options out; the server's log has what FaceFusion said.")
        case .exited(3): error = Self.refusal
        case .exited(4): error = MasqueError(.stopped, "FaceFusion was stopped before it was done.")
        case .exited(1) where progress.remarks.contains { $0.contains("no face in source") }:
            error = MasqueError(
                .noFace, "FaceFusion found no face in the source.",
                advice: "Use a sharp, well-lit picture in which the face looks roughly at the camera.")
        // `job-run` says 1 for every step that failed. When content is refused, it says nothing between the step's
        // beginning and its end; it does for whatever else goes wrong.
        case .exited(1) where progress.hasBegun && progress.remarks.isEmpty: error = Self.refusal
        case .exited(let code):
            error = MasqueError(
                .failed, "FaceFusion failed (exit code \(code)) while it was \(progress.stage).", advice: advice)
        }
    }

    private static var refusal: MasqueError {
        MasqueError(
            .refusedContent, "FaceFusion refused the content of the source or the target.", advice: "Use another file.")
    }
}
