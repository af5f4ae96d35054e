// A store that can be told to fail, before a call or after it went through.

import Errors
import Foundation
import JobQueue
import JobQueueSQLite
import Synchronization

final class FlakyStore: JobStore {
    enum Trouble: Sendable { case none, before, after }
    let real: SQLiteStore
    /// Which writing calls of workers fail, and how.
    let trouble = Mutex(Trouble.none)
    private let failures = Mutex(0)
    /// Called after each heartbeat that went through.
    let afterHeartbeat = Mutex<(@Sendable () -> Void)?>(nil)
    /// How many calls failed.
    var failed: Int { failures.withLock { $0 } }

    init(_ real: SQLiteStore) { self.real = real }

    private func write<T>(_ call: () async throws -> T) async throws -> T {
        let trouble = trouble.withLock { $0 }
        if trouble == .after { _ = try await call() }
        if trouble != .none {
            failures.withLock { $0 += 1 }
            throw MasqueError(.failed, "The job database is locked by another program.")
        }
        return try await call()
    }

    func claim(lane: Lane, worker: String, leaseUntil: Date, ownerLimit: Int, now: Date) async throws -> (
        job: Job, lease: Lease
    )? {
        try await real.claim(lane: lane, worker: worker, leaseUntil: leaseUntil, ownerLimit: ownerLimit, now: now)
    }
    func heartbeat(_ lease: Lease, until: Date, now: Date) async throws -> LeaseStatus {
        let status = try await write { try await real.heartbeat(lease, until: until, now: now) }
        afterHeartbeat.withLock { $0 }?()
        return status
    }
    func progress(_ lease: Lease, _ progress: JobProgress, leaseUntil: Date, now: Date) async throws -> LeaseStatus {
        try await write { try await real.progress(lease, progress, leaseUntil: leaseUntil, now: now) }
    }
    func complete(_ lease: Lease, output: JobOutput, expiresAt: Date?, now: Date) async throws -> Bool {
        try await write { try await real.complete(lease, output: output, expiresAt: expiresAt, now: now) }
    }
    func fail(_ lease: Lease, failure: JobFailure, retryAt: Date?, expiresAt: Date?, now: Date) async throws -> Job? {
        try await write {
            try await real.fail(lease, failure: failure, retryAt: retryAt, expiresAt: expiresAt, now: now)
        }
    }
    func finishCanceled(_ lease: Lease, expiresAt: Date?, now: Date) async throws -> Bool {
        try await write { try await real.finishCanceled(lease, expiresAt: expiresAt, now: now) }
    }
    func giveBack(_ lease: Lease, now: Date) async throws {
        try await write { try await real.giveBack(lease, now: now) }
    }
    func recover(workersOf prefix: String?, now: Date) async throws -> [Job] {
        try await write { try await real.recover(workersOf: prefix, now: now) }
    }

    // The rest goes through.
    func create(_ job: NewJob, now: Date) async throws -> (job: Job, isNew: Bool) {
        try await real.create(job, now: now)
    }
    func setInput(
        _ input: JobInput, of id: JobID, owner: OwnerID, limits: OwnerLimits, now: Date
    ) async throws -> (job: Job, replaced: BlobKey?) {
        try await real.setInput(input, of: id, owner: owner, limits: limits, now: now)
    }
    func setDescription(_ description: JobDescription, of id: JobID, owner: OwnerID, now: Date) async throws -> Job {
        try await real.setDescription(description, of: id, owner: owner, now: now)
    }
    func submit(
        _ id: JobID, owner: OwnerID, workEstimate: Double?, expiresAt: Date?, activeLimit: Int?, now: Date
    ) async throws -> Job {
        try await real.submit(
            id, owner: owner, workEstimate: workEstimate, expiresAt: expiresAt, activeLimit: activeLimit, now: now)
    }
    func job(_ id: JobID, owner: OwnerID?) async throws -> Job? { try await real.job(id, owner: owner) }
    func jobs(_ query: JobQuery) async throws -> JobPage { try await real.jobs(query) }
    func cancel(_ id: JobID, owner: OwnerID?, now: Date) async throws -> Job {
        try await real.cancel(id, owner: owner, now: now)
    }
    func delete(_ id: JobID, owner: OwnerID?) async throws -> [BlobKey] { try await real.delete(id, owner: owner) }
    func usage(of owner: OwnerID) async throws -> OwnerUsage { try await real.usage(of: owner) }
    func events(of job: JobID?, after number: Int64, limit: Int) async throws -> [JobEvent] {
        try await real.events(of: job, after: number, limit: limit)
    }
    func newestEvent() async throws -> Int64 { try await real.newestEvent() }
    func queuePosition(of id: JobID) async throws -> Int? { try await real.queuePosition(of: id) }
    func jobCounts(since: Date) async throws -> (states: [JobState: Int], new: Int) {
        try await real.jobCounts(since: since)
    }
    func laneFigures(now: Date) async throws -> [Lane: LaneFigures] { try await real.laneFigures(now: now) }
    func pastWork(lane: Lane, limit: Int) async throws -> [PastWork] {
        try await real.pastWork(lane: lane, limit: limit)
    }
    func expired(now: Date, draftsBefore: Date, limit: Int) async throws -> [JobID] {
        try await real.expired(now: now, draftsBefore: draftsBefore, limit: limit)
    }
    func referenced(among keys: [BlobKey]) async throws -> Set<BlobKey> { try await real.referenced(among: keys) }
}
