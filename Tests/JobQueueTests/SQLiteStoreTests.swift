// The embedded store passes every check of a store, and survives what can happen to a file.

import Errors
import Foundation
import GRDB
import JobQueue
import JobQueueSQLite
import Testing

/// Runs the body with a store in a folder of its own, which is removed afterwards.
func withSQLiteLab(
    _ options: SQLiteStore.Options = SQLiteStore.Options(), _ body: (StoreLab, String) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "masque-store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "masque.db").path
    let store = try await SQLiteStore(path: path, options: options)
    let lab = StoreLab(store: store) { try await SQLiteStore(path: path, options: options) }
    try await body(lab, path)
    try await store.close()
}

/// A connection that may keep a transaction open, as a strange program would.
private func lockingQueue(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    return try DatabaseQueue(path: path, configuration: configuration)
}

@Suite struct SQLiteStoreTests {
    @Test(arguments: JobStoreConformance.checks)
    func `a SQLite store does what every store must do`(_ check: StoreCheck) async throws {
        try await withSQLiteLab { lab, _ in try await check.body(lab) }
    }

    @Test func `the file is for its owner alone`() async throws {
        try await withSQLiteLab { lab, path in
            _ = try await lab.draft(lab.ann)
            for name in [path, path + "-wal", path + "-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: name)
                #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
            }
        }
    }

    @Test func `what was acknowledged is there for whoever opens the file, though nobody closed it`() async throws {
        try await withSQLiteLab { lab, path in
            let job = try await lab.queued(lab.ann)
            // A copy of the files as a dead process leaves them: the log not yet moved into the database.
            let copy = path + ".copy"
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
            }
            let other = try await SQLiteStore(path: copy)
            #expect(try await other.job(job.id, owner: lab.ann) == job)
            #expect(try await other.newestEvent() == lab.store.newestEvent())
            let claim = try await other.claim(
                lane: .image, worker: "w", leaseUntil: lab.at(9), ownerLimit: 1, now: lab.at(0))
            #expect(claim?.job.id == job.id)
            try await other.close()
        }
    }

    @Test func `a short lock is waited for`() async throws {
        try await withSQLiteLab { lab, path in
            let other = try lockingQueue(path)
            try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
            async let job = lab.draft(lab.ann)
            try await Task.sleep(for: .milliseconds(50))
            try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            #expect(try await job.state == .draft)
            try other.close()
        }
    }

    @Test func `a full disk refuses what does not fit, whole, and goes on when there is space`() async throws {
        var options = SQLiteStore.Options()
        options.maxBytes = 400_000
        try await withSQLiteLab(options) { lab, path in
            var made: [JobID] = []
            var refusal: MasqueError?
            while refusal == nil, made.count < 5000 {
                do { made.append(try await lab.draft(lab.ann).id) } catch { refusal = error as? MasqueError }
            }
            #expect(refusal?.code == .outOfSpace && refusal?.message.contains("full") == true)
            #expect(made.count > 10)
            let newest = try await lab.store.newestEvent()
            // Together with others, a call that does not fit takes none of them with it.
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask { _ = try? await lab.draft(lab.ann) }
                    group.addTask { #expect((try? await lab.store.recover(workersOf: nil, now: lab.at(0))) == []) }
                }
            }
            let events = try await lab.store.events(of: nil, after: newest, limit: 10_000)
            let found = Set(events.map(\.job))
            for job in found { #expect(try await lab.kinds(job) == [.created, .uploaded, .uploaded]) }
            var query = JobQuery(owner: nil)
            query.limit = 200
            #expect(try await lab.store.jobs(query).jobs.allSatisfy { $0.inputs.count == 2 })
            for id in made.prefix(20) { _ = try await lab.store.delete(id, owner: nil) }
            _ = try await lab.draft(lab.ann)
            let check = try await DatabaseQueue(path: path).read {
                try String.fetchOne($0, sql: "PRAGMA integrity_check")
            }
            #expect(check == "ok")
        }
    }

    @Test func `a file that is no database, is newer or cannot be opened is refused with a sentence`() async throws {
        try await withSQLiteLab { _, path in
            let folder = (path as NSString).deletingLastPathComponent
            let text = folder + "/text.db"
            try Data(repeating: 65, count: 9000).write(to: URL(filePath: text))
            #expect(await refusal { try await SQLiteStore(path: text) } == .failed)
            #expect(try Data(contentsOf: URL(filePath: text)) == Data(repeating: 65, count: 9000))
            #expect(await refusal { try await SQLiteStore(path: folder) } == .badInput)
            #expect(await refusal { try await SQLiteStore(path: folder + "/none/masque.db") } == .badInput)
            #expect(await refusal { try await SQLiteStore(path: "") } == .badInput)
            let newer = folder + "/newer.db"
            try await SQLiteStore(path: newer).close()
            try await DatabaseQueue(path: newer).write {
                try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 of the future')")
            }
            do {
                _ = try await SQLiteStore(path: newer)
                Issue.record("a newer file was opened")
            } catch {
                #expect("\(error)".contains("newer version of Masque"))
            }
        }
    }

    @Test func `no list walks through all jobs, and no other statement goes by their states alone`() async throws {
        try await withSQLiteLab { lab, path in
            let database = try DatabaseQueue(path: path)
            func plan(_ sql: String, _ values: [String] = []) throws -> [String] {
                try database.read { db in
                    try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: StatementArguments(values))
                        .map { $0["detail"] }
                }
            }
            for states in [[JobState.failed], [.failed, .canceled], JobState.allCases] {
                for cursor in [nil, "1000"] {
                    var query = JobQuery(owner: nil)
                    query.states = Set(states)
                    query.cursor = cursor
                    query.lane = cursor == nil ? nil : .video
                    let (sql, values) = try SQLiteStore.listing(query, limit: 51)
                    let steps = try plan(sql, values)
                    let looked = steps.filter { $0.contains("INDEX job_state") }
                    #expect(looked.count == states.count, "\(steps)")
                    #expect(looked.allSatisfy { $0.hasPrefix("SEARCH") && $0.contains("<expr>=?") }, "\(steps)")
                    #expect(!steps.contains { $0.hasPrefix("SCAN job") || $0.contains("TEMP B-TREE") }, "\(steps)")
                    query.owner = lab.ann
                    let own = try SQLiteStore.listing(query, limit: 51)
                    #expect(try plan(own.sql, own.values).allSatisfy { $0.contains("INDEX job_owner (owner=?") })
                }
            }
            let claims = try plan(
                "SELECT 1 FROM job WHERE state = 'queued' AND ready = 0 AND available_at <= 5 LIMIT 1")
            #expect(claims.allSatisfy { $0.contains("job_waiting") }, "\(claims)")
        }
    }

    @Test func `what owners hold is counted by indexes and sums`() async throws {
        try await withSQLiteLab { lab, path in
            let steps = try await DatabaseQueue(path: path).read { db in
                try [
                    "SELECT count(*) FROM job WHERE owner = 'a' AND queued_at IS NULL",
                    "SELECT bytes FROM holding WHERE owner = 'a'",
                    "SELECT count(*) FROM api_key WHERE owner = 'a' AND revoked_at IS NULL AND expires_at > 5",
                    "SELECT count(*) FROM api_key WHERE owner = 'a' AND revoked_at IS NULL AND expires_at IS NULL",
                ].flatMap { sql in
                    try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)").map { row -> String in row["detail"] }
                }
            }
            #expect(steps.count == 4 && steps.allSatisfy { $0.hasPrefix("SEARCH") }, "\(steps)")
            #expect(steps[0].contains("job_unqueued_owner") && steps[2].contains("api_key_in_force"), "\(steps)")
        }
    }

    @Test func `a file of the version before is counted when it is opened`() async throws {
        try await withSQLiteLab { lab, path in
            let (old, lease) = try await lab.running(lab.ann)
            let progress = JobProgress(stage: "swapping", percent: 1, preview: BlobKey(rawValue: "preview"))
            _ = try await lab.store.progress(lease, progress, leaseUntil: lab.at(60), now: lab.at(1))
            _ = try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(2))
            var again = lab.new(lab.ann)
            again.inputs = old.inputs
            _ = try await lab.store.create(again, now: lab.at(3))
            _ = try await lab.draft(lab.bob)
            let before = try await lab.store.usage(of: lab.ann)
            #expect(before.bytes == 2005)
            let copy = path + ".old"
            try await DatabaseQueue(path: path).writeWithoutTransaction {
                try $0.execute(sql: "VACUUM INTO '\(copy)'")
            }
            try await DatabaseQueue(path: copy).write { db in
                try db.execute(
                    sql: """
                        DROP TRIGGER blob_used; DROP TRIGGER blob_dropped; DROP TABLE holding;
                        ALTER TABLE blob_use DROP COLUMN owner; ALTER TABLE blob_use DROP COLUMN bytes;
                        DROP INDEX job_unqueued_owner; DROP INDEX api_key_in_force; DROP INDEX job_state; DROP TABLE document;
                        DELETE FROM grdb_migrations WHERE identifier NOT LIKE '1 %';
                        """)
            }
            let store = try await SQLiteStore(path: copy)
            #expect(try await store.usage(of: lab.ann) == before)
            #expect(try await store.usage(of: lab.bob) == lab.store.usage(of: lab.bob))
            _ = try await store.delete(again.id, owner: nil)
            #expect(try await store.usage(of: lab.ann).bytes == 2005)
            _ = try await store.delete(old.id, owner: nil)
            #expect(try await store.usage(of: lab.ann) == OwnerUsage())
            try await store.close()
        }
    }

    @Test func `a damaged row is an error and not a crash`() async throws {
        try await withSQLiteLab { lab, path in
            let job = try await lab.draft(lab.ann)
            let other = try await lab.draft(lab.ann)
            for change in ["state = 'sideways'", "description = '{'", "inputs = 'null'"] {
                try await DatabaseQueue(path: path).write {
                    try $0.execute(sql: "UPDATE job SET \(change) WHERE number = 1")
                }
                #expect(await refusal { try await lab.store.job(job.id, owner: nil) } == .failed)
            }
            #expect(try await lab.store.job(other.id, owner: nil) == other)
        }
    }

    @Test func `a closed store throws and does not crash`() async throws {
        try await withSQLiteLab { lab, path in
            let store = try await SQLiteStore(path: path)
            try await store.close()
            #expect(await refusal { try await store.newestEvent() } == .unavailable)
            #expect(await refusal { try await store.create(lab.new(lab.ann), now: lab.at(0)) } == .unavailable)
            try await store.close()
        }
    }

    @Test func `a cancelled task still finishes the call that it began`() async throws {
        try await withSQLiteLab { lab, _ in
            let new = lab.new(lab.ann)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await lab.store.create(new, now: lab.at(0)).job
            }
            let made = try await task.value
            let state = try await lab.state(new.id)
            #expect(made.id == new.id && state == .draft)
        }
    }
}

/// Runs alone: it looks at the clock.
struct SQLiteStoreSerial {
    @Test func `a file that another process keeps locked is a sentence and can be tried again`() async throws {
        var options = SQLiteStore.Options()
        options.busyTimeout = .milliseconds(100)
        try await withSQLiteLab(options) { lab, path in
            let job = try await lab.queued(lab.ann)
            let other = try lockingQueue(path)
            try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
            let begin = ContinuousClock.now
            // Many at once: they wait together, not one after the other.
            let errors = await withTaskGroup(of: MasqueError?.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        do {
                            _ = try await lab.draft(lab.ann)
                            return nil
                        } catch {
                            return error as? MasqueError
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(ContinuousClock.now - begin < .seconds(3))
            for error in errors {
                let error = try #require(error)
                #expect(error.code == .unavailable && error.code.isRetryable)
                #expect(error.message.contains("is locked by another process") && error.advice != nil)
            }
            #expect(try await lab.store.job(job.id, owner: nil) == job, "reading goes on")
            try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            _ = try await lab.draft(lab.ann)
            try other.close()
        }
    }
}
