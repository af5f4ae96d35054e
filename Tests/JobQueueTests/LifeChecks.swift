// Checks of a store: what owners do with jobs.

import Errors
import Foundation
import JobQueue
import Testing

extension JobStoreConformance {
    static let lifeChecks: [StoreCheck] = [
        StoreCheck("a draft is filled, submitted, worked off and completed") { lab in
            var new = NewJob(id: JobID(rawValue: "j1"), owner: lab.ann, description: lab.description())
            new.workEstimate = 3
            let (created, isNew) = try await lab.store.create(new, now: lab.at(0))
            #expect(isNew && created.state == .draft && created.inputs.isEmpty && created.createdAt == lab.at(0))
            let source = lab.input(.source)
            let target = lab.input(.target)
            _ = try await lab.store.setInput(source, of: created.id, owner: lab.ann, now: lab.at(1))
            let filled = try await lab.store.setInput(target, of: created.id, owner: lab.ann, now: lab.at(2))
            #expect(filled.job.inputs == [source, target] && filled.replaced == nil)
            let queued = try await lab.store.submit(
                created.id, owner: lab.ann, workEstimate: 7, expiresAt: lab.at(900), now: lab.at(3))
            #expect(queued.state == .queued && queued.queuedAt == lab.at(3) && queued.workEstimate == 7)
            #expect(queued.expiresAt == lab.at(900) && queued.stage == "waiting" && queued.attempts == 0)
            let (running, lease) = try #require(try await lab.claim(at: 4))
            #expect(running.state == .running && running.startedAt == lab.at(4) && running.attempts == 1)
            let progress = JobProgress(stage: "swapping", percent: 40, preview: BlobKey(rawValue: "p"))
            #expect(try await lab.store.progress(lease, progress, leaseUntil: lab.at(40), now: lab.at(5)) == .held)
            let output = lab.output()
            #expect(try await lab.store.complete(lease, output: output, expiresAt: lab.at(99), now: lab.at(6)))
            let done = try #require(try await lab.store.job(created.id, owner: lab.ann))
            #expect(done.state == .completed && done.output == output && done.finishedAt == lab.at(6))
            #expect(done.progress == 100 && done.stage == "done" && done.expiresAt == lab.at(99))
            #expect(done.preview == BlobKey(rawValue: "p") && done.failure == nil)
            let kinds = try await lab.kinds(created.id)
            #expect(kinds == [.created, .uploaded, .uploaded, .queued, .running, .progress, .completed])
        },
        StoreCheck("a job comes back as it was put in, with every option and any letters") { lab in
            var new = lab.new(OwnerID(rawValue: "Ян 얀 '; DROP TABLE job; --"), lane: .video)
            var options = JobOptions()
            options.map = [0: 1, 7: 0]
            options.referenceTime = 1.25
            options.detectorScore = 0.5
            options.detectorModel = "scrfd"
            options.keepEyes = true
            options.keepMouth = false
            options.outputScale = 50
            options.outputFPS = 29.97
            options.trimStart = 0.1
            options.trimEnd = 9
            options.executionProviders = ["cpu"]
            options.threadCount = 2
            new.description.options = options
            new.description.enhancer = "gfpgan_1.4"
            new.expiresAt = lab.at(5)
            new.maxAttempts = 5
            let made = try await lab.store.create(new, now: lab.at(0)).job
            #expect(made.description == new.description && made.inputs == new.inputs && made.owner == new.owner)
            #expect(made.maxAttempts == 5 && made.expiresAt == lab.at(5))
            #expect(try await lab.store.job(new.id, owner: new.owner) == made)
        },
        StoreCheck("a job name is given once") { lab in
            let new = lab.new(lab.ann)
            _ = try await lab.store.create(new, now: lab.at(0))
            #expect(await refusal { try await lab.store.create(new, now: lab.at(0)) } == .conflict)
        },
        StoreCheck("nothing is submitted without its inputs") { lab in
            var new = lab.new(lab.ann)
            new.inputs = [lab.input(.target)]
            new.isSubmitted = true
            #expect(await refusal { try await lab.store.create(new, now: lab.at(0)) } == .conflict)
            #expect(try await lab.store.job(new.id, owner: nil) == nil, "a refused call leaves nothing")
            #expect(try await lab.store.newestEvent() == 0)
            new.isSubmitted = false
            _ = try await lab.store.create(new, now: lab.at(0))
            let submit = {
                try await lab.store.submit(new.id, owner: lab.ann, workEstimate: nil, expiresAt: nil, now: lab.at(1))
            }
            #expect(await refusal(submit) == .conflict)
            _ = try await lab.store.setInput(lab.input(.source), of: new.id, owner: lab.ann, now: lab.at(1))
            #expect(try await submit().state == .queued)
        },
        StoreCheck("submitting again changes nothing, in any later state") { lab in
            let job = try await lab.queued(lab.ann)
            let again = { (time: Double) in
                try await lab.store.submit(job.id, owner: lab.ann, workEstimate: 9, expiresAt: nil, now: lab.at(time))
            }
            #expect(try await again(5) == job)
            let (_, lease) = try #require(try await lab.claim())
            #expect(try await again(6).state == .running)
            _ = try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(7))
            #expect(try await again(8).state == .completed)
            #expect(try await lab.kinds(job.id).filter { $0 == .queued }.count == 1)
        },
        StoreCheck("what is no draft any more cannot be changed") { lab in
            let job = try await lab.queued(lab.ann)
            func isFixed() async -> Bool {
                let input = await refusal {
                    try await lab.store.setInput(lab.input(.source), of: job.id, owner: lab.ann, now: lab.at(1))
                }
                let description = await refusal {
                    try await lab.store.setDescription(lab.description(), of: job.id, owner: lab.ann, now: lab.at(1))
                }
                return input == .conflict && description == .conflict
            }
            #expect(await isFixed())
            let (_, lease) = try #require(try await lab.claim())
            #expect(await isFixed())
            _ = try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(2))
            #expect(await isFixed())
            #expect(try await lab.store.job(job.id, owner: nil)?.inputs == job.inputs)
        },
        StoreCheck("a draft's work can be changed, its lane too") { lab in
            let job = try await lab.draft(lab.ann)
            let changed = try await lab.store.setDescription(
                lab.description(.video), of: job.id, owner: lab.ann, now: lab.at(1))
            #expect(changed.description == lab.description(.video))
            _ = try await lab.store.submit(job.id, owner: lab.ann, workEstimate: nil, expiresAt: nil, now: lab.at(2))
            #expect(try await lab.claim(.image) == nil)
            #expect(try await lab.claim(.video)?.job.id == job.id)
        },
        StoreCheck("another's job is as if it were not there") { lab in
            let job = try await lab.draft(lab.ann)
            #expect(try await lab.store.job(job.id, owner: lab.bob) == nil)
            #expect(try await lab.store.job(job.id, owner: nil)?.id == job.id)
            func tries(_ id: JobID) async -> [MasqueError.Code?] {
                let (store, bob, now) = (lab.store, lab.bob, lab.at(1))
                return [
                    await refusal { try await store.setInput(lab.input(.source), of: id, owner: bob, now: now) },
                    await refusal { try await store.setDescription(lab.description(), of: id, owner: bob, now: now) },
                    await refusal {
                        try await store.submit(id, owner: bob, workEstimate: nil, expiresAt: nil, now: now)
                    },
                    await refusal { try await store.cancel(id, owner: bob, now: now) },
                    await refusal { try await store.delete(id, owner: bob) },
                    await refusal { try await store.webhooks(of: id, owner: bob) },
                    await refusal { try await store.unsubscribe("x", from: id, owner: bob) },
                    await refusal {
                        let hook = NewWebhook(url: "https://example.org", events: [.queued], secret: "whsec_")
                        return try await store.subscribe(hook, to: id, owner: bob, now: now)
                    },
                ]
            }
            #expect(await tries(job.id).allSatisfy { $0 == .notFound })
            #expect(await tries(JobID(rawValue: "none")).allSatisfy { $0 == .notFound })
            #expect(try await lab.store.jobs(JobQuery(owner: lab.bob)).jobs.isEmpty)
            #expect(try await lab.store.job(job.id, owner: lab.ann) == job)
        },
        StoreCheck("the same idempotency key makes one job, and another request under it is refused") { lab in
            var new = lab.new(lab.ann)
            new.idempotency = IdempotencyKey(key: "k", fingerprint: "f")
            let first = try await lab.store.create(new, now: lab.at(0))
            #expect(first.isNew)
            new.id = JobID(rawValue: "other")
            let second = try await lab.store.create(new, now: lab.at(1))
            #expect(!second.isNew && second.job == first.job)
            new.idempotency = IdempotencyKey(key: "k", fingerprint: "g")
            #expect(await refusal { try await lab.store.create(new, now: lab.at(2)) } == .conflict)
            new.owner = lab.bob
            let bobs = try await lab.store.create(new, now: lab.at(3))
            #expect(bobs.isNew, "keys of other owners are other keys")
            #expect(try await lab.kinds(first.job.id) == [.created, .uploaded, .uploaded])
        },
        StoreCheck("creates at the same time under one key make one job") { lab in
            let second = try await lab.another()
            let ids = try await withThrowingTaskGroup(of: (JobID, Bool).self) { group in
                for number in 0..<40 {
                    var new = lab.new(lab.ann)
                    new.isSubmitted = true
                    new.idempotency = IdempotencyKey(key: "k", fingerprint: "f")
                    let store = number.isMultiple(of: 2) ? lab.store : second
                    group.addTask { [new] in
                        let made = try await store.create(new, now: StoreLab.start)
                        return (made.job.id, made.isNew)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(ids.map(\.0)).count == 1)
            #expect(ids.filter(\.1).count == 1)
            #expect(try await lab.store.activeCount(of: lab.ann) == 1)
        },
        StoreCheck("of jobs submitted at once no more are taken than the owner may have") { lab in
            let second = try await lab.another()
            let outcomes = await withTaskGroup(of: MasqueError.Code?.self) { group in
                for number in 0..<20 {
                    var new = lab.new(lab.ann)
                    new.isSubmitted = true
                    new.limits.activeJobs = 3
                    let store = number.isMultiple(of: 2) ? lab.store : second
                    group.addTask { [new] in
                        do {
                            _ = try await store.create(new, now: StoreLab.start)
                            return nil
                        } catch {
                            return (error as? MasqueError)?.code ?? .failed
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == nil }.count == 3)
            #expect(outcomes.filter { $0 == .tooManyRequests }.count == 17)
            #expect(try await lab.store.activeCount(of: lab.ann) == 3)
        },
        StoreCheck("a copy of a job that is gone, or another's, is refused") { lab in
            var copy = lab.new(lab.ann)
            copy.copiedFrom = JobID(rawValue: "gone")
            let error = await #expect(throws: MasqueError.self) { _ = try await lab.store.create(copy, now: lab.at(0)) }
            #expect(error?.code == .notFound)
        },
    ]
}
