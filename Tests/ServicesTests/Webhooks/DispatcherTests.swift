// The dispatcher as a service: many hosts at once, waking, shutting down.

import Errors
import Foundation
import JobQueue
import JobQueueSQLite
import Services
import Synchronization
import Testing

@Suite struct DispatcherTests {
    @Test func `a host that hangs gets two connections and holds up nobody else`() async throws {
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                .hang
            } _: { slow in
                try await HookServer.with { _, _ in
                    .status("204 No Content")
                } _: { quick in
                    for _ in 0..<8 { try await lab.subscribe("http://127.0.0.1:\(slow.port)/") }
                    let webhook = try await lab.subscribe("http://127.0.0.3:\(quick.port)/")
                    // The quick one is named differently: hosts are counted by name.
                    let other = try await lab.subscribe("http://quick.example:\(quick.port)/")
                    let resolver = ScriptedResolver(["127.0.0.1"])
                    try await lab.running(try lab.dispatcher(timeout: .seconds(2), resolver: resolver)) {
                        _ = try await lab.wait(for: other) { $0.state == .delivered }
                        _ = try await lab.wait(for: webhook) { $0.attempts == 1 }
                        #expect(slow.requests.count == 2)
                    }
                    #expect(slow.mostAtOnce == 2)
                }
            }
        }
    }

    @Test func `an endpoint that hangs holds up neither its owner's others nor another owner on its host`() async throws
    {
        let gate = HookGate()
        try await HookLab.with { lab in
            try await HookServer.with { request, _ in
                request.line.contains("/hang")
                    ? .after(gate.wait, "HTTP/1.1 204 No Content\r\n\r\n") : .status("204 No Content")
            } _: { server in
                func hung() -> Int { server.requests.count { $0.line.contains("/hang") } }
                let place = "http://127.0.0.1:\(server.port)"
                // Nothing of this waits for a time to pass: the attempts that hang have a minute.
                try await lab.running(try lab.dispatcher(timeout: .seconds(60))) {
                    defer { gate.open() }
                    for number in 0..<6 { try await lab.subscribe("\(place)/hang/a?\(number)") }
                    let own = try await lab.subscribe("\(place)/quick")
                    _ = try await lab.wait(for: own) { $0.state == .delivered }
                    for number in 0..<3 { try await lab.subscribe("\(place)/hang/b?\(number)") }
                    for _ in 0..<2_000 where hung() < 4 { try await Task.sleep(for: .milliseconds(5)) }
                    let other = try await lab.subscribe("\(place)/quick", as: OwnerID(rawValue: "bob"))
                    _ = try await lab.wait(for: other) { $0.state == .delivered }
                    #expect(hung() == 4, "two of each endpoint, and no more of one owner to one host")
                }
            }
        }
    }

    @Test func `a poke sends at once, without waiting for the next poll`() async throws {
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                .status("204 No Content")
            } _: { server in
                let dispatcher = try lab.dispatcher(poll: .seconds(3_600))
                try await lab.running(dispatcher) {
                    // The first round at the start finds nothing.
                    try await Task.sleep(for: .milliseconds(100))
                    let webhook = try await lab.subscribe("http://127.0.0.1:\(server.port)/")
                    dispatcher.poke()
                    _ = try await lab.wait(for: webhook) { $0.state == .delivered }
                }
            }
        }
    }

    @Test func `a shutdown lets what is in flight arrive and starts nothing new`() async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let (released, release) = AsyncStream<Void>.makeStream()
        try await HookLab.with { lab in
            let answer = HookAnswer.after(
                {
                    start.yield()
                    for await _ in released { break }
                }, "HTTP/1.1 204 No Content\r\n\r\n")
            try await HookServer.with { _, _ in
                answer
            } _: { server in
                let webhook = try await lab.subscribe("http://127.0.0.1:\(server.port)/")
                try await lab.running(try lab.dispatcher()) {
                    for await _ in started { break }
                    // The answer comes only after the shutdown has begun.
                    Task {
                        try await Task.sleep(for: .milliseconds(200))
                        release.yield()
                    }
                }
                #expect(try await lab.delivery(to: webhook)?.state == .delivered)
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test func `what a killed server had in flight is sent again under the same id`() async throws {
        try await HookLab.with { lab in
            try await HookServer.with { _, number in
                number == 0 ? .hang : .status("204 No Content")
            } _: { server in
                let webhook = try await lab.subscribe("http://127.0.0.1:\(server.port)/")
                let killed = try lab.dispatcher()
                let task = Task { try await killed.run() }
                while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                task.cancel()
                _ = await task.result
                #expect(try await lab.delivery(to: webhook)?.attempts == 0)
                lab.clock.advance(60)
                try await lab.running(try lab.dispatcher()) {
                    _ = try await lab.wait(for: webhook) { $0.state == .delivered }
                }
                #expect(server.requests.count == 2)
                #expect(Set(server.requests.map { $0.headers["webhook-id"] }).count == 1)
            }
        }
    }

    @Test func `a replayed delivery is sent again under its id`() async throws {
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                .status("204 No Content")
            } _: { server in
                let webhook = try await lab.subscribe("http://127.0.0.1:\(server.port)/")
                try await lab.running(try lab.dispatcher()) {
                    let first = try await lab.wait(for: webhook) { $0.state == .delivered }
                    _ = try await lab.store.replay(first.id, now: lab.clock.now)
                    while server.requests.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
                    _ = try await lab.wait(for: webhook) { $0.state == .delivered }
                }
                #expect(Set(server.requests.map { $0.headers["webhook-id"] }).count == 1)
            }
        }
    }
}
