// Looking at jobs: one, many, how many.

internal import Errors
internal import GRDB
package import JobQueue

extension SQLiteStore {
    package func job(_ id: JobID, owner: OwnerID?) async throws -> Job? {
        try await read { try $0.find(id, owner: owner)?.job }
    }

    /// The cursor is the number of the last job shown: new jobs have higher ones, so that pages neither repeat nor skip.
    package func jobs(_ query: JobQuery) async throws -> JobPage {
        let limit = min(max(query.limit, 1), 200)
        var conditions: [String] = []
        var arguments = StatementArguments()
        func require(_ condition: String, _ value: any DatabaseValueConvertible) {
            conditions.append(condition)
            arguments += [value]
        }
        if let owner = query.owner { require("owner = ?", owner.rawValue) }
        if let lane = query.lane { require("lane = ?", lane.rawValue) }
        if let mode = query.mode { require("mode = ?", mode) }
        if !query.states.isEmpty {
            let states = query.states.map { "'\($0.rawValue)'" }.sorted()
            conditions.append("state IN (\(states.joined(separator: ", ")))")
        }
        if let cursor = query.cursor {
            guard let number = Int64(cursor), number > 0 else {
                throw MasqueError(
                    .badInput, "The cursor \(cursor.prefix(40)) is not one that a list of jobs gave.",
                    advice: "Leave it out to begin with the newest jobs.")
            }
            require("number < ?", number)
        }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let sql = "SELECT \(StoredJob.columns) FROM job \(filter) ORDER BY number DESC LIMIT \(limit + 1)"
        return try await read { [arguments] db in
            let found = try db.all(sql, arguments).map(StoredJob.init)
            let shown = found.prefix(limit)
            return JobPage(
                jobs: shown.map(\.job),
                nextCursor: found.count > limit ? shown.last.map { String($0.number) } : nil)
        }
    }

    package func activeCount(of owner: OwnerID) async throws -> Int {
        try await read { db in try db.activeCount(of: owner) }
    }
}
