// What has happened, what waits, what is over: events, queue figures, clean-up.

internal import GRDB
package import JobQueue

package import struct Foundation.Date

extension SQLiteStore {
    package func events(of job: JobID?, after number: Int64, limit: Int) async throws -> [JobEvent] {
        let columns =
            "event.number, job.id, kind, at, event.state, event.stage, event.progress, event.attempts, message"
        return try await read { db in
            let rows =
                if let job {
                    try db.all(
                        """
                        SELECT \(columns) FROM event JOIN job ON job.number = event.job
                            WHERE event.job = (SELECT number FROM job WHERE id = ?) AND event.number > ?
                            ORDER BY event.number LIMIT ?
                        """, [job.rawValue, number, max(0, limit)])
                } else {
                    try db.all(
                        """
                        SELECT \(columns) FROM event JOIN job ON job.number = event.job WHERE event.number > ?
                            ORDER BY event.number LIMIT ?
                        """, [number, max(0, limit)])
                }
            return try rows.map(jobEvent)
        }
    }

    /// The counter that SQLite keeps itself: it does not fall when events go with their job.
    package func newestEvent() async throws -> Int64 {
        try await read { db in
            var row = try db.first("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
            return try row?.next() ?? 0
        }
    }

    /// Counts as claims are made, as if no running job ended meanwhile: an owner is served when it has fewer jobs taken
    /// than the others, so a single job passes the hundreds of another owner.
    package func queuePosition(of id: JobID) async throws -> Int? {
        try await read { db in
            guard let stored = try db.find(id, owner: nil), stored.job.state == .queued, let place = stored.place else {
                return nil
            }
            let owner = stored.job.owner.rawValue
            let lane = stored.job.description.lane.rawValue
            var own = try db.first(
                "SELECT count(*) FROM job WHERE ready = 1 AND lane = ? AND owner = ? AND place < ?",
                [lane, owner, stored.isReady ? place : Int64.max])
            let before: Int = try own?.next() ?? 0
            // Of another owner those go first that it takes until it has as many as this one will have, and one more if
            // it is before in a tie.
            var others = try db.first(
                """
                SELECT ifnull(sum(max(0, min(other.ready, mine.running + ?1 - other.running + CASE
                        WHEN other.running > mine.running THEN 1
                        WHEN other.running < mine.running THEN 0
                        ELSE (other.served, other.head) < (mine.served, ifnull(mine.head, ?4)) END))), 0)
                    FROM turn AS other INDEXED BY turn_order, turn AS mine
                    WHERE other.lane = ?2 AND other.ready > 0 AND other.owner <> ?3
                        AND mine.owner = ?3 AND mine.lane = ?2
                """, [before, lane, owner, place])
            return before + (try others?.next() ?? 0)
        }
    }

    package func laneFigures(now: Date) async throws -> [Lane: LaneFigures] {
        try await read { db in
            var result: [Lane: LaneFigures] = [:]
            for var row in try db.all("SELECT lane, queued, running, work FROM lane_total") {
                let lane: Lane = try row.word()
                var figures = LaneFigures()
                figures.queued = try row.next()
                figures.running = try row.next()
                figures.queuedWork = Double(try row.next(Int64.self)) / 1000
                var oldest = try db.first(
                    "SELECT queued_at FROM job WHERE state = 'queued' AND lane = ? ORDER BY place LIMIT 1",
                    [lane.rawValue])
                if let since = try oldest?.optionalDate() {
                    figures.oldestQueuedAge = max(0, now.timeIntervalSince(since))
                }
                result[lane] = figures
            }
            return result
        }
    }

    package func pastWork(lane: Lane, limit: Int) async throws -> [PastWork] {
        let rows = try await read { db in
            try db.all(
                """
                SELECT \(StoredJob.columns) FROM job WHERE state = 'completed' AND lane = ?
                    ORDER BY finished_at DESC LIMIT ?
                """, [lane.rawValue, max(0, limit)]
            ).map { try StoredJob($0).job }
        }
        return rows.compactMap { job in
            guard let output = job.output, let started = job.startedAt, let finished = job.finishedAt,
                finished >= started
            else { return nil }
            return PastWork(
                description: job.description, targetByteCount: job.input(.target)?.byteCount ?? 0,
                duration: output.duration, width: output.width, height: output.height,
                framesPerSecond: job.input(.target)?.framesPerSecond,
                seconds: finished.timeIntervalSince(started))
        }
    }

    /// A draft that was canceled counts as a draft: it never got a time at which it expires.
    package func expired(now: Date, draftsBefore: Date, limit: Int) async throws -> [JobID] {
        try await read { db in
            try db.all(
                """
                SELECT id FROM (
                    SELECT id FROM job WHERE finished_at IS NOT NULL AND expires_at IS NOT NULL AND expires_at <= ?1
                    UNION
                    SELECT id FROM job WHERE queued_at IS NULL AND touched_at < ?2
                        AND (state = 'draft' OR expires_at IS NULL)
                ) LIMIT ?3
                """, [now.microseconds, draftsBefore.microseconds, max(0, limit)]
            ).map { row in
                var row = row
                return JobID(rawValue: try row.next())
            }
        }
    }

    package func referenced(among keys: [BlobKey]) async throws -> Set<BlobKey> {
        try await read { db in Set(try keys.filter(db.isUsed)) }
    }
}
