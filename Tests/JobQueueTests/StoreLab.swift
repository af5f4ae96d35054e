// What the checks of a store need: the store, a second one on the same data, and jobs to put in.

import Errors
import Foundation
import JobQueue
import Testing

/// All that a store of Masque is.
typealias FullStore = any JobStore & WebhookStore & KeyStore & DocumentStore

/// One store under test and ways to fill it. Times are whole seconds from ``start``, never the machine's.
struct StoreLab: Sendable {
    let store: FullStore
    /// Opens the same data once more, as another process would.
    let another: @Sendable () async throws -> FullStore

    static let start = Date(timeIntervalSince1970: 1_800_000_000)
    let ann = OwnerID(rawValue: "ann")
    let bob = OwnerID(rawValue: "bob")

    func at(_ seconds: Double) -> Date { Self.start + seconds }

    func description(_ lane: Lane = .image) -> JobDescription {
        JobDescription(
            mode: lane == .image ? "photo_photo" : "photo_video", processors: ["face_swapper"], swapper: "mesh",
            enhancer: nil, lane: lane)
    }

    func input(_ role: InputRole, blob: String = UUID().uuidString) -> JobInput {
        JobInput(
            role: role, blob: BlobKey(rawValue: blob), mediaType: "image/jpeg", byteCount: 1000, sha256: "ab",
            fileName: "\(role.rawValue).jpg")
    }

    func output(blob: String = UUID().uuidString) -> JobOutput {
        JobOutput(
            blob: BlobKey(rawValue: blob), mediaType: "image/jpeg", byteCount: 5, sha256: "cd", width: 640, height: 480,
            duration: nil, faceCount: 1, notes: ["A note."], stageSeconds: ["swapping": 1.5])
    }

    func failure(retryable: Bool = true) -> JobFailure {
        JobFailure(
            code: retryable ? "failed" : "noFace", message: "It did not work.", advice: "Try.", isRetryable: retryable)
    }

    /// A job with both inputs.
    func new(_ owner: OwnerID, lane: Lane = .image) -> NewJob {
        var new = NewJob(id: JobID(rawValue: UUID().uuidString), owner: owner, description: description(lane))
        new.inputs = [input(.source), input(.target)]
        return new
    }

    func draft(_ owner: OwnerID, lane: Lane = .image, at time: Double = 0) async throws -> Job {
        try await store.create(new(owner, lane: lane), now: at(time)).job
    }

    @discardableResult
    func queued(_ owner: OwnerID, lane: Lane = .image, at time: Double = 0, attempts: Int = 3) async throws -> Job {
        var new = new(owner, lane: lane)
        new.isSubmitted = true
        new.maxAttempts = attempts
        return try await store.create(new, now: at(time)).job
    }

    func claim(
        _ lane: Lane = .image, worker: String = "w", at time: Double = 0, for seconds: Double = 30,
        ownerLimit: Int = 1000
    ) async throws -> (job: Job, lease: Lease)? {
        try await store.claim(
            lane: lane, worker: worker, leaseUntil: at(time + seconds), ownerLimit: ownerLimit, now: at(time))
    }

    /// A job that runs, and its lease.
    func running(_ owner: OwnerID, at time: Double = 0, attempts: Int = 3) async throws -> (job: Job, lease: Lease) {
        try await queued(owner, at: time, attempts: attempts)
        return try #require(try await claim(at: time))
    }

    func kinds(_ job: JobID) async throws -> [JobEvent.Kind] {
        try await store.events(of: job, after: 0, limit: 1000).map(\.kind)
    }

    func state(_ job: JobID) async throws -> JobState? { try await store.job(job, owner: nil)?.state }
}

/// The code of the error that a call throws; nil when it throws none.
func refusal<Value>(_ body: () async throws -> Value) async -> MasqueError.Code? {
    do {
        _ = try await body()
        return nil
    } catch let error as MasqueError {
        // Whole sentences, whatever the case.
        #expect(error.message.hasSuffix("."))
        return error.code
    } catch {
        Issue.record("not one of our errors: \(error)")
        return nil
    }
}

/// One thing that every store must do.
struct StoreCheck: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let body: @Sendable (StoreLab) async throws -> Void

    init(_ sentence: String, _ body: @escaping @Sendable (StoreLab) async throws -> Void) {
        testDescription = sentence
        self.body = body
    }
}

/// The checks that every store passes, whatever it is built on: run each with a fresh, empty store.
enum JobStoreConformance {
    static let checks =
        lifeChecks + endChecks + leaseChecks + attemptChecks + turnChecks + historyChecks + webhookChecks + keyChecks
        + documentChecks
        + ownerLimitChecks
}
