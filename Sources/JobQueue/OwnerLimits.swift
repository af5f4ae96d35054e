// The refusal of one job too many.

package import Errors

/// The error for an owner who has as many jobs queued and running as allowed.
package func tooManyActive(_ count: Int) -> MasqueError {
    MasqueError(
        .tooManyRequests, "You have \(count) jobs queued or running, which is as many as you may.",
        advice: "Wait for one to finish, or cancel one.")
}
