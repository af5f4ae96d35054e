// A server's workers with a store and blobs in a folder of their own, and everything they tell.

import BlobStore
import Foundation
import Glibc
import ImageIO
import JobQueue
import JobQueueSQLite
import Logging
import MediaSamples
import Pixels
import Synchronization
import Testing
import WorkerProtocol
import Workers

/// One test's workers. Tests of one suite run one after the other: each has processes that want the cores.
final class Lab: Sendable {
    static let owner = OwnerID(rawValue: "tester")
    let folder: String
    let store: FlakyStore
    let blobs: LocalBlobStore
    let clock = Mutex(0.0)
    private let heard = Mutex<[WorkerEvent]>([])
    private let reaction = Mutex<(@Sendable (WorkerEvent) -> Void)?>(nil)

    init() async throws {
        folder = NSTemporaryDirectory() + "masque-lab-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = FlakyStore(try await SQLiteStore(path: "\(folder)/masque.db"))
        blobs = try await LocalBlobStore(folder: "\(folder)/blobs")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    // MARK: Workers

    /// Settings with short times.
    func settings(_ change: (inout WorkerSettings) -> Void = { _ in }) -> WorkerSettings {
        let process = process()
        var settings = WorkerSettings(
            lanes: [LaneSettings(lane: .image, process: process), LaneSettings(lane: .video, process: process)],
            inspection: process)
        settings.heartbeatInterval = .milliseconds(200)
        settings.pollInterval = .milliseconds(50)
        settings.watchInterval = .milliseconds(50)
        settings.retryPauses = [.milliseconds(20)]
        settings.storePauses = [.milliseconds(20)]
        settings.shutdownGrace = .seconds(10)
        settings.now = { [self] in Date(timeIntervalSinceNow: clock.withLock { $0 }) }
        change(&settings)
        return settings
    }

    func process() -> ProcessSettings {
        var process = ProcessSettings(workFolder: "\(folder)/work")
        process.executable = Program.path
        process.niceLevel = 0
        return process
    }

    /// Runs workers while `body` does; then they are ended as by a cancelled task.
    @discardableResult
    func run<T>(
        _ settings: WorkerSettings, on event: (@Sendable (WorkerEvent) -> Void)? = nil,
        _ body: (MediaWorkers) async throws -> T
    ) async throws -> T {
        reaction.withLock { $0 = event }
        var logger = Logger(label: "lab")
        logger.logLevel = .critical
        let workers = MediaWorkers(settings: settings, store: store, blobs: blobs, logger: logger) { [self] event in
            heard.withLock { $0.append(event) }
            reaction.withLock { $0 }?(event)
        }
        let running = Task { try await workers.run() }
        let result: Result<T, any Error>
        do { result = .success(try await body(workers)) } catch { result = .failure(error) }
        running.cancel()
        try await running.value
        return try result.get()
    }

    var events: [WorkerEvent] { heard.withLock { $0 } }

    /// How attempts of a job ended, in order.
    func outcomes(_ id: JobID) -> [AttemptOutcome] {
        events.compactMap { if case .attemptEnded(_, id, let outcome, _, _) = $0 { outcome } else { nil } }
    }

    /// The number of the newest process of a lane.
    func pid(_ lane: Lane = .image, number: Int = 0) -> Int32? {
        events.compactMap {
            if case .processReady("server/\(lane.rawValue)/\(number)", let pid, _) = $0 { pid } else { nil }
        }.last
    }

    // MARK: Jobs

    /// Puts a job in the queue.
    @discardableResult
    func submit(
        source: String? = nil, target: String? = nil, lane: Lane = .image, swapper: String = "mesh",
        _ change: (inout JobOptions) -> Void = { _ in }
    ) async throws -> JobID {
        var options = JobOptions()
        change(&options)
        var new = NewJob(
            id: JobID(rawValue: UUID().uuidString), owner: Self.owner,
            description: JobDescription(
                mode: "photo_photo", processors: ["face_swapper"], swapper: swapper, enhancer: nil, lane: lane,
                options: options))
        new.inputs = [
            try await input(.source, source ?? Samples.path("grace_hopper.jpg")),
            try await input(.target, target ?? Samples.path("astronaut.png")),
        ]
        new.isSubmitted = true
        return try await store.create(new, now: Date()).job.id
    }

    private func input(_ role: InputRole, _ path: String) async throws -> JobInput {
        let part = try await blobs.newPart()
        try FileManager.default.copyItem(atPath: path, toPath: part)
        let size = try FileManager.default.attributesOfItem(atPath: part)[.size] as? Int64 ?? 0
        return JobInput(
            role: role, blob: try await blobs.adopt(fileAt: part), mediaType: "image/jpeg", byteCount: size,
            sha256: "", fileName: URL(fileURLWithPath: path).lastPathComponent)
    }

    /// Waits until a job is as wanted.
    @discardableResult
    func job(
        _ id: JobID, within limit: Duration = .seconds(60), until isRight: (Job) -> Bool = { $0.state.isFinal }
    ) async throws -> Job {
        let end = ContinuousClock.now + limit
        while true {
            if let job = try? await store.real.job(id, owner: nil), isRight(job) { return job }
            try #require(ContinuousClock.now < end, "The job did not get there in time.")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Waits for something.
    func wait(_ limit: Duration = .seconds(30), until isRight: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + limit
        while try await !isRight() {
            try #require(ContinuousClock.now < end, "It did not happen in time.")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// The result as a picture.
    func picture(_ job: Job) async throws -> Picture {
        let output = try #require(job.output)
        return try decodePicture(at: await blobs.localFile(output.blob, in: folder)).0
    }

    /// Files in the blob store.
    var blobCount: Int { get async throws { try await blobs.keys(olderThan: .distantFuture, limit: 1000).count } }

    /// What lies in a folder of the work folder, e.g. `kept` or `image-0/in`.
    func workNames(_ place: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/work/\(place)")) ?? []
    }

    /// What lies in the folders of all media processes and in that of kept work.
    var workNames: [String] {
        workNames("").filter { $0 != "kept" }.flatMap { workNames("\($0)/in") + workNames("\($0)/out") }
            + workNames("kept")
    }

    /// Writes a file.
    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        return "\(folder)/\(name)"
    }

    /// Writes a program that stands in for `masque worker`.
    func program(_ name: String, _ script: String) throws -> String {
        let path = try file(name, Array("#!/bin/sh\n\(script)\n".utf8))
        chmod(path, 0o755)
        return path
    }

    /// A video of a face that moves sideways.
    func movie(_ name: String, frames: Int) throws -> String {
        let path = "\(folder)/\(name)"
        try Samples.writeMovie(to: path, frames: frames)
        return path
    }
}
