// What happens to jobs when processes die, hang, are asked to stop, or the store and the clock misbehave.

import BlobStore
import Errors
import Foundation
import Glibc
import JobQueue
import Synchronization
import Testing
import WorkerProtocol
import Workers

/// Stops the process of a lane at the beginning of attempts, so that they hang where a test can take its time.
private final class Brake: Sendable {
    private let lab: Lab
    private let left: Mutex<Int>

    /// - Parameter count: of how many attempts.
    init(_ lab: Lab, count: Int) {
        self.lab = lab
        left = Mutex(count)
    }

    func hear(_ event: WorkerEvent) {
        guard case .attemptBegan(let lane, _) = event, let pid = lab.pid(lane) else { return }
        let isWanted = left.withLock { left in
            left -= 1
            return left >= 0
        }
        if isWanted { _ = kill(pid, SIGSTOP) }
    }
}

extension WorkersSerial {
    @Suite struct Faults {
        @Test func `a process killed in the middle costs one attempt, and the job is done by the next`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let brake = Brake(lab, count: 1)
            try await lab.run(lab.settings(), on: { brake.hear($0) }) { _ in
                try await lab.job(id) { $0.state == .running }
                let pid = try #require(lab.pid())
                try await Task.sleep(for: .milliseconds(100))
                #expect(kill(pid, SIGKILL) == 0)
                let job = try await lab.job(id)
                #expect(job.state == .completed)
                #expect(job.attempts == 2)
            }
            #expect(lab.outcomes(id) == [.retrying, .completed])
            let history = try await lab.store.events(of: id, after: 0, limit: 100)
            let retry = try #require(history.first { $0.kind == .retrying })
            #expect(retry.message?.contains("memory ran out while it was loading") == true)
            #expect(lab.workNames.isEmpty)
        }

        @Test func `a video whose process is killed goes on from its finished part, and showed a preview`() async throws
        {
            let lab = try await Lab()
            let id = try await lab.submit(target: lab.movie("film.mp4", frames: 600), lane: .video)
            // Another process takes the job over while the one that was killed starts again.
            let settings = lab.settings {
                $0.lanes[1].processCount = 2
                $0.lanes[1].process.restartPauses = [.seconds(20)]
            }
            try await lab.run(settings) { _ in
                func worker() -> Int? {
                    (0...1).first { lab.workNames("video-\($0)/out").contains(id.rawValue) }
                }
                try await lab.job(id) { $0.state == .running }
                try await lab.wait { worker() != nil }
                let first = try #require(worker())
                let parts = "\(lab.folder)/work/video-\(first)/out/\(id.rawValue)/parts"
                func stamps() -> [String: Date] {
                    let names = (try? FileManager.default.contentsOfDirectory(atPath: parts)) ?? []
                    return Dictionary(
                        uniqueKeysWithValues: names.compactMap { name in
                            let facts = try? FileManager.default.attributesOfItem(atPath: "\(parts)/\(name)")
                            return (facts?[.modificationDate] as? Date).map { (name, $0) }
                        })
                }
                // 250 of 600 frames are 42 % of the swapping, which ends at 98 %.
                let half = try await lab.job(id) { $0.progress > 60 }
                let preview = try #require(half.preview)
                #expect(try await lab.blobs.info(preview) != nil)
                let before = stamps()
                #expect(!before.isEmpty)
                #expect(kill(try #require(lab.pid(.video, number: first)), SIGKILL) == 0)
                try await lab.job(id) { $0.attempts == 2 && $0.state == .running }
                try await lab.wait { worker() == 1 - first }
                let kept = lab.workNames("video-\(1 - first)/out/\(id.rawValue)/parts")
                #expect(Set(before.keys).isSubset(of: kept))
                let resumed = ContinuousClock.now
                let job = try await lab.job(id)
                #expect(job.state == .completed)
                #expect(abs((job.output?.duration ?? 0) - 24) < 0.1)
                // The first part took longer than what was left to do.
                #expect(ContinuousClock.now - resumed < .seconds(20))
            }
            #expect(lab.outcomes(id) == [.retrying, .completed])
            #expect(lab.workNames.isEmpty)
            // Two inputs, the result and the newest preview: the others were deleted.
            #expect(try await lab.blobCount <= 4)
        }

        @Test func `a job that kills its process three times fails with a sentence`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let brake = Brake(lab, count: 3)
            let other = try await lab.run(lab.settings(), on: { brake.hear($0) }) { _ in
                for attempt in 1...3 {
                    try await lab.job(id) { $0.state == .running && $0.attempts == attempt }
                    try await Task.sleep(for: .milliseconds(100))
                    let pid = try #require(lab.pid())
                    // The first arrives when the second lets the process go on.
                    #expect(kill(pid, SIGSEGV) == 0)
                    #expect(kill(pid, SIGCONT) == 0)
                }
                let job = try await lab.job(id)
                #expect(job.state == .failed)
                #expect(job.attempts == 3)
                #expect(job.failure?.message.hasPrefix("The job was given up after 3 attempts.") == true)
                #expect(job.failure?.message.contains("crashed (SIGSEGV)") == true)
                #expect(job.failure?.advice != nil)
                return try await lab.job(lab.submit())
            }
            #expect(lab.outcomes(id) == [.retrying, .retrying, .failed])
            #expect(other.state == .completed)
        }

        @Test(arguments: [false, true])
        func `a cancel ends a job within a second`(isHung: Bool) async throws {
            let lab = try await Lab()
            let movie = try lab.movie("film.mp4", frames: 400)
            let id = try await lab.submit(target: movie, lane: .video)
            let next = try await lab.submit(target: lab.movie("short.mp4", frames: 5), lane: .video)
            let brake = Brake(lab, count: isHung ? 1 : 0)
            try await lab.run(lab.settings(), on: { brake.hear($0) }) { _ in
                try await lab.job(id) { $0.state == .running && (isHung || $0.stage == "swapping") }
                let asked = ContinuousClock.now
                _ = try await lab.store.cancel(id, owner: Lab.owner, now: Date())
                let job = try await lab.job(id)
                #expect(job.state == .canceled)
                #expect(ContinuousClock.now - asked < .seconds(1))
                // The lane goes on.
                #expect(try await lab.job(next).state == .completed)
            }
            #expect(lab.outcomes(id) == [.canceled])
            #expect(lab.workNames.isEmpty)
        }

        @Test func `a process that makes no progress is noticed and replaced`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let brake = Brake(lab, count: 1)
            let settings = lab.settings { $0.lanes[0].process.silenceTimeout = .seconds(1) }
            try await lab.run(settings, on: { brake.hear($0) }) { _ in
                let job = try await lab.job(id)
                #expect(job.state == .completed)
                #expect(job.attempts == 2)
            }
            let history = try await lab.store.events(of: id, after: 0, limit: 100)
            #expect(history.contains { $0.message?.contains("made no progress for 1.0 seconds") == true })
        }

        @Test func `a shutdown hands running jobs back without costing an attempt, and the next start does them`()
            async throws
        {
            let lab = try await Lab()
            let id = try await lab.submit()
            let brake = Brake(lab, count: 1)
            try await lab.run(lab.settings(), on: { brake.hear($0) }) { _ in
                try await lab.job(id) { $0.state == .running }
            }
            let back = try #require(try await lab.store.job(id, owner: nil))
            #expect(back.state == .queued)
            #expect(back.attempts == 0)
            #expect(lab.outcomes(id) == [.returned])
            #expect(lab.workNames == [id.rawValue] && lab.workNames("kept") == [id.rawValue])
            let job = try await lab.run(lab.settings()) { _ in try await lab.job(id) }
            #expect(job.state == .completed)
            #expect(job.attempts == 1)
        }

        @Test func `a worker that lost its lease changes nothing and leaves nothing behind`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let brake = Brake(lab, count: 1)
            let settings = lab.settings {
                $0.heartbeatInterval = .seconds(60)
                $0.watchInterval = .seconds(60)
            }
            try await lab.run(settings, on: { brake.hear($0) }) { workers in
                try await lab.job(id) { $0.state == .running }
                let before = try await lab.blobCount
                // Somebody takes the job back and over, as another server would.
                _ = try await lab.store.recover(workersOf: "server/", now: Date())
                let claimed = try await lab.store.claim(
                    lane: .image, worker: "other/0", leaseUntil: Date(timeIntervalSinceNow: 60), ownerLimit: 1,
                    now: Date())
                #expect(claimed?.job.id == id)
                let pid = try #require(lab.pid())
                #expect(kill(pid, SIGCONT) == 0)
                try await lab.wait { lab.outcomes(id) == [.lost] }
                #expect(try await lab.blobCount == before)
                let job = try #require(try await lab.store.job(id, owner: nil))
                #expect(job.state == .running)
                #expect(job.output == nil)
            }
        }

        @Test(arguments: [FlakyStore.Trouble.before, .after])
        func `a store that fails for a while loses no result`(trouble: FlakyStore.Trouble) async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let store = lab.store
            try await lab.run(
                lab.settings(),
                on: { if case .attemptBegan = $0 { store.trouble.withLock { $0 = trouble } } }
            ) { _ in
                // Until the result is there and cannot be recorded, or seemingly not.
                try await lab.wait {
                    lab.events.contains { if case .storeFailed("record a result") = $0 { true } else { false } }
                }
                try await Task.sleep(for: .milliseconds(300))
                store.trouble.withLock { $0 = .none }
                let job = try await lab.job(id)
                #expect(job.state == .completed)
                #expect(job.attempts == 1)
                let output = try #require(job.output)
                try await lab.wait { lab.outcomes(id) == [.completed] }
                #expect(try await lab.blobs.info(output.blob) != nil)
            }
            #expect(store.failed > 1)
        }

        @Test func `a jump of the clock takes no job from its live worker`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let brake = Brake(lab, count: 1)
            try await lab.run(lab.settings { $0.heartbeatInterval = .milliseconds(50) }, on: { brake.hear($0) }) { _ in
                try await lab.job(id) { $0.state == .running }
                for jump in [3600.0, -7200] {
                    lab.clock.withLock { $0 += jump }
                    try await lab.wait {
                        lab.events.contains {
                            if case .clockJumped(let seconds) = $0 { abs(seconds - jump) < 2 } else { false }
                        }
                    }
                    try await Task.sleep(for: .milliseconds(200))
                }
                _ = kill(try #require(lab.pid()), SIGCONT)
                let job = try await lab.job(id)
                #expect(job.state == .completed)
                #expect(job.attempts == 1)
            }
            #expect(lab.outcomes(id) == [.completed])
        }

        @Test func `a clock that jumps between a heartbeat and the look for the dead takes no job either`() async throws
        {
            let lab = try await Lab()
            let id = try await lab.submit()
            let brake = Brake(lab, count: 1)
            lab.store.afterHeartbeat.withLock { $0 = { lab.clock.withLock { $0 = 3600 } } }
            try await lab.run(lab.settings { $0.heartbeatInterval = .milliseconds(50) }, on: { brake.hear($0) }) { _ in
                try await lab.job(id) { $0.state == .running }
                try await lab.wait { lab.events.contains { if case .clockJumped = $0 { true } else { false } } }
                _ = kill(try #require(lab.pid()), SIGCONT)
                #expect(try await lab.job(id).attempts == 1)
            }
            #expect(lab.outcomes(id) == [.completed])
        }

        @Test func `jobs of a server that was killed go on at the next start`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let claimed = try await lab.store.claim(
                lane: .image, worker: "server/image/0", leaseUntil: Date(timeIntervalSinceNow: 1000), ownerLimit: 1,
                now: Date())
            #expect(claimed?.job.id == id)
            let job = try await lab.run(lab.settings()) { _ in try await lab.job(id) }
            #expect(job.state == .completed)
            #expect(job.attempts == 2)
        }

        @Test func `a process that cannot start leaves jobs in the queue`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let broken = try lab.program("broken", "echo 'masque: ONNX Runtime is not installed.' >&2; exit 1")
            let settings = lab.settings {
                $0.lanes[0].process.executable = broken
                $0.lanes[0].process.restartPauses = [.milliseconds(10)]
            }
            try await lab.run(settings) { workers in
                try await Task.sleep(for: .milliseconds(500))
                #expect(workers.readiness.ready <= 1)
                let job = try #require(try await lab.store.job(id, owner: nil))
                #expect(job.state == .queued)
                #expect(job.attempts == 0)
            }
        }
    }
}
