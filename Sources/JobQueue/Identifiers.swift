// The names by which jobs, their owners, leases and blobs are known.

/// A job's name: unguessable, URL-safe, at most 64 characters.
package struct JobID: Hashable, Sendable, Codable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// Whose a job is: the `sub` or `user_id` of the token, at most 200 characters.
package struct OwnerID: Hashable, Sendable, Codable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// Where the bytes of an input, output or preview lie in the blob store.
package struct BlobKey: Hashable, Sendable, Codable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// The right to work on one attempt of one job: of all leases of a job only the newest counts, so that a worker that was
/// thought dead and comes back can change nothing.
package struct Lease: Hashable, Sendable {
    package let job: JobID
    /// Made anew at every claim.
    package let token: String
    package init(job: JobID, token: String) {
        self.job = job
        self.token = token
    }
}
