// One flush to the disk for all calls that wait at the same time.

internal import GRDB
internal import Synchronization

/// Lets calls that arrive while another commit is being flushed share the next one.
///
/// Each call is a savepoint of its own: it happens whole or not at all, whatever its neighbours do, and it returns only
/// when the shared commit is on the disk. Calls run in the order of arrival.
final class GroupCommit: Sendable {
    private struct Call: Sendable {
        /// Does the work; what comes back tells the caller, once the commit is through.
        let body: @Sendable (Database) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private let pool: DatabasePool
    private let waiting = Mutex<[Call]>([])

    init(pool: DatabasePool) { self.pool = pool }

    /// `body` may run a second time when the commit it shared failed; the first run is undone then.
    func perform<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let call = Call(
                body: { db in
                    let value = try body(db)
                    return { continuation.resume(returning: value) }
                },
                fail: { continuation.resume(throwing: $0) })
            let isFirst = waiting.withLock { calls in
                calls.append(call)
                return calls.count == 1
            }
            if isFirst { pool.asyncWriteWithoutTransaction { self.drain($0) } }
        }
    }

    private func drain(_ db: Database) {
        let calls = waiting.withLock { calls in
            defer { calls.removeAll() }
            return calls
        }
        guard calls.count > 1 else {
            for call in calls { alone(call, db) }
            return
        }
        do {
            var answers: [@Sendable () -> Void] = []
            try db.inTransaction(.immediate) {
                for call in calls { answers.append(try savepoint(call, db)) }
                return .commit
            }
            for answer in answers { answer() }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // Each has waited its time; one after the other they would wait for minutes.
            for call in calls { call.fail(error) }
        } catch {
            for call in calls { alone(call, db) }
        }
    }

    /// The answer to a call, be it an error of its own. Throws when the whole transaction is lost.
    private func savepoint(_ call: Call, _ db: Database) throws -> @Sendable () -> Void {
        var answer: @Sendable () -> Void = {}
        do {
            try db.inSavepoint {
                answer = try call.body(db)
                return .commit
            }
        } catch {
            guard db.isInsideTransaction else { throw error }
            answer = { call.fail(error) }
        }
        return answer
    }

    private func alone(_ call: Call, _ db: Database) {
        do {
            var answer: @Sendable () -> Void = {}
            try db.inTransaction(.immediate) {
                answer = try call.body(db)
                return .commit
            }
            answer()
        } catch {
            call.fail(error)
        }
    }
}
