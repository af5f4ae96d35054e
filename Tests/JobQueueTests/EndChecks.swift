// Checks of a store: replacing, canceling, deleting, and what is left of the blobs.

import Errors
import Foundation
import JobQueue
import Testing

extension JobStoreConformance {
    static let endChecks: [StoreCheck] = [
        StoreCheck("a replaced input comes back to be deleted, unless another job uses it") { lab in
            let shared = lab.input(.source, blob: "shared")
            let job = try await lab.draft(lab.ann)
            let old = try #require(job.input(.source)?.blob)
            let swap = try await lab.store.setInput(shared, of: job.id, owner: lab.ann, now: lab.at(1))
            #expect(swap.replaced == old)
            let same = try await lab.store.setInput(shared, of: job.id, owner: lab.ann, now: lab.at(1))
            #expect(same.replaced == nil, "the same blob again is still in use")
            var second = lab.new(lab.bob)
            second.inputs = [shared, lab.input(.target)]
            _ = try await lab.store.create(second, now: lab.at(2))
            let third = try await lab.store.setInput(lab.input(.source), of: job.id, owner: lab.ann, now: lab.at(3))
            #expect(third.replaced == nil)
            #expect(third.job.inputs.count == 2)
        },
        StoreCheck("cancel ends what waits, asks what runs, and leaves what is over") { lab in
            let draft = try await lab.draft(lab.ann)
            let canceled = try await lab.store.cancel(draft.id, owner: lab.ann, now: lab.at(1))
            #expect(canceled.state == .canceled && canceled.finishedAt == lab.at(1))
            #expect(
                await refusal {
                    try await lab.store.submit(
                        draft.id, owner: lab.ann, workEstimate: nil, expiresAt: nil, now: lab.at(2))
                } == .conflict)

            let queued = try await lab.queued(lab.ann)
            #expect(try await lab.store.cancel(queued.id, owner: lab.ann, now: lab.at(1)).state == .canceled)
            #expect(try await lab.claim() == nil)

            let (running, lease) = try await lab.running(lab.ann)
            let asked = try await lab.store.cancel(running.id, owner: nil, now: lab.at(1))
            #expect(asked.state == .running && asked.cancelRequested)
            #expect(try await lab.store.cancel(running.id, owner: lab.ann, now: lab.at(2)) == asked)
            #expect(try await lab.kinds(running.id).filter { $0 == .cancelRequested }.count == 1)
            #expect(try await lab.store.heartbeat(lease, until: lab.at(60), now: lab.at(3)) == .cancelRequested)
            let progress = JobProgress(stage: "swapping", percent: 1)
            let status = try await lab.store.progress(lease, progress, leaseUntil: lab.at(60), now: lab.at(3))
            #expect(status == .cancelRequested)
            #expect(try await lab.store.finishCanceled(lease, expiresAt: lab.at(9), now: lab.at(4)))
            let over = try #require(try await lab.store.job(running.id, owner: nil))
            #expect(over.state == .canceled && over.expiresAt == lab.at(9) && over.finishedAt == lab.at(4))
            #expect(try await lab.store.cancel(running.id, owner: lab.ann, now: lab.at(5)) == over)

            let (done, doneLease) = try await lab.running(lab.ann)
            _ = try await lab.store.complete(doneLease, output: lab.output(), expiresAt: nil, now: lab.at(1))
            #expect(try await lab.store.cancel(done.id, owner: lab.ann, now: lab.at(2)).state == .completed)
            #expect(try await lab.store.activeCount(of: lab.ann) == 0)
        },
        StoreCheck("an attempt that ends in any way after a cancel request ends the job as canceled") { lab in
            let (first, lease) = try await lab.running(lab.ann)
            _ = try await lab.store.cancel(first.id, owner: nil, now: lab.at(1))
            let failed = try await lab.store.fail(
                lease, failure: lab.failure(), retryAt: lab.at(5), expiresAt: nil, now: lab.at(2))
            #expect(failed?.state == .canceled)
            let (second, secondLease) = try await lab.running(lab.ann)
            _ = try await lab.store.cancel(second.id, owner: nil, now: lab.at(1))
            try await lab.store.giveBack(secondLease, now: lab.at(2))
            #expect(try await lab.state(second.id) == .canceled)
            let (third, _) = try await lab.running(lab.ann)
            _ = try await lab.store.cancel(third.id, owner: nil, now: lab.at(1))
            #expect(try await lab.store.recover(workersOf: nil, now: lab.at(100)).map(\.state) == [.canceled])
            #expect(try await lab.kinds(third.id).last == .canceled)
        },
        StoreCheck("delete removes the job and all of its rows, but not while it runs") { lab in
            var new = lab.new(lab.ann)
            new.isSubmitted = true
            new.idempotency = IdempotencyKey(key: "k", fingerprint: "f")
            new.webhook = NewWebhook(url: "https://example.org", events: [.queued], secret: "whsec_")
            let job = try await lab.store.create(new, now: lab.at(0)).job
            let (_, lease) = try #require(try await lab.claim())
            #expect(await refusal { try await lab.store.delete(job.id, owner: lab.ann) } == .conflict)
            let progress = JobProgress(stage: "swapping", percent: 1, preview: BlobKey(rawValue: "preview"))
            _ = try await lab.store.progress(lease, progress, leaseUntil: lab.at(60), now: lab.at(1))
            _ = try await lab.store.complete(lease, output: lab.output(blob: "out"), expiresAt: nil, now: lab.at(2))
            let blobs = try await lab.store.delete(job.id, owner: lab.ann)
            let expected = new.inputs.map(\.blob) + [BlobKey(rawValue: "out"), BlobKey(rawValue: "preview")]
            #expect(Set(blobs) == Set(expected) && blobs.count == 4)
            #expect(try await lab.store.job(job.id, owner: nil) == nil)
            #expect(try await lab.store.events(of: job.id, after: 0, limit: 10).isEmpty)
            #expect(try await lab.store.deliveries(state: nil, job: nil, limit: 10).isEmpty)
            #expect(try await lab.store.referenced(among: expected).isEmpty)
            #expect(await refusal { try await lab.store.delete(job.id, owner: lab.ann) } == .notFound)
            #expect(try await lab.store.create(new, now: lab.at(3)).isNew, "its idempotency key went with it")
        },
        StoreCheck("deleting a queued job takes it out of the queue and its figures") { lab in
            let first = try await lab.queued(lab.ann)
            let second = try await lab.queued(lab.ann)
            _ = try await lab.store.delete(first.id, owner: lab.ann)
            #expect(try await lab.store.laneFigures(now: lab.at(0))[.image]?.queued == 1)
            #expect(try await lab.claim()?.job.id == second.id)
            #expect(try await lab.claim() == nil)
        },
        StoreCheck("blobs that two jobs share outlive the first") { lab in
            let source = lab.input(.source, blob: "both")
            var made: [JobID] = []
            for owner in [lab.ann, lab.bob] {
                var new = lab.new(owner)
                new.inputs = [source, lab.input(.target, blob: owner.rawValue)]
                made.append(try await lab.store.create(new, now: lab.at(0)).job.id)
            }
            let keys = ["both", "ann", "bob", "none"].map(BlobKey.init(rawValue:))
            #expect(try await lab.store.referenced(among: keys) == Set(keys.prefix(3)))
            #expect(try await lab.store.delete(made[0], owner: nil) == [keys[1]])
            #expect(try await lab.store.referenced(among: keys) == [keys[0], keys[2]])
            #expect(try await Set(lab.store.delete(made[1], owner: nil)) == [keys[0], keys[2]])
            #expect(try await lab.store.referenced(among: keys).isEmpty)
        },
        StoreCheck("an outdated preview is not referred to any more") { lab in
            let (_, lease) = try await lab.running(lab.ann)
            for (number, name) in ["one", "two"].enumerated() {
                let progress = JobProgress(
                    stage: "swapping", percent: Double(number), preview: BlobKey(rawValue: name))
                _ = try await lab.store.progress(lease, progress, leaseUntil: lab.at(60), now: lab.at(1))
            }
            let without = JobProgress(stage: "joining", percent: 90)
            _ = try await lab.store.progress(lease, without, leaseUntil: lab.at(60), now: lab.at(2))
            let keys = ["one", "two"].map(BlobKey.init(rawValue:))
            #expect(try await lab.store.referenced(among: keys) == [keys[1]])
            #expect(try await lab.store.job(lease.job, owner: nil)?.preview == keys[1])
        },
        StoreCheck("finished jobs expire by their time, drafts when nobody touches them, the rest never") { lab in
            let old = try await lab.draft(lab.ann, at: 0)
            let touched = try await lab.draft(lab.ann, at: 0)
            _ = try await lab.store.setInput(lab.input(.source), of: touched.id, owner: lab.ann, now: lab.at(500))
            let dropped = try await lab.draft(lab.ann, at: 0)
            _ = try await lab.store.cancel(dropped.id, owner: lab.ann, now: lab.at(10))
            var waiting = lab.new(lab.ann, lane: .video)
            waiting.isSubmitted = true
            waiting.expiresAt = lab.at(1)
            _ = try await lab.store.create(waiting, now: lab.at(0))
            var ended: [JobID] = []
            for expiry in [100.0, 300.0, nil] {
                let (job, lease) = try await lab.running(lab.ann)
                _ = try await lab.store.complete(
                    lease, output: lab.output(), expiresAt: expiry.map(lab.at), now: lab.at(20))
                ended.append(job.id)
            }
            let first = try await lab.store.expired(now: lab.at(200), draftsBefore: lab.at(100), limit: 100)
            #expect(Set(first) == [old.id, dropped.id, ended[0]])
            let second = try await lab.store.expired(now: lab.at(9e8), draftsBefore: lab.at(9e8), limit: 100)
            #expect(Set(second) == [old.id, touched.id, dropped.id, ended[0], ended[1]])
            #expect(try await lab.store.expired(now: lab.at(9e8), draftsBefore: lab.at(9e8), limit: 2).count == 2)
        },
    ]
}
