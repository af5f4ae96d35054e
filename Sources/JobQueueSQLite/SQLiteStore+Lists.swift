// Looking at jobs: one, many, how many.

internal import Errors
internal import GRDB
package import JobQueue

package import struct Foundation.Date

extension SQLiteStore {
    package func job(_ id: JobID, owner: OwnerID?) async throws -> Job? {
        try await read { try $0.find(id, owner: owner)?.job }
    }

    /// The cursor is the number of the last job shown: new jobs have higher ones, so that pages neither repeat nor skip.
    package func jobs(_ query: JobQuery) async throws -> JobPage {
        let limit = min(max(query.limit, 1), 200)
        let (sql, values) = try SQLiteStore.listing(query, limit: limit + 1)
        return try await read { db in
            let found = try db.all(sql, StatementArguments(values)).map(StoredJob.init)
            let shown = found.prefix(limit)
            return JobPage(
                jobs: shown.map(\.job),
                nextCursor: found.count > limit ? shown.last.map { String($0.number) } : nil)
        }
    }

    /// The states are counted in an index; for the new ones all jobs that are kept are looked at.
    package func jobCounts(since: Date) async throws -> (states: [JobState: Int], new: Int) {
        try await read { db in
            var states: [JobState: Int] = [:]
            for var row in try db.all("SELECT state || '' AS word, count(*) FROM job GROUP BY word") {
                let state: JobState = try row.word()
                states[state] = try row.next()
            }
            var new = try db.first("SELECT count(*) FROM job WHERE created_at >= ?", [since.microseconds])
            return (states, try new?.next() ?? 0)
        }
    }

    /// The statement of a list, and its arguments in their order.
    ///
    /// An owner's jobs are walked from the newest. Of everybody's the states are looked up one by one, each in its stretch
    /// of an index, so that a rare one is found without walking through all jobs.
    package static func listing(_ query: JobQuery, limit: Int) throws -> (sql: String, values: [String]) {
        var conditions: [String] = []
        var values: [String] = []
        func require(_ condition: String, _ value: String) {
            values.append(value)
            conditions.append("\(condition) ?\(values.count)")
        }
        if let owner = query.owner { require("owner =", owner.rawValue) }
        if let lane = query.lane { require("lane =", lane.rawValue) }
        if let mode = query.mode { require("mode =", mode) }
        if let cursor = query.cursor {
            guard let number = Int64(cursor), number > 0 else {
                throw MasqueError(
                    .badInput, "The cursor \(cursor.prefix(40)) is not one that a list of jobs gave.",
                    advice: "Leave it out to begin with the newest jobs.")
            }
            // Compared with an integer column, the text counts as the number that it is.
            require("number <", String(number))
        }
        func filter(_ conditions: [String]) -> String {
            conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        }
        let states = query.states.map(\.rawValue).sorted()
        let order = "ORDER BY number DESC LIMIT \(limit)"
        guard query.owner == nil, !states.isEmpty else {
            let names = states.map { "'\($0)'" }.joined(separator: ", ")
            let all = filter(states.isEmpty ? conditions : conditions + ["state IN (\(names))"])
            return ("SELECT \(StoredJob.columns) FROM job \(all) \(order)", values)
        }
        let stretches = states.map { state in
            "SELECT * FROM (SELECT number FROM job \(filter(["state || '' = '\(state)'"] + conditions)) \(order))"
        }
        let sql = """
            SELECT \(StoredJob.columns) FROM job WHERE number IN (\(stretches.joined(separator: " UNION ALL "))) \(order)
            """
        return (sql, values)
    }
}
