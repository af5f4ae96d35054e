// The embedded store: one SQLite file that keeps jobs, history, webhooks and keys through any crash.

internal import Errors
internal import Foundation
internal import GRDB
internal import Glibc

/// Jobs, webhooks and API keys in one SQLite file (write-ahead log).
///
/// A call that has returned is on the disk (`synchronous=FULL`), so an acknowledged job survives `kill -9` and, where the
/// disk keeps its word, a power cut; what that costs is shared by all calls that wait at the same time (``GroupCommit``).
/// Several stores, also of several processes, may have the same file open. Nothing here blocks the cooperative pool, and
/// a cancelled task neither stops nor undoes a call that it has begun.
package final class SQLiteStore: Sendable {
    /// How the file is used.
    package struct Options: Sendable {
        /// How long a call waits for another process that writes.
        package var busyTimeout: Duration = .seconds(5)
        /// The largest size of the file; nil: as the disk allows. Beyond it calls throw `.outOfSpace`.
        package var maxBytes: Int64?
        package init() {}
    }

    private let path: String
    private let pool: DatabasePool
    private let commits: GroupCommit

    /// Opens the file, or makes it (readable by its owner alone, 0600), and brings its tables up to date.
    /// - Throws: ``MasqueError`` `.failed`, `.outOfSpace`, or `.badInput` when the path cannot be a database.
    package init(path: String, options: Options = Options()) async throws {
        self.path = path
        pool = try await onOwnThread { try openPool(path: path, options: options) }
        commits = GroupCommit(pool: pool)
    }

    /// Waits for the calls under way and closes the file; later calls throw.
    package func close() async throws {
        let pool = pool
        let path = path
        try await onOwnThread {
            do { try pool.close() } catch { throw sqliteFailure(error, path: path) }
        }
    }

    /// One transaction that is durable when it returns.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do { return try await commits.perform(body) } catch { throw sqliteFailure(error, path: path) }
    }

    /// One look at one state of the database.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            let pool = pool
            return try await withCheckedThrowingContinuation { continuation in
                pool.asyncRead { result in
                    continuation.resume(with: Result { try body(result.get()) })
                }
            }
        } catch {
            throw sqliteFailure(error, path: path)
        }
    }
}

/// Runs blocking work outside of the cooperative pool.
private func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result(catching: body)) }
    }
}

private func openPool(path: String, options: SQLiteStore.Options) throws -> DatabasePool {
    try makeFile(path)
    var configuration = Configuration()
    configuration.label = "jobs"
    configuration.maximumReaderCount = 4
    let seconds =
        Double(options.busyTimeout.components.seconds) + Double(options.busyTimeout.components.attoseconds) / 1e18
    configuration.busyMode = .timeout(seconds)
    configuration.prepareDatabase { db in
        try db.execute(sql: "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000")
    }
    do {
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { db in
            // NORMAL would lose the newest acknowledged calls in a power cut; with shared commits FULL is cheap enough.
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864")
            if let bytes = options.maxBytes {
                let pageSize = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
                try db.execute(sql: "PRAGMA max_page_count = \(max(1, bytes / pageSize))")
            }
        }
        let migrator = schemaMigrator()
        guard try !pool.read(migrator.hasBeenSuperseded) else {
            throw MasqueError(
                .failed, "The job database \(path) was made by a newer version of Masque.",
                advice: "Start that version, or give this one another folder.")
        }
        try migrator.migrate(pool)
        return pool
    } catch {
        throw sqliteFailure(error, path: path)
    }
}

/// Creates the file for its owner alone before SQLite does so for everybody; SQLite gives its `-wal` and `-shm` the same
/// rights.
private func makeFile(_ path: String) throws {
    guard !path.isEmpty, !path.utf8.contains(0) else {
        throw MasqueError(.badInput, "The job database needs the path of a file.")
    }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
        let reason = String(cString: strerror(errno))
        throw MasqueError(
            errno == ENOSPC ? .outOfSpace : .badInput, "The job database \(path) cannot be opened: \(reason).",
            advice: "Its folder must exist, and the file must belong to the user who starts Masque.")
    }
    _ = Glibc.close(descriptor)
}
