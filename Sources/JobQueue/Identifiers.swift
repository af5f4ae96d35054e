// The names by which jobs, their owners, leases and blobs are known.

/// A name that is another as soon as one byte differs. Swift's texts count as equal when they look equal (canonical
/// equivalence: `K` and the Kelvin sign), the database's do not.
package protocol ByteName: Hashable, Sendable, RawRepresentable where RawValue == String {}

extension ByteName {
    package static func == (one: Self, other: Self) -> Bool { one.rawValue.utf8.elementsEqual(other.rawValue.utf8) }
    // The standard library's for RawRepresentable compares the texts.
    package static func != (one: Self, other: Self) -> Bool { !(one == other) }
    package func hash(into hasher: inout Hasher) {
        for byte in rawValue.utf8 { hasher.combine(byte) }
        hasher.combine(rawValue.utf8.count)
    }
}

/// A job's name: unguessable, URL-safe, at most 64 characters.
package struct JobID: ByteName, Codable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// Whose a job is: the `sub` or `user_id` of the token, at most 200 characters.
package struct OwnerID: ByteName, Codable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// Where the bytes of an input, output or preview lie in the blob store.
package struct BlobKey: ByteName, Codable, CustomStringConvertible {
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
