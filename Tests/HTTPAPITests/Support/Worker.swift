// The worker's side of the store, as the media processes' supervisor uses it.

import BlobStore
import Foundation
import HTTPAPI
import JobQueue
import JobQueueSQLite
import Services
import Testing

/// The first bytes of a JPEG and of an MP4 make a file one for the server; the rest may be anything.
let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0] + Array("a picture".utf8)
let mp4: [UInt8] = [0, 0, 0, 24] + Array("ftypisom".utf8) + [0, 0, 2, 0] + Array("isommp41 a video".utf8)

extension TestServer {
    /// Takes the next job of a lane.
    func claim(_ lane: Lane = .image) async throws -> (job: Job, lease: Lease) {
        let now = Date()
        return try #require(
            try await store.claim(
                lane: lane, worker: "test", leaseUntil: now.addingTimeInterval(60), ownerLimit: 8, now: now))
    }

    func report(_ lease: Lease, stage: String, percent: Double) async throws {
        let now = Date()
        _ = try await store.progress(
            lease, JobProgress(stage: stage, percent: percent), leaseUntil: now.addingTimeInterval(60), now: now)
        api.jobs.feed.poke()
    }

    /// Ends a job with a result of these bytes.
    func complete(_ lease: Lease, with bytes: [UInt8], notes: [String] = []) async throws {
        let part = try await api.jobs.blobs.newPart()
        try Data(bytes).write(to: URL(fileURLWithPath: part))
        let output = JobOutput(
            blob: try await api.jobs.blobs.adopt(fileAt: part), mediaType: "image/jpeg", byteCount: Int64(bytes.count),
            sha256: String(repeating: "a", count: 64), width: 320, height: 240, duration: nil, faceCount: 1,
            notes: notes, stageSeconds: ["swapping": 0.2])
        #expect(try await store.complete(lease, output: output, expiresAt: nil, now: Date()))
        api.jobs.feed.poke()
    }

    /// A submitted job of a user.
    func submitted(as user: String = "demo", location: SourceLocation = #_sourceLocation) async throws -> String {
        let id = try await call("POST", "/jobs", as: user, json: #"{"mode":"photo_photo"}"#).jobID
        for role in ["source", "target"] {
            let sent = try await call(
                "POST", "/jobs/\(id)/\(role)", as: user, headers: ["Content-Type": "image/jpeg"], body: jpeg)
            #expect(sent.status == 200, "\(sent.text)", sourceLocation: location)
        }
        #expect(try await call("POST", "/jobs/\(id)/submit", as: user).status == 202, sourceLocation: location)
        return id
    }

    /// A completed job of a user.
    func completed(as user: String = "demo", with bytes: [UInt8] = jpeg) async throws -> String {
        let id = try await submitted(as: user)
        try await complete(claim().lease, with: bytes)
        return id
    }
}
