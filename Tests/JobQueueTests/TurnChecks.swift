// Checks of a store: whose job is next, and that no job is given out twice.

import Errors
import Foundation
import JobQueue
import Testing

extension JobStoreConformance {
    static let turnChecks: [StoreCheck] = [
        StoreCheck("a single job passes the many of another owner") { lab in
            for _ in 0..<20 { try await lab.queued(lab.ann) }
            let single = try await lab.queued(lab.bob, at: 5)
            let first = try #require(try await lab.claim()).job
            #expect(first.owner == lab.ann, "nobody was served yet: the oldest job first")
            #expect(try await lab.claim()?.job.id == single.id)
            #expect(try await lab.claim()?.job.owner == lab.ann)
        },
        StoreCheck("owners with as many running jobs are served in turn") { lab in
            let owners = ["a", "b", "c"].map(OwnerID.init(rawValue:))
            for owner in owners { for _ in 0..<4 { try await lab.queued(owner) } }
            var served: [OwnerID] = []
            // Each ends before the next claim, so that all have none running.
            while let (job, lease) = try await lab.claim() {
                served.append(job.owner)
                _ = try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(1))
            }
            #expect(served == [owners, owners, owners, owners].flatMap(\.self))
        },
        StoreCheck("an owner's jobs go in the order they were submitted") { lab in
            let late = try await lab.draft(lab.ann, at: 0)
            let early = try await lab.queued(lab.ann, at: 1)
            _ = try await lab.store.submit(late.id, owner: lab.ann, workEstimate: nil, expiresAt: nil, now: lab.at(2))
            #expect(try await lab.claim(at: 3)?.job.id == early.id)
            #expect(try await lab.claim(at: 3)?.job.id == late.id)
        },
        StoreCheck("nobody has more running in a lane than the limit, and the lanes are apart") { lab in
            for _ in 0..<4 {
                try await lab.queued(lab.ann)
                try await lab.queued(lab.ann, lane: .video)
            }
            let (_, lease) = try #require(try await lab.claim(ownerLimit: 2))
            #expect(try await lab.claim(ownerLimit: 2) != nil)
            #expect(try await lab.claim(ownerLimit: 2) == nil)
            #expect(try await lab.claim(.video, ownerLimit: 2) != nil)
            let bobs = try await lab.queued(lab.bob)
            #expect(try await lab.claim(ownerLimit: 2)?.job.id == bobs.id)
            _ = try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(1))
            #expect(try await lab.claim(ownerLimit: 2)?.job.owner == lab.ann)
            #expect(try await lab.store.activeCount(of: lab.ann) == 7)
        },
        StoreCheck("a job in backoff does not hold up the others of its owner") { lab in
            let (_, lease) = try await lab.running(lab.ann)
            let second = try await lab.queued(lab.ann)
            _ = try await lab.store.fail(
                lease, failure: lab.failure(), retryAt: lab.at(500), expiresAt: nil, now: lab.at(1))
            #expect(try await lab.claim(at: 2)?.job.id == second.id)
            #expect(try await lab.claim(at: 2) == nil)
            #expect(try await lab.claim(at: 500)?.job.id == lease.job)
        },
        StoreCheck("a clock that jumps back hides no queued job") { lab in
            let job = try await lab.queued(lab.ann, at: 100_000)
            #expect(try await lab.claim(at: 0)?.job.id == job.id)
        },
        StoreCheck("claims at the same time never give a job twice, nor lose one") { lab in
            let second = try await lab.another()
            var expected: Set<JobID> = []
            for number in 0..<200 {
                expected.insert(try await lab.queued(OwnerID(rawValue: "o\(number % 7)")).id)
            }
            let claimed = try await withThrowingTaskGroup(of: [JobID].self) { group in
                for worker in 0..<16 {
                    let store = worker.isMultiple(of: 2) ? lab.store : second
                    group.addTask {
                        var mine: [JobID] = []
                        while let claim = try await store.claim(
                            lane: .image, worker: "w\(worker)", leaseUntil: StoreLab.start + 60, ownerLimit: 1000,
                            now: StoreLab.start)
                        {
                            mine.append(claim.job.id)
                        }
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 200 && Set(claimed) == expected)
            let figures = try #require(try await lab.store.laneFigures(now: lab.at(0))[.image])
            #expect(figures.queued == 0 && figures.running == 200)
        },
        StoreCheck("the queue position tells the order of the claims to come") { lab in
            var random = Dice(state: 7)
            for round in 0..<3 {
                for _ in 0..<30 {
                    try await lab.queued(OwnerID(rawValue: "o\(random.next() % 5)"))
                }
                var positions: [JobID: Int] = [:]
                for job in try await lab.store.jobs(query(limit: 200)).jobs where job.state == .queued {
                    positions[job.id] = try await lab.store.queuePosition(of: job.id)
                }
                // Leaves some queued and all claimed ones running, so that the next round starts uneven.
                for expected in 0..<(round == 2 ? positions.count : 20) {
                    let job = try #require(try await lab.claim()).job
                    #expect(positions[job.id] == expected)
                    #expect(try await lab.store.queuePosition(of: job.id) == nil)
                }
            }
            #expect(try await lab.store.queuePosition(of: JobID(rawValue: "none")) == nil)
        },
        StoreCheck("the figures of the lanes follow what happens") { lab in
            for (number, estimate) in [10.0, 20.5, nil].enumerated() {
                var new = lab.new(lab.ann, lane: .video)
                new.isSubmitted = true
                new.workEstimate = estimate
                _ = try await lab.store.create(new, now: lab.at(Double(number)))
            }
            var figures = try await lab.store.laneFigures(now: lab.at(10))
            #expect(figures[.image] == LaneFigures())
            #expect(figures[.video]?.queued == 3 && figures[.video]?.oldestQueuedAge == 10)
            #expect(figures[.video]?.queuedWork == 30.5)
            let (_, lease) = try #require(try await lab.claim(.video))
            figures = try await lab.store.laneFigures(now: lab.at(10))
            #expect(figures[.video]?.queued == 2 && figures[.video]?.running == 1)
            #expect(figures[.video]?.queuedWork == 20.5 && figures[.video]?.oldestQueuedAge == 9)
            try await lab.store.giveBack(lease, now: lab.at(11))
            #expect(try await lab.store.laneFigures(now: lab.at(10))[.video]?.queuedWork == 30.5)
        },
    ]

    private static func query(limit: Int) -> JobQuery {
        var query = JobQuery(owner: nil)
        query.limit = limit
        return query
    }
}

/// Numbers that look random and are the same in every run.
struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
