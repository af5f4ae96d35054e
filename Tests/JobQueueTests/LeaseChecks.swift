// Checks of a store: leases, heartbeats, and workers that come back from the dead.

import Errors
import Foundation
import JobQueue
import Testing

extension JobStoreConformance {
    static let leaseChecks: [StoreCheck] = [
        StoreCheck("a worker whose lease was lost can change nothing") { lab in
            let (job, old) = try await lab.running(lab.ann)
            #expect(try await lab.store.recover(workersOf: nil, now: lab.at(31)).map(\.id) == [job.id])
            let (_, new) = try #require(try await lab.claim(worker: "x", at: 32, for: 100))
            let before = try #require(try await lab.store.job(job.id, owner: nil))
            let newest = try await lab.store.newestEvent()
            #expect(old != new)
            #expect(try await lab.store.heartbeat(old, until: lab.at(900), now: lab.at(33)) == .lost)
            let progress = JobProgress(stage: "joining", percent: 99, preview: BlobKey(rawValue: "x"))
            #expect(try await lab.store.progress(old, progress, leaseUntil: lab.at(900), now: lab.at(33)) == .lost)
            #expect(try await !lab.store.complete(old, output: lab.output(), expiresAt: nil, now: lab.at(33)))
            let failed = try await lab.store.fail(
                old, failure: lab.failure(), retryAt: nil, expiresAt: nil, now: lab.at(33))
            #expect(failed == nil)
            #expect(try await !lab.store.finishCanceled(old, expiresAt: nil, now: lab.at(33)))
            try await lab.store.giveBack(old, now: lab.at(33))
            #expect(try await lab.store.job(job.id, owner: nil) == before)
            #expect(try await lab.store.newestEvent() == newest)
            #expect(try await lab.store.complete(new, output: lab.output(), expiresAt: nil, now: lab.at(34)))
            #expect(try await !lab.store.complete(new, output: lab.output(), expiresAt: nil, now: lab.at(35)))
            #expect(try await lab.store.heartbeat(new, until: lab.at(99), now: lab.at(36)) == .lost)
        },
        StoreCheck("a lease of a job that is gone is lost") { lab in
            let lease = Lease(job: JobID(rawValue: "none"), token: "t")
            let status = try await lab.store.heartbeat(lease, until: lab.at(9), now: lab.at(0))
            #expect(status == .lost)
            let isDone = try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(0))
            #expect(!isDone)
        },
        StoreCheck("heartbeats and progress keep a lease alive") { lab in
            let (job, lease) = try await lab.running(lab.ann)
            #expect(try await lab.store.heartbeat(lease, until: lab.at(60), now: lab.at(29)) == .held)
            #expect(try await lab.store.recover(workersOf: nil, now: lab.at(59)).isEmpty)
            let progress = JobProgress(stage: "swapping", percent: 5)
            #expect(try await lab.store.progress(lease, progress, leaseUntil: lab.at(90), now: lab.at(59)) == .held)
            #expect(try await lab.store.recover(workersOf: nil, now: lab.at(89)).isEmpty)
            #expect(try await lab.store.recover(workersOf: nil, now: lab.at(90)).map(\.id) == [job.id])
        },
        StoreCheck("a lease that ran out counts until somebody else gets the job") { lab in
            let (_, lease) = try await lab.running(lab.ann)
            #expect(try await lab.claim(at: 500) == nil)
            #expect(try await lab.store.heartbeat(lease, until: lab.at(900), now: lab.at(500)) == .held)
            #expect(try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(501)))
        },
        StoreCheck("the jobs of a dead process go on at once, those of others stay") { lab in
            try await lab.queued(lab.ann)
            try await lab.queued(lab.bob)
            try await lab.queued(lab.bob)
            var names: [JobID: String] = [:]
            for worker in ["host-1/a", "host-1/b", "host-10/a"] {
                names[try #require(try await lab.claim(worker: worker, for: 9000)).job.id] = worker
            }
            let recovered = try await lab.store.recover(workersOf: "host-1/", now: lab.at(1))
            #expect(Set(recovered.compactMap { names[$0.id] }) == ["host-1/a", "host-1/b"])
            #expect(recovered.allSatisfy { $0.state == .queued && $0.attempts == 1 })
            #expect(try await lab.claim(at: 1)?.job.attempts == 2)
            #expect(try await lab.store.recover(workersOf: "%", now: lab.at(1)).isEmpty, "a prefix, no pattern")
        },
        StoreCheck("progress never falls within an attempt and stays between 0 and 100") { lab in
            let (job, lease) = try await lab.running(lab.ann)
            var seen: [Double] = []
            for percent in [-5.0, 10, 50, 20, .nan, 60, 1000, .infinity] {
                let progress = JobProgress(stage: "swapping", percent: percent)
                _ = try await lab.store.progress(lease, progress, leaseUntil: lab.at(60), now: lab.at(1))
                seen.append(try #require(try await lab.store.job(job.id, owner: nil)).progress)
            }
            #expect(seen == [0, 10, 50, 50, 50, 60, 100, 100])
            try await lab.store.giveBack(lease, now: lab.at(2))
            #expect(try await lab.store.job(job.id, owner: nil)?.progress == 0)
        },
    ]

    static let attemptChecks: [StoreCheck] = [
        StoreCheck("a failed attempt is tried again after its backoff and no sooner") { lab in
            let (job, lease) = try await lab.running(lab.ann)
            let retrying = try await lab.store.fail(
                lease, failure: lab.failure(), retryAt: lab.at(20), expiresAt: lab.at(99), now: lab.at(2))
            #expect(retrying?.state == .queued && retrying?.attempts == 1 && retrying?.availableAt == lab.at(20))
            #expect(retrying?.failure == lab.failure() && retrying?.stage == "waiting" && retrying?.expiresAt == nil)
            #expect(try await lab.claim(at: 19) == nil)
            #expect(try await lab.store.activeCount(of: lab.ann) == 1)
            let again = try #require(try await lab.claim(at: 20)?.job)
            #expect(again.id == job.id && again.attempts == 2 && again.failure == nil)
            #expect(try await lab.kinds(job.id).suffix(3) == [.running, .retrying, .running])
            let message = try await lab.store.events(of: job.id, after: 0, limit: 99).first { $0.kind == .retrying }?
                .message
            #expect(message == "It did not work.")
        },
        StoreCheck("a job fails for good without a retry time, when it is of no use, or attempts are used up") { lab in
            let endings: [(attempts: Int, retryAt: Double?, retryable: Bool)] = [
                (3, nil, true), (3, 5, false), (1, 5, true),
            ]
            for ending in endings {
                let (job, lease) = try await lab.running(lab.ann, attempts: ending.attempts)
                let failure = lab.failure(retryable: ending.retryable)
                let failed = try await lab.store.fail(
                    lease, failure: failure, retryAt: ending.retryAt.map(lab.at), expiresAt: lab.at(99), now: lab.at(2))
                #expect(failed?.state == .failed && failed?.failure == failure && failed?.expiresAt == lab.at(99))
                #expect(failed?.finishedAt == lab.at(2))
                #expect(try await lab.store.job(job.id, owner: nil) == failed)
                #expect(try await lab.kinds(job.id).last == .failed)
            }
            #expect(try await lab.claim(at: 100) == nil)
        },
        StoreCheck("giving back costs no attempt and keeps the place") { lab in
            let (first, lease) = try await lab.running(lab.ann)
            try await lab.queued(lab.ann)
            for _ in 0..<5 {
                guard let (job, lease) = try await lab.claim(at: 1) else { break }
                try await lab.store.giveBack(lease, now: lab.at(1))
                #expect(try await lab.store.job(job.id, owner: nil)?.attempts == 0)
            }
            try await lab.store.giveBack(lease, now: lab.at(2))
            let back = try #require(try await lab.store.job(first.id, owner: nil))
            #expect(back.state == .queued && back.attempts == 0)
            #expect(try await lab.claim(at: 2)?.job.id == first.id)
        },
        StoreCheck("a job whose worker is cut off three times fails with a sentence") { lab in
            let job = try await lab.queued(lab.ann)
            for attempt in 1...3 {
                let time = Double(attempt * 100)
                #expect(try #require(try await lab.claim(at: time)).job.attempts == attempt)
                let recovered = try await lab.store.recover(workersOf: nil, now: lab.at(time + 50))
                #expect(recovered.map(\.state) == [attempt < 3 ? .queued : .failed])
            }
            let failed = try #require(try await lab.store.job(job.id, owner: nil))
            #expect(failed.failure?.message.contains("3 of 3") == true && failed.failure?.advice != nil)
            #expect(failed.failure?.message.hasSuffix(".") == true && failed.finishedAt == lab.at(350))
            #expect(try await lab.claim(at: 1000) == nil)
            let kinds = try await lab.kinds(job.id)
            #expect(kinds.suffix(6) == [.running, .retrying, .running, .retrying, .running, .failed])
        },
    ]
}
