// Listeners hear everything once and in order, whatever happens around them.

import Errors
import Foundation
import JobQueue
import JobQueueSQLite
import Testing

/// Runs the body with a feed that runs.
private func withFeed(
    _ lab: StoreLab, interval: Duration = .milliseconds(5), deletions: Duration = .seconds(60),
    _ body: (EventFeed) async throws -> Void
) async throws {
    let feed = EventFeed(store: lab.store, interval: interval, deletionInterval: deletions)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await feed.run() }
        try await body(feed)
        group.cancelAll()
    }
}

private func all(_ stream: AsyncThrowingStream<JobEvent, any Error>) async throws -> [JobEvent] {
    var events: [JobEvent] = []
    for try await event in stream { events.append(event) }
    return events
}

extension StoreLab {
    /// A draft's way to its end, one event after the other.
    fileprivate func workOff(_ job: JobID, owner: OwnerID, pause: Duration = .milliseconds(2)) async throws {
        _ = try await store.submit(job, owner: owner, workEstimate: nil, expiresAt: nil, now: at(1))
        try await Task.sleep(for: pause)
        let (_, lease) = try #require(try await claim(at: 1))
        for stage in ["loading", "analysing", "swapping", "joining"] {
            try await Task.sleep(for: pause)
            _ = try await store.progress(
                lease, JobProgress(stage: stage, percent: 50), leaseUntil: at(60), now: at(2))
        }
        try await Task.sleep(for: pause)
        _ = try await store.complete(lease, output: output(), expiresAt: nil, now: at(3))
    }
}

@Suite(.timeLimit(.minutes(2))) struct EventFeedTests {
    @Test func `a listener gets the past and then what happens, once and in order, and an end`() async throws {
        try await withSQLiteLab { lab, _ in
            let job = try await lab.draft(lab.ann)
            try await withFeed(lab) { feed in
                let stream = await feed.events(of: job.id, after: 0)
                async let heard = all(stream)
                try await lab.workOff(job.id, owner: lab.ann)
                let events = try await heard
                #expect(events == (try await lab.store.events(of: job.id, after: 0, limit: 100)))
                #expect(events.last?.kind == .completed && events.count == 10)
                let rest = try await all(feed.events(of: job.id, after: events[4].number))
                #expect(rest == Array(events[5...]), "resumed after a number")
                let none = try await all(feed.events(of: job.id, after: events[9].number))
                #expect(none.isEmpty, "all was told: an end at once")
            }
        }
    }

    @Test func `many listeners that come at any time each hear every event once`() async throws {
        try await withSQLiteLab { lab, _ in
            try await withFeed(lab, interval: .milliseconds(1)) { feed in
                for _ in 0..<10 {
                    let job = try await lab.draft(lab.ann)
                    let heard = try await withThrowingTaskGroup(of: [JobEvent].self) { group in
                        for listener in 0..<20 {
                            group.addTask {
                                try await Task.sleep(for: .microseconds(listener * 700))
                                return try await all(feed.events(of: job.id, after: 0))
                            }
                        }
                        try await lab.workOff(job.id, owner: lab.ann, pause: .milliseconds(1))
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    let expected = try await lab.store.events(of: job.id, after: 0, limit: 100)
                    for events in heard { #expect(events == expected) }
                }
            }
        }
    }

    @Test func `a thousand listeners are told in little time`() async throws {
        try await withSQLiteLab { lab, _ in
            let jobs = try await withThrowingTaskGroup(of: Job.self) { group in
                for number in 0..<100 { group.addTask { try await lab.queued(OwnerID(rawValue: "o\(number)")) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try await withFeed(lab, interval: .milliseconds(20)) { feed in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<1000 {
                        let stream = await feed.events(of: jobs[number % 100].id, after: 0)
                        group.addTask { try await all(stream).count }
                    }
                    let begin = ContinuousClock.now
                    while let (_, lease) = try await lab.claim() {
                        _ = try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(1))
                    }
                    var ended = 0
                    for try await count in group {
                        #expect(count == 6)
                        ended += 1
                    }
                    #expect(ended == 1000)
                    #expect(ContinuousClock.now - begin < .seconds(30))
                }
            }
        }
    }

    @Test func `a slow listener misses only outdated progress`() async throws {
        try await withSQLiteLab { lab, _ in
            let job = try await lab.queued(lab.ann)
            try await withFeed(lab, interval: .milliseconds(1)) { feed in
                var iterator = await feed.events(of: job.id, after: 0).makeAsyncIterator()
                #expect(try await iterator.next()?.kind == .created)
                for round in 0..<60 {
                    let (_, lease) = try #require(try await lab.claim(at: 2))
                    for percent in [10.0, 20, 30] {
                        _ = try await lab.store.progress(
                            lease, JobProgress(stage: "s\(round)", percent: percent), leaseUntil: lab.at(60),
                            now: lab.at(2))
                    }
                    if round.isMultiple(of: 7) { try await Task.sleep(for: .milliseconds(5)) }
                    try await lab.store.giveBack(lease, now: lab.at(3))
                }
                _ = try await lab.store.cancel(job.id, owner: nil, now: lab.at(4))
                var heard: [JobEvent] = []
                while let event = try await iterator.next() { heard.append(event) }
                let kept = try await lab.store.events(of: job.id, after: 1, limit: 1000)
                #expect(heard.map(\.number) == heard.map(\.number).sorted())
                #expect(Set(heard.map(\.number)).count == heard.count)
                #expect(heard.filter { $0.kind != .progress } == kept.filter { $0.kind != .progress })
                #expect(heard.last?.kind == .canceled)
                let stages = Dictionary(grouping: heard.filter { $0.kind == .progress }, by: \.stage)
                #expect(stages.count == 60)
                #expect(stages.values.allSatisfy { $0.last?.progress == 30 })
            }
        }
    }

    @Test func `a poke brings news at once, also those of another store on the same data`() async throws {
        try await withSQLiteLab { lab, _ in
            let job = try await lab.draft(lab.ann)
            let second = try await lab.another()
            try await withFeed(lab, interval: .seconds(3600)) { feed in
                var iterator = await feed.events(of: job.id, after: 0).makeAsyncIterator()
                for _ in 0..<3 { _ = try await iterator.next() }
                // The first look only takes its bearings.
                feed.poke()
                _ = try await second.submit(job.id, owner: lab.ann, workEstimate: nil, expiresAt: nil, now: lab.at(1))
                feed.poke()
                #expect(try await iterator.next()?.kind == .queued)
                _ = try await second.cancel(job.id, owner: lab.ann, now: lab.at(2))
                feed.poke()
                #expect(try await iterator.next()?.kind == .canceled)
                #expect(try await iterator.next() == nil)
            }
        }
    }

    @Test func `a stream ends when its job is deleted or was never there`() async throws {
        try await withSQLiteLab { lab, _ in
            try await withFeed(lab, deletions: .milliseconds(10)) { feed in
                #expect(try await all(feed.events(of: JobID(rawValue: "none"), after: 0)).isEmpty)
                let job = try await lab.draft(lab.ann)
                async let heard = all(feed.events(of: job.id, after: 0))
                try await Task.sleep(for: .milliseconds(30))
                _ = try await lab.store.delete(job.id, owner: nil)
                #expect(try await heard.count == 3)
            }
            try await withFeed(lab) { feed in
                let job = try await lab.draft(lab.ann)
                async let heard = all(feed.events(of: job.id, after: 0))
                try await Task.sleep(for: .milliseconds(30))
                _ = try await lab.store.delete(job.id, owner: nil)
                await feed.forget(job.id)
                #expect(try await heard.count == 3)
            }
        }
    }

    @Test func `streams end when the feed stops or their reader is cancelled`() async throws {
        try await withSQLiteLab { lab, _ in
            let job = try await lab.draft(lab.ann)
            let feed = EventFeed(store: lab.store, interval: .milliseconds(5))
            let run = Task { try await feed.run() }
            let stream = await feed.events(of: job.id, after: 0)
            let reader = Task { try await all(stream).count }
            let impatient = Task { try await all(feed.events(of: job.id, after: 0)).count }
            try await Task.sleep(for: .milliseconds(30))
            impatient.cancel()
            _ = try await impatient.value
            run.cancel()
            try await run.value
            #expect(try await reader.value == 3)
            let late = try await all(feed.events(of: job.id, after: 0))
            #expect(late.count == 3, "what is in the store is still told")
        }
    }

    @Test func `an error of the store is reported, and thrown to those who read`() async throws {
        try await withSQLiteLab { lab, path in
            let job = try await lab.draft(lab.ann)
            let store = try await SQLiteStore(path: path)
            let (errors, reports) = AsyncStream<String>.makeStream()
            let feed = EventFeed(store: store, interval: .milliseconds(1)) { reports.yield("\($0)") }
            let stream = await feed.events(of: job.id, after: 0)
            try await store.close()
            let run = Task { try await feed.run() }
            var iterator = errors.makeAsyncIterator()
            // Twice: it goes on after the first.
            for _ in 0..<2 { #expect(await iterator.next()?.contains("is closed") == true) }
            #expect(await refusal { try await all(stream) } == .unavailable)
            run.cancel()
            try await run.value
        }
    }

    @Test func `waiting for the end of a job gives it when it comes in time, else nothing`() async throws {
        try await withSQLiteLab { lab, _ in
            try await withFeed(lab) { feed in
                let none = try await feed.final(of: JobID(rawValue: "none"), within: .seconds(60))
                #expect(none == nil)
                let job = try await lab.draft(lab.ann)
                #expect(try await feed.final(of: job.id, within: .milliseconds(20)) == nil)
                #expect(try await feed.final(of: job.id, within: .zero) == nil)
                async let ended = feed.final(of: job.id, within: .seconds(60))
                try await lab.workOff(job.id, owner: lab.ann)
                let found = try await ended
                #expect(found?.state == .completed && found?.output != nil)
                #expect(try await feed.final(of: job.id, within: .zero) == found)
            }
        }
    }
}
