// Checks of a store: events, lists, and what is learned from finished jobs.

import Errors
import Foundation
import JobQueue
import Testing

extension JobStoreConformance {
    static let historyChecks: [StoreCheck] = [
        StoreCheck("events are numbered upwards over all jobs and are read from any number on") { lab in
            #expect(try await lab.store.newestEvent() == 0)
            let (first, lease) = try await lab.running(lab.ann)
            let second = try await lab.queued(lab.bob)
            _ = try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(9))
            let all = try await lab.store.events(of: nil, after: 0, limit: 1000)
            #expect(all.map(\.number) == all.map(\.number).sorted() && Set(all.map(\.number)).count == all.count)
            #expect(all.first?.number == 1)
            #expect(try await lab.store.newestEvent() == all.last?.number)
            let own = try await lab.store.events(of: first.id, after: 0, limit: 1000)
            #expect(own == all.filter { $0.job == first.id })
            #expect(own.last?.state == .completed && own.last?.at == lab.at(9) && own.last?.progress == 100)
            #expect(all.contains { $0.job == second.id })
            let middle = all[2].number
            let rest = try await lab.store.events(of: nil, after: middle, limit: 2)
            #expect(rest == Array(all[3...4]))
            #expect(try await lab.store.events(of: first.id, after: own[0].number, limit: 1) == [own[1]])
        },
        StoreCheck("of the progress only the newest line per stage is kept, with a new number") { lab in
            let (job, lease) = try await lab.running(lab.ann)
            let before = try await lab.store.newestEvent()
            for (stage, percent) in [("analysing", 1.0), ("analysing", 4), ("swapping", 10), ("swapping", 30)] {
                let progress = JobProgress(stage: stage, percent: percent)
                _ = try await lab.store.progress(lease, progress, leaseUntil: lab.at(60), now: lab.at(1))
            }
            let events = try await lab.store.events(of: job.id, after: before, limit: 100)
            #expect(events.map(\.stage) == ["analysing", "swapping"] && events.map(\.progress) == [4, 30])
            #expect(events.map(\.number) == [before + 2, before + 4])
            #expect(try await lab.kinds(job.id).prefix(5) == [.created, .uploaded, .uploaded, .queued, .running])
        },
        StoreCheck("numbers are not given again when the newest events are deleted") { lab in
            let job = try await lab.draft(lab.ann)
            let newest = try await lab.store.newestEvent()
            _ = try await lab.store.delete(job.id, owner: lab.ann)
            #expect(try await lab.store.newestEvent() == newest)
            let next = try await lab.draft(lab.ann)
            let first = try await lab.store.events(of: next.id, after: 0, limit: 1).first
            #expect(first?.number == newest + 1)
        },
        StoreCheck("pages show every job once, newest first, while jobs are added and deleted") { lab in
            var made: [JobID] = []
            // Several at one time: the order must not hang on it.
            for number in 0..<25 { made.append(try await lab.draft(lab.ann, at: Double(number / 5)).id) }
            var query = JobQuery(owner: lab.ann)
            query.limit = 10
            var seen: [JobID] = []
            repeat {
                let page = try await lab.store.jobs(query)
                #expect(page.jobs.count <= 10)
                seen += page.jobs.map(\.id)
                query.cursor = page.nextCursor
                _ = try await lab.draft(lab.ann, at: 99)
                if seen.count == 10, let last = seen.last { _ = try await lab.store.delete(last, owner: nil) }
            } while query.cursor != nil
            #expect(seen == made.reversed())
        },
        StoreCheck("jobs are counted by state, however many there are, and those made since a time") { lab in
            let nothing = try await lab.store.jobCounts(since: lab.at(0))
            #expect(nothing.states.values.allSatisfy { $0 == 0 } && nothing.new == 0)
            // More than a page of a list.
            for number in 0..<230 { try await lab.queued(number % 2 == 0 ? lab.ann : lab.bob, at: Double(number)) }
            for number in 0..<3 { _ = try await lab.draft(lab.ann, lane: .video, at: Double(300 + number)) }
            let (done, broken) = try await (lab.claim(at: 400), lab.claim(at: 400))
            _ = try await lab.claim(at: 400)
            _ = try await lab.store.complete(
                try #require(done).lease, output: lab.output(), expiresAt: nil, now: lab.at(401))
            _ = try await lab.store.fail(
                try #require(broken).lease, failure: lab.failure(retryable: false), retryAt: nil, expiresAt: nil,
                now: lab.at(401))
            let gone = try await lab.queued(lab.bob, at: 402)
            _ = try await lab.store.cancel(gone.id, owner: nil, now: lab.at(403))
            let counts = try await lab.store.jobCounts(since: lab.at(229))
            #expect(
                counts.states == [
                    .draft: 3, .queued: 227, .running: 1, .completed: 1, .failed: 1, .canceled: 1,
                ])
            #expect(counts.new == 5)
            #expect(try await lab.store.jobCounts(since: lab.at(402.5)).new == 0)
        },
        StoreCheck("the last page has no cursor, and a made-up cursor is refused") { lab in
            for _ in 0..<4 { _ = try await lab.draft(lab.ann) }
            var query = JobQuery(owner: lab.ann)
            query.limit = 4
            #expect(try await lab.store.jobs(query).nextCursor == nil)
            query.limit = 0
            let page = try await lab.store.jobs(query)
            #expect(page.jobs.count == 1 && page.nextCursor != nil)
            for cursor in ["", "x", "-1", "1; DROP TABLE job", String(repeating: "9", count: 400)] {
                query.cursor = cursor
                #expect(await refusal { try await lab.store.jobs(query) } == .badInput)
            }
        },
        StoreCheck("lists are filtered by owner, state, lane and mode") { lab in
            let draft = try await lab.draft(lab.ann)
            let video = try await lab.queued(lab.ann, lane: .video)
            let bobs = try await lab.queued(lab.bob)
            func ids(_ change: (inout JobQuery) -> Void) async throws -> Set<JobID> {
                var query = JobQuery(owner: nil)
                change(&query)
                return Set(try await lab.store.jobs(query).jobs.map(\.id))
            }
            #expect(try await ids { _ in } == [draft.id, video.id, bobs.id])
            #expect(try await ids { $0.owner = lab.ann } == [draft.id, video.id])
            #expect(try await ids { $0.states = [.queued, .failed] } == [video.id, bobs.id])
            #expect(try await ids { $0.lane = .video } == [video.id])
            #expect(try await ids { $0.mode = "photo_photo" } == [draft.id, bobs.id])
            #expect(
                try await ids {
                    $0.owner = lab.ann
                    $0.states = [.queued]
                    $0.mode = "photo_photo"
                }.isEmpty)
        },
        StoreCheck("past work is told newest first, of completed jobs of the lane alone") { lab in
            for seconds in [5.0, 8] {
                let (_, lease) = try await lab.running(lab.ann, at: 0)
                _ = try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(seconds))
            }
            let (_, lost) = try await lab.running(lab.ann, at: 0)
            _ = try await lab.store.fail(lost, failure: lab.failure(), retryAt: nil, expiresAt: nil, now: lab.at(1))
            let past = try await lab.store.pastWork(lane: .image, limit: 10)
            #expect(past.map(\.seconds) == [8, 5])
            #expect(past.first?.width == 640 && past.first?.targetByteCount == 1000 && past.first?.duration == nil)
            #expect(past.first?.description == lab.description())
            #expect(try await lab.store.pastWork(lane: .image, limit: 1).count == 1)
            #expect(try await lab.store.pastWork(lane: .video, limit: 10).isEmpty)
        },
    ]
}
