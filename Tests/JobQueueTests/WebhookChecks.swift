// Checks of a store: webhooks and their deliveries, and API keys.

import Errors
import Foundation
import JobQueue
import Testing

private func hook(_ events: Set<WebhookEvent> = Set(WebhookEvent.allCases)) -> NewWebhook {
    NewWebhook(url: "https://example.org/hook", events: events, secret: "whsec_c2VjcmV0")
}

extension StoreLab {
    fileprivate func subscribed(_ events: Set<WebhookEvent> = Set(WebhookEvent.allCases)) async throws -> Job {
        var new = new(ann)
        new.isSubmitted = true
        new.webhook = hook(events)
        return try await store.create(new, now: at(0)).job
    }

    fileprivate func due(at time: Double, for seconds: Double = 30, limit: Int = 100) async throws -> [Delivery] {
        try await store.claimDeliveries(limit: limit, leaseUntil: at(time + seconds), now: at(time))
    }
}

extension JobStoreConformance {
    static let webhookChecks: [StoreCheck] = [
        StoreCheck("each event makes one delivery per subscription, however often the job is tried") { lab in
            let job = try await lab.subscribed()
            _ = try await lab.store.subscribe(hook([.completed]), to: job.id, owner: lab.ann, now: lab.at(0))
            var time = 1.0
            for _ in 0..<2 {
                let (_, lease) = try #require(try await lab.claim(at: time))
                try await lab.store.giveBack(lease, now: lab.at(time + 1))
                _ = try #require(try await lab.claim(at: time + 2, for: 1))
                _ = try await lab.store.recover(workersOf: nil, now: lab.at(time + 5))
                time += 10
            }
            let (_, lease) = try #require(try await lab.claim(at: time))
            let output = lab.output()
            _ = try await lab.store.complete(lease, output: output, expiresAt: nil, now: lab.at(time + 1))
            let deliveries = try await lab.due(at: 100)
            #expect(deliveries.map(\.event) == [.queued, .running, .completed, .completed])
            #expect(deliveries.map(\.job.state) == [.queued, .running, .completed, .completed])
            #expect(Set(deliveries.map(\.id)).count == 4 && Set(deliveries.map(\.webhook.id)).count == 2)
            #expect(deliveries[1].job.attempts == 1, "the job as it was at the event")
            #expect(deliveries[2].job == (try await lab.store.job(job.id, owner: nil)))
            #expect(deliveries[0].webhook.secret == "whsec_c2VjcmV0" && deliveries[0].at == lab.at(0))
            #expect(deliveries.allSatisfy { $0.state == .pending && $0.attempts == 0 && $0.webhook.job == job.id })
        },
        StoreCheck("failed and canceled jobs are told, too") { lab in
            _ = try await lab.subscribed([.failed])
            let (_, lease) = try #require(try await lab.claim())
            _ = try await lab.store.fail(lease, failure: lab.failure(), retryAt: nil, expiresAt: nil, now: lab.at(1))
            let second = try await lab.subscribed([.canceled])
            _ = try await lab.store.cancel(second.id, owner: nil, now: lab.at(2))
            let deliveries = try await lab.due(at: 5)
            #expect(deliveries.map(\.event) == [.failed, .canceled])
            #expect(deliveries[0].job.failure == lab.failure())
        },
        StoreCheck("a lent delivery goes to nobody else, and comes again under its id when its lender dies") { lab in
            _ = try await lab.subscribed([.queued])
            let second = try await lab.another()
            let first = try await lab.due(at: 1)
            #expect(first.count == 1)
            #expect(
                try await second.claimDeliveries(limit: 9, leaseUntil: lab.at(60), now: lab.at(2)).isEmpty)
            #expect(try await lab.due(at: 31).map(\.id) == first.map(\.id))
        },
        StoreCheck("the oldest deliveries go first, no more than asked for") { lab in
            let jobs = [try await lab.subscribed([.queued]), try await lab.subscribed([.queued])]
            #expect(try await lab.due(at: 1, limit: 1).map(\.job.id) == [jobs[0].id])
            #expect(try await lab.due(at: 1, limit: 1).map(\.job.id) == [jobs[1].id])
            #expect(try await lab.due(at: 1, limit: 1).isEmpty)
        },
        StoreCheck("deliveries are retried when it is time, and over when delivered or dead") { lab in
            _ = try await lab.subscribed([.queued])
            let id = try #require(try await lab.due(at: 1).first).id
            try await lab.store.record(.retry(at: lab.at(50), error: "It answered 500."), of: id, now: lab.at(2))
            #expect(try await lab.due(at: 49).isEmpty)
            let retry = try #require(try await lab.due(at: 50).first)
            #expect(retry.id == id && retry.attempts == 1 && retry.lastError == "It answered 500.")
            #expect(retry.nextAttemptAt == lab.at(50))
            try await lab.store.record(.dead(error: "It hung."), of: id, now: lab.at(51))
            #expect(try await lab.due(at: 9000).isEmpty)
            let dead = try await lab.store.deliveries(state: .dead, job: nil, limit: 9)
            #expect(dead.map(\.id) == [id] && dead.first?.attempts == 2 && dead.first?.nextAttemptAt == nil)
            let replayed = try #require(try await lab.store.replay(id, now: lab.at(60)))
            #expect(replayed.id == id && replayed.state == .pending && replayed.attempts == 0)
            #expect(try await lab.due(at: 60).map(\.id) == [id])
            try await lab.store.record(.delivered, of: id, now: lab.at(61))
            try await lab.store.record(.retry(at: lab.at(70), error: "late"), of: id, now: lab.at(62))
            let delivered = try #require(try await lab.store.deliveries(state: .delivered, job: nil, limit: 9).first)
            #expect(delivered.id == id && delivered.lastError == nil)
            #expect(try await lab.due(at: 9000).isEmpty)
            #expect(try await lab.store.replay("none", now: lab.at(1)) == nil)
            try await lab.store.record(.delivered, of: "none", now: lab.at(1))
        },
        StoreCheck("a target that is gone gets nothing more, until somebody replays") { lab in
            let job = try await lab.subscribed()
            _ = try await lab.claim()
            let first = try #require(try await lab.due(at: 1, limit: 1).first)
            try await lab.store.record(.gone(error: "It answered 410."), of: first.id, now: lab.at(2))
            #expect(try await lab.due(at: 900).isEmpty)
            #expect(try await lab.store.deliveries(state: .dead, job: job.id, limit: 9).count == 2)
            #expect(try await lab.store.webhooks(of: job.id, owner: lab.ann).map(\.isDisabled) == [true])
            _ = try await lab.store.recover(workersOf: "w", now: lab.at(3))
            _ = try await lab.store.cancel(job.id, owner: nil, now: lab.at(3))
            #expect(try await lab.due(at: 900).isEmpty)
            _ = try await lab.store.replay(first.id, now: lab.at(901))
            #expect(try await lab.due(at: 901).map(\.id) == [first.id])
        },
        StoreCheck("who subscribes late hears of what has happened, once") { lab in
            let (job, lease) = try await lab.running(lab.ann)
            _ = try await lab.store.complete(lease, output: lab.output(), expiresAt: nil, now: lab.at(4))
            let made = try await lab.store.subscribe(
                hook([.running, .completed, .failed]), to: job.id, owner: lab.ann, now: lab.at(5))
            let deliveries = try await lab.due(at: 5)
            #expect(deliveries.map(\.event) == [.running, .completed])
            #expect(deliveries.map(\.job.state) == [.running, .completed])
            #expect(deliveries[0].job.output == nil && deliveries[1].job.output != nil)
            #expect(try await lab.store.webhooks(of: job.id, owner: lab.ann) == [made])
            #expect(made.events == [.running, .completed, .failed] && !made.isDisabled)
        },
        StoreCheck("a job takes ten subscriptions, and one that is taken back hears nothing") { lab in
            let job = try await lab.draft(lab.ann)
            var ids: [String] = []
            for _ in 0..<10 {
                ids.append(
                    try await lab.store.subscribe(hook(), to: job.id, owner: lab.ann, now: lab.at(0)).id)
            }
            let subscribe = { try await lab.store.subscribe(hook(), to: job.id, owner: lab.ann, now: lab.at(0)) }
            #expect(await refusal(subscribe) == .conflict)
            for id in ids.dropFirst() { try await lab.store.unsubscribe(id, from: job.id, owner: lab.ann) }
            let gone = ids[1]
            #expect(
                await refusal { try await lab.store.unsubscribe(gone, from: job.id, owner: lab.ann) } == .notFound)
            _ = try await lab.store.submit(job.id, owner: lab.ann, workEstimate: nil, expiresAt: nil, now: lab.at(1))
            #expect(try await lab.due(at: 1).map(\.webhook.id) == [ids[0]])
            #expect(try await lab.store.deliveries(state: .pending, job: job.id, limit: 9).count == 1)
            #expect(try await lab.store.deliveries(state: nil, job: JobID(rawValue: "x"), limit: 9).isEmpty)
        },
    ]

    static let keyChecks: [StoreCheck] = [
        StoreCheck("keys are found by digest, revoked ones too, and their use is noted once a minute") { lab in
            let key = APIKey(
                id: "k1", owner: lab.ann, name: "laptop 노트북", scopes: [.read, .write], createdAt: lab.at(0),
                expiresAt: lab.at(500), revokedAt: nil, lastUsedAt: nil)
            try await lab.store.add(key, digest: "d1")
            #expect(try await lab.store.keys(of: lab.ann) == [key])
            #expect(try await lab.store.key(digest: "none", now: lab.at(1)) == nil)
            let used = try #require(try await lab.store.key(digest: "d1", now: lab.at(1)))
            #expect(used.scopes == key.scopes && used.name == key.name && used.expiresAt == lab.at(500))
            #expect(used.lastUsedAt == lab.at(1))
            #expect(try await lab.store.key(digest: "d1", now: lab.at(50))?.lastUsedAt == lab.at(1))
            #expect(try await lab.store.key(digest: "d1", now: lab.at(900))?.lastUsedAt == lab.at(900))
            #expect(try await !lab.store.revoke("k1", owner: lab.bob, now: lab.at(2)))
            #expect(try await lab.store.revoke("k1", owner: lab.ann, now: lab.at(2)))
            #expect(try await lab.store.revoke("k1", owner: nil, now: lab.at(3)))
            #expect(try await lab.store.key(digest: "d1", now: lab.at(901))?.revokedAt == lab.at(2))
            #expect(await refusal { try await lab.store.add(key, digest: "d2") } == .conflict)
        },
        StoreCheck("keys are listed newest first, per owner or all") { lab in
            for (number, owner) in [lab.ann, lab.bob, lab.ann].enumerated() {
                let key = APIKey(
                    id: "k\(number)", owner: owner, name: "", scopes: [.admin], createdAt: lab.at(0), expiresAt: nil,
                    revokedAt: nil, lastUsedAt: nil)
                try await lab.store.add(key, digest: "d\(number)")
            }
            #expect(try await lab.store.keys(of: lab.ann).map(\.id) == ["k2", "k0"])
            #expect(try await lab.store.keys(of: nil).map(\.id) == ["k2", "k1", "k0"])
        },
    ]
}
