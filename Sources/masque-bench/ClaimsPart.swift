// How many jobs a second workers take from a long queue in the SQLite store.
internal import Errors
internal import Foundation
internal import JobQueue
internal import JobQueueSQLite
internal import Synchronization

/// Claims a second over 100,000 queued jobs of 100 owners, by 1, 4 and 16 workers of one process; each claim is on the
/// disk when it returns.
struct ClaimsPart: BenchPart {
    let name = "claims"
    let title = "Claims from a queue of 100,000 jobs"
    private static let waiting = 100_000
    private static let owners = 100

    func run(quick: Bool) throws -> String {
        let (creations, table) = try withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("masque.db").path
            return try waitFor { try await ClaimsPart.measure(path, seconds: quick ? 1 : 4) }
        }
        return """
            \(Self.waiting) jobs of \(Self.owners) owners wait; they were put in at \(text(creations, 0)) a second by 64 \
            callers. Every creation and claim is one transaction with `synchronous=FULL`; callers that wait at the same \
            time share its flush.

            \(table.markdown)
            """
    }

    /// Fills a new store and lets workers claim; creations a second, and the table.
    private static func measure(_ path: String, seconds: Double) async throws -> (creations: Double, table: Table) {
        let store = try await SQLiteStore(path: path)
        let creations = try await fill(store)
        var table = Table(["at once", "claims/s", "median ms", "p99 ms"])
        for workers in [1, 4, 16] {
            let (times, wall) = try await claim(store, workers: workers, for: seconds)
            let sorted = times.sorted()
            table.add([
                "\(workers) worker\(workers == 1 ? "" : "s")", text(Double(sorted.count) / wall, 0),
                text(sorted[sorted.count / 2] * 1000, 2), text(sorted[sorted.count * 99 / 100] * 1000, 2),
            ])
        }
        try await store.close()
        return (creations, table)
    }

    /// Puts the jobs in the queue; returns jobs a second.
    private static func fill(_ store: SQLiteStore) async throws -> Double {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<64 {
                group.addTask {
                    for number in stride(from: lane, to: waiting, by: 64) {
                        _ = try await store.create(newJob(number), now: Date())
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(waiting) / ((ContinuousClock.now - start) / .seconds(1))
    }

    private static func newJob(_ number: Int) -> NewJob {
        var job = NewJob(
            id: JobID(rawValue: "bench-\(number)"), owner: OwnerID(rawValue: "owner-\(number % owners)"),
            description: JobDescription(
                mode: "photo_photo", processors: ["face_swapper"], swapper: "mesh", enhancer: nil, lane: .image))
        job.inputs = [InputRole.source, .target].map { role in
            JobInput(
                role: role, blob: BlobKey(rawValue: "blob-\(number)-\(role.rawValue)"), mediaType: "image/jpeg",
                byteCount: 10_000, sha256: String(repeating: "0", count: 64), fileName: nil)
        }
        job.isSubmitted = true
        return job
    }

    /// Lets workers claim for some seconds; each claim's time in seconds, and the wall time of all.
    private static func claim(_ store: SQLiteStore, workers: Int, for seconds: Double) async throws -> (
        times: [Double], wall: Double
    ) {
        let start = ContinuousClock.now
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for worker in 0..<workers {
                group.addTask {
                    var times: [Double] = []
                    while ContinuousClock.now - start < .seconds(seconds) {
                        let begun = ContinuousClock.now
                        let now = Date()
                        let claimed = try await store.claim(
                            lane: .image, worker: "bench-\(worker)", leaseUntil: now.addingTimeInterval(3600),
                            ownerLimit: waiting, now: now)
                        guard claimed != nil else {
                            throw MasqueError(.failed, "The queue of \(waiting) jobs ran dry.")
                        }
                        times.append((ContinuousClock.now - begun) / .seconds(1))
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        return (times, (ContinuousClock.now - start) / .seconds(1))
    }
}

/// Runs asynchronous work from a thread of its own, which waits for it.
func waitFor<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
    let outcome = Mutex<Result<Value, any Error>>(.failure(CancellationError()))
    let done = DispatchSemaphore(value: 0)
    Task {
        do {
            let value = try await work()
            outcome.withLock { $0 = .success(value) }
        } catch {
            outcome.withLock { $0 = .failure(error) }
        }
        done.signal()
    }
    done.wait()
    return try outcome.withLock { $0 }.get()
}
