// What is cleaned up, and what is not.

import BlobStore
import Foundation
import JobQueue
import JobQueueSQLite
import Logging
import Services
import Testing

struct HousekeeperTests {
    @Test func `finished jobs and drafts go when their time is up, with their files, and others stay`() async throws {
        let fixture = try await JobServiceFixture()
        defer { fixture.end() }
        let draft = try await fixture.service.create(mode: "photo_photo", owner: fixture.owner).job.id
        _ = try await fixture.service.accept(
            try await fixture.upload(), as: .source, of: draft, owner: fixture.owner)
        let queued = try await fixture.service.quick(
            mode: "photo_photo", source: try await fixture.upload(), target: try await fixture.upload(),
            owner: fixture.owner
        ).job.id
        func keeper(inHours hours: Double) -> Housekeeper {
            Housekeeper(
                store: fixture.store, blobs: fixture.blobs, rules: JobRules(),
                logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
                now: { Date(timeIntervalSinceNow: hours * 3600) })
        }
        try await keeper(inHours: 23).clean()
        #expect(try fixture.fileCount() == 3)
        try await keeper(inHours: 25).clean()
        #expect(try await fixture.store.job(draft, owner: nil) == nil)
        let events = try await fixture.store.events(of: nil, after: 0, limit: 1000)
        #expect(Set(events.map(\.job)) == [queued], "the draft's history went with it")
        #expect(try await fixture.store.usage(of: fixture.owner).drafts == 0)
        #expect(try await fixture.store.job(queued, owner: nil)?.state == .queued)
        #expect(try fixture.fileCount() == 2)
    }

    @Test func `a file that no job refers to goes after an hour`() async throws {
        let fixture = try await JobServiceFixture()
        defer { fixture.end() }
        let part = try await fixture.blobs.newPart()
        try Data("orphan".utf8).write(to: URL(fileURLWithPath: part))
        let key = try await fixture.blobs.adopt(fileAt: part)
        for (hours, isThere) in [(0.5, true), (1.5, false)] {
            try await Housekeeper(
                store: fixture.store, blobs: fixture.blobs, rules: JobRules(),
                logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
                now: { Date(timeIntervalSinceNow: hours * 3600) }
            ).clean()
            let info = try await fixture.blobs.info(key)
            #expect((info != nil) == isThere)
        }
    }
}
