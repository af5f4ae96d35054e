// What one owner may have and has, and the refusals of more.

package import Errors

/// What one owner may have; nil: as much as there is room for.
package struct OwnerLimits: Sendable, Hashable {
    /// Jobs queued and running.
    package var activeJobs: Int?
    /// Jobs that were never queued, canceled ones among them.
    package var drafts: Int?
    /// Bytes of inputs and outputs; a file that several of the owner's jobs share counts once.
    package var bytes: Int64?
    /// Bytes that the owner holds elsewhere, such as unfinished uploads; they count as used.
    package var bytesElsewhere: Int64 = 0
    package init() {}
}

/// What one owner has.
package struct OwnerUsage: Sendable, Hashable {
    package var activeJobs = 0
    package var drafts = 0
    /// Bytes of inputs and outputs, each file once. Previews are not counted.
    package var bytes: Int64 = 0
    package init() {}
}

/// The error for an owner who has as many jobs queued and running as allowed.
package func tooManyActive(_ count: Int) -> MasqueError {
    MasqueError(
        .tooManyRequests, "You have \(count) jobs queued or running, which is as many as you may.",
        advice: "Wait for one to finish, or cancel one.")
}

/// The error for an owner who has as many drafts as allowed.
package func tooManyDrafts(_ count: Int) -> MasqueError {
    MasqueError(
        .tooManyRequests, "You have \(count) drafts, canceled ones included, which is as many as you may.",
        advice: "Submit or delete some of them.")
}

/// The error for an owner whose files would be more than allowed.
/// - Parameters:
///   - used: bytes that the owner has.
///   - added: bytes that come to them.
package func storageFull(used: Int64, added: Int64, limit: Int64) -> MasqueError {
    func rounded(_ bytes: Int64) -> String { "\(max(0, bytes) / 1_000_000 + (bytes % 1_000_000 > 0 ? 1 : 0)) MB" }
    return MasqueError(
        .outOfSpace,
        added > 0
            ? "Your files take up \(rounded(used)) of the \(rounded(limit)) that you may store, and this would add \(rounded(added))."
            : "Your files take up \(rounded(used)) of the \(rounded(limit)) that you may store.",
        advice: "Delete jobs or unfinished uploads that you no longer need; a job's files go with it.")
}

/// The error for an owner who has as many API keys as allowed.
package func tooManyKeys(_ count: Int) -> MasqueError {
    MasqueError(
        .conflict, "You have \(count) API keys that are in force, which is as many as you may.",
        advice: "Revoke one that is no longer used.")
}
