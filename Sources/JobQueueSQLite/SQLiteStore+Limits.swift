// What an owner has, and what is refused for being more than he may have.

internal import Errors
internal import GRDB
package import JobQueue

extension SQLiteStore {
    package func usage(of owner: OwnerID) async throws -> OwnerUsage {
        try await read { db in
            var usage = OwnerUsage()
            usage.activeJobs = try db.activeCount(of: owner)
            usage.drafts = try db.draftCount(of: owner)
            usage.bytes = try db.heldBytes(of: owner)
            return usage
        }
    }
}

extension Database {
    /// How many jobs of an owner are queued or running.
    func activeCount(of owner: OwnerID) throws -> Int {
        var row = try first("SELECT ifnull(sum(queued + running), 0) FROM turn WHERE owner = ?", [owner.rawValue])
        return try row?.next() ?? 0
    }

    /// How many jobs of an owner were never queued.
    fileprivate func draftCount(of owner: OwnerID) throws -> Int {
        var row = try first("SELECT count(*) FROM job WHERE owner = ? AND queued_at IS NULL", [owner.rawValue])
        return try row?.next() ?? 0
    }

    /// The bytes of an owner's files, each once.
    func heldBytes(of owner: OwnerID) throws -> Int64 {
        var row = try first("SELECT bytes FROM holding WHERE owner = ?", [owner.rawValue])
        return try row?.next() ?? 0
    }

    /// - Throws: `.tooManyRequests` when one draft more is too many.
    func checkDrafts(of owner: OwnerID, limits: OwnerLimits) throws {
        guard let limit = limits.drafts else { return }
        let count = try draftCount(of: owner)
        guard count < limit else { throw tooManyDrafts(count) }
    }

    /// Called after a change, in its transaction.
    /// - Parameters:
    ///   - before: the owner's bytes before the change.
    ///   - mayStay: whether an owner who has more than he may is let through if the change adds nothing.
    /// - Throws: `.outOfSpace`.
    func checkBytes(of owner: OwnerID, before: Int64, limits: OwnerLimits, mayStay: Bool) throws {
        guard let limit = limits.bytes else { return }
        let after = try heldBytes(of: owner)
        guard after + limits.bytesElsewhere > limit, after > before || !mayStay else { return }
        throw storageFull(used: before + limits.bytesElsewhere, added: after - before, limit: limit)
    }
}
