// Checks of a store: what one owner may have, counted in the same transaction as the change, and what he has.

import Errors
import Foundation
import JobQueue
import Testing

extension StoreLab {
    /// Runs a change many times at once, every other time in the second store; the codes of the refusals.
    fileprivate func atOnce(
        _ count: Int, _ body: @escaping @Sendable (FullStore, Int) async throws -> Void
    ) async throws -> [MasqueError.Code?] {
        let second = try await another()
        return await withTaskGroup(of: MasqueError.Code?.self) { group in
            for number in 0..<count {
                let store = number.isMultiple(of: 2) ? store : second
                group.addTask { await refusal { try await body(store, number) } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    fileprivate func sized(_ role: InputRole, _ bytes: Int64, blob: String = UUID().uuidString) -> JobInput {
        JobInput(
            role: role, blob: BlobKey(rawValue: blob), mediaType: "image/jpeg", byteCount: bytes, sha256: "ab",
            fileName: nil)
    }

    fileprivate func limits(drafts: Int? = nil, bytes: Int64? = nil, elsewhere: Int64 = 0) -> OwnerLimits {
        var limits = OwnerLimits()
        limits.drafts = drafts
        limits.bytes = bytes
        limits.bytesElsewhere = elsewhere
        return limits
    }

    fileprivate func bytes(_ owner: OwnerID) async throws -> Int64 { try await store.usage(of: owner).bytes }
}

extension JobStoreConformance {
    static let ownerLimitChecks: [StoreCheck] = [
        StoreCheck("of drafts made at once no more are taken than the owner may have") { lab in
            let outcomes = try await lab.atOnce(20) { store, _ in
                var new = lab.new(lab.ann)
                new.limits.drafts = 3
                _ = try await store.create(new, now: StoreLab.start)
            }
            #expect(outcomes.filter { $0 == nil }.count == 3)
            #expect(outcomes.filter { $0 == .tooManyRequests }.count == 17)
            #expect(try await lab.store.usage(of: lab.ann).drafts == 3)
            #expect(try await lab.store.usage(of: lab.bob) == OwnerUsage())
        },
        StoreCheck("submitting or deleting a draft makes room for another, canceling it does not") { lab in
            let drafts = [try await lab.draft(lab.ann), try await lab.draft(lab.ann), try await lab.draft(lab.ann)]
            func refused() async -> Bool {
                var new = lab.new(lab.ann)
                new.limits.drafts = 3
                let asked = new
                return await refusal { try await lab.store.create(asked, now: lab.at(1)) } == .tooManyRequests
            }
            #expect(await refused())
            _ = try await lab.store.cancel(drafts[0].id, owner: lab.ann, now: lab.at(1))
            #expect(await refused(), "a canceled draft is a row still")
            _ = try await lab.store.delete(drafts[0].id, owner: lab.ann)
            #expect(await !refused())
            _ = try await lab.store.submit(
                drafts[1].id, owner: lab.ann, workEstimate: nil, expiresAt: nil, now: lab.at(2))
            #expect(await !refused())
            #expect(await refused())
            var submitted = lab.new(lab.ann)
            submitted.isSubmitted = true
            submitted.limits.drafts = 3
            #expect(try await lab.store.create(submitted, now: lab.at(3)).job.state == .queued, "it is no draft")
            #expect(try await lab.store.usage(of: lab.ann).activeJobs == 2)
        },
        StoreCheck("of files added at once no more are taken than the owner may store") { lab in
            var drafts: [JobID] = []
            for _ in 0..<20 {
                let new = NewJob(
                    id: JobID(rawValue: UUID().uuidString), owner: lab.ann, description: lab.description())
                drafts.append(try await lab.store.create(new, now: lab.at(0)).job.id)
            }
            let ids = drafts
            let outcomes = try await lab.atOnce(20) { store, number in
                _ = try await store.setInput(
                    lab.sized(.source, 300), of: ids[number], owner: lab.ann, limits: lab.limits(bytes: 1000),
                    now: lab.at(1))
            }
            #expect(outcomes.filter { $0 == nil }.count == 3)
            #expect(outcomes.filter { $0 == .outOfSpace }.count == 17)
            #expect(try await lab.bytes(lab.ann) == 900)
            let jobs = try await lab.store.jobs(JobQuery(owner: lab.ann)).jobs
            #expect(jobs.filter { !$0.inputs.isEmpty }.count == 3, "what was refused left nothing behind")
            let submitted = try await lab.atOnce(10) { store, _ in
                var new = lab.new(lab.bob)
                new.isSubmitted = true
                new.limits = lab.limits(bytes: 5000)
                _ = try await store.create(new, now: lab.at(1))
            }
            #expect(submitted.filter { $0 == nil }.count == 2, "two inputs of 1000 bytes each")
            #expect(try await lab.bytes(lab.bob) == 4000)
        },
        StoreCheck("bytes are those of inputs and outputs, each file once, and go with the last job that has it") {
            lab in
            var first = lab.new(lab.ann)
            first.inputs = [lab.sized(.source, 100), lab.sized(.target, 2000)]
            first.isSubmitted = true
            _ = try await lab.store.create(first, now: lab.at(0))
            let (_, lease) = try #require(try await lab.claim())
            let progress = JobProgress(stage: "swapping", percent: 1, preview: BlobKey(rawValue: "preview"))
            _ = try await lab.store.progress(lease, progress, leaseUntil: lab.at(60), now: lab.at(1))
            #expect(try await lab.bytes(lab.ann) == 2100, "previews have no bytes")
            _ = try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(2))
            #expect(try await lab.bytes(lab.ann) == 2105)
            var rerun = lab.new(lab.ann)
            rerun.inputs = first.inputs
            rerun.copiedFrom = first.id
            rerun.isSubmitted = true
            _ = try await lab.store.create(rerun, now: lab.at(3))
            #expect(try await lab.bytes(lab.ann) == 2105)
            var bobs = lab.new(lab.bob)
            bobs.inputs = first.inputs
            _ = try await lab.store.create(bobs, now: lab.at(3))
            #expect(try await lab.bytes(lab.bob) == 2100, "another owner's files are his own")
            _ = try await lab.store.delete(first.id, owner: lab.ann)
            #expect(try await lab.bytes(lab.ann) == 2100)
            _ = try await lab.store.delete(rerun.id, owner: lab.ann)
            #expect(try await lab.bytes(lab.ann) == 0)
            #expect(try await lab.bytes(lab.bob) == 2100)
        },
        StoreCheck("a file in place of another counts by the difference, and a smaller one is always taken") { lab in
            let job = try await lab.draft(lab.ann)
            func set(_ bytes: Int64, _ limits: OwnerLimits) async -> MasqueError.Code? {
                await refusal {
                    try await lab.store.setInput(
                        lab.sized(.target, bytes), of: job.id, owner: lab.ann, limits: limits, now: lab.at(1))
                }
            }
            #expect(await set(4000, lab.limits(bytes: 5000)) == nil)
            #expect(await set(4001, lab.limits(bytes: 5000)) == .outOfSpace)
            #expect(try await lab.bytes(lab.ann) == 5000)
            #expect(await set(3000, lab.limits(bytes: 1000)) == nil, "less than before")
            #expect(await set(3001, lab.limits(bytes: 1000)) == .outOfSpace)
            #expect(await set(3100, lab.limits(bytes: 5000, elsewhere: 900)) == nil)
            #expect(await set(3101, lab.limits(bytes: 5000, elsewhere: 900)) == .outOfSpace)
            #expect(try await lab.bytes(lab.ann) == 4100)
        },
        StoreCheck("an owner whose results went over the limit runs nothing again, and the refusal says how much") {
            lab in
            let (old, lease) = try await lab.running(lab.ann)
            _ = try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(2))
            var rerun = lab.new(lab.ann)
            rerun.inputs = old.inputs
            rerun.copiedFrom = old.id
            rerun.isSubmitted = true
            rerun.limits = lab.limits(bytes: 2004)
            let refused = rerun
            let error = await #expect(throws: MasqueError.self) {
                _ = try await lab.store.create(refused, now: lab.at(3))
            }
            #expect(error?.code == .outOfSpace && error?.message.contains("1 MB of the 1 MB") == true)
            #expect(error?.advice?.contains("Delete jobs") == true)
            rerun.limits = lab.limits(bytes: 2005)
            _ = try await lab.store.create(rerun, now: lab.at(3))
        },
        StoreCheck("an idempotent repeat is answered also at the limit") { lab in
            var new = lab.new(lab.ann)
            new.limits = lab.limits(drafts: 1, bytes: 2000)
            new.idempotency = IdempotencyKey(key: "k", fingerprint: "f")
            let first = try await lab.store.create(new, now: lab.at(0))
            let second = try await lab.store.create(new, now: lab.at(1))
            #expect(first.isNew && !second.isNew && first.job == second.job)
        },
        StoreCheck("of keys made at once no more are taken than the owner may have in force") { lab in
            @Sendable func key(_ id: String, expiresAt: Date? = nil, at time: Double = 0) -> APIKey {
                APIKey(
                    id: id, owner: lab.ann, name: "k", scopes: [.read], createdAt: lab.at(time), expiresAt: expiresAt,
                    revokedAt: nil, lastUsedAt: nil)
            }
            try await lab.store.add(key("short", expiresAt: lab.at(100)), digest: "short", limit: 3)
            let outcomes = try await lab.atOnce(10) { store, number in
                try await store.add(key("k\(number)"), digest: "d\(number)", limit: 3)
            }
            #expect(outcomes.filter { $0 == nil }.count == 2)
            #expect(outcomes.filter { $0 == .conflict }.count == 8)
            #expect(try await lab.store.keysInForce(of: lab.ann, now: lab.at(0)) == 3)
            #expect(try await lab.store.keysInForce(of: lab.ann, now: lab.at(100)) == 2, "one has expired")
            #expect(try await lab.store.keysInForce(of: lab.bob, now: lab.at(0)) == 0)
            try await lab.store.add(key("later", at: 100), digest: "later", limit: 3)
            #expect(try await lab.store.revoke("later", owner: lab.ann, now: lab.at(101)))
            #expect(try await lab.store.keysInForce(of: lab.ann, now: lab.at(101)) == 2)
        },
    ]
}
