// Deliveries against a real target on loopback that behaves well, badly and worse.

import Crypto
import Errors
import Foundation
import JobQueue
import JobQueueSQLite
import Services
import Synchronization
import Testing

@Suite struct WebhookTests {
    /// Checks a delivery as a receiver would, by swift-crypto alone.
    private func isSigned(_ request: HookRequest, secret: String) -> Bool {
        guard let key = Data(base64Encoded: String(secret.dropFirst(6))), let id = request.headers["webhook-id"],
            let timestamp = request.headers["webhook-timestamp"],
            let header = request.headers["webhook-signature"], header.hasPrefix("v1,"),
            let mac = Data(base64Encoded: String(header.dropFirst(3)))
        else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            mac, authenticating: Data("\(id).\(timestamp).".utf8) + request.body, using: SymmetricKey(data: key))
    }

    @Test func `a signature is the one that the specification's example gives`() throws {
        let signer = try WebhookSigner(secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let signature = signer.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test(arguments: ["", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    func `what is no webhook secret is refused`(secret: String) {
        #expect(throws: MasqueError.self) { try WebhookSigner(secret: secret) }
    }

    @Test func `a delivery arrives whole and signed, and is not sent again`() async throws {
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                .status("204 No Content")
            } _: { server in
                let webhook = try await lab.subscribe("http://127.0.0.1:\(server.port)/hook?x=1")
                try await lab.running(try lab.dispatcher()) {
                    let delivery = try await lab.wait(for: webhook) { $0.state == .delivered }
                    #expect(delivery.attempts == 1 && delivery.lastError == nil)
                    lab.clock.advance(1_000_000)
                    try await Task.sleep(for: .milliseconds(100))
                }
                let request = try #require(server.requests.first)
                #expect(server.requests.count == 1)
                #expect(request.line == "POST /hook?x=1 HTTP/1.1")
                #expect(request.headers["content-type"] == "application/json")
                #expect(request.headers["user-agent"]?.hasPrefix("Masque") == true)
                #expect(request.headers["webhook-id"] == (try await lab.delivery(to: webhook))?.id)
                #expect(request.headers["webhook-timestamp"] == "1800000000")
                #expect(request.headers["host"] == "127.0.0.1:\(server.port)")
                #expect(isSigned(request, secret: webhook.secret))
                #expect(!isSigned(request, secret: WebhookSigner.makeSecret()))
                #expect(
                    String(decoding: request.body, as: UTF8.self)
                        == #"{"type":"job.canceled","timestamp":"2027-01-15T08:00:00.000Z","job_id":"job_hooks","status":"canceled","data":{"job_id":"job_hooks"}}"#
                )
            }
        }
    }

    @Test func `failures are retried on schedule under the same id, then given up`() async throws {
        let delays: [Double] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                .status("500 Internal Server Error")
            } _: { server in
                let webhook = try await lab.subscribe("http://127.0.0.1:\(server.port)/")
                let dispatcher = try lab.dispatcher()
                try await lab.running(dispatcher) {
                    for (index, delay) in delays.enumerated() {
                        let delivery = try await lab.wait(for: webhook) { $0.attempts == index + 1 }
                        #expect(delivery.state == .pending)
                        #expect(delivery.nextAttemptAt == lab.clock.now.addingTimeInterval(delay))
                        #expect(delivery.lastError == "127.0.0.1 answered 500 Internal Server Error.")
                        lab.clock.advance(delay)
                        dispatcher.poke()
                    }
                    let dead = try await lab.wait(for: webhook) { $0.state == .dead }
                    #expect(dead.attempts == 10)
                }
                #expect(server.requests.count == 10)
                #expect(Set(server.requests.map { $0.headers["webhook-id"] }).count == 1)
                #expect(server.requests.allSatisfy { isSigned($0, secret: webhook.secret) })
                #expect(Set(server.requests.map { $0.headers["webhook-timestamp"] }).count == 10)
            }
        }
    }

    @Test(arguments: [
        ("429 Too Many Requests", "retry-after: 120", 120.0), ("503 Service Unavailable", "retry-after: 2", 5),
        ("502 Bad Gateway", "retry-after: 99999999", 86_400),
        ("504 Gateway Timeout", "Retry-After: Fri, 15 Jan 2027 08:10:00 GMT", 600),
        ("429 Too Many Requests", "retry-after: soon", 5), ("404 Not Found", "x: y", 5),
        ("400 Bad Request", "retry-after: -5", 5),
    ])
    func `Retry-After is honoured up to a day and never shortens the delay`(
        status: String, header: String, delay: Double
    ) async throws {
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                .status(status, header)
            } _: { server in
                let webhook = try await lab.subscribe("http://127.0.0.1:\(server.port)/")
                try await lab.running(try lab.dispatcher()) {
                    let delivery = try await lab.wait(for: webhook) { $0.attempts == 1 }
                    #expect(delivery.nextAttemptAt == lab.clock.now.addingTimeInterval(delay))
                }
            }
        }
    }

    @Test func `a redirect is a failure that names where it pointed, and is not followed`() async throws {
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                .status("204 No Content")
            } _: { inner in
                let location = "http://127.0.0.1:\(inner.port)/secret"
                try await HookServer.with { _, _ in
                    .status("302 Found", "location: \(location)")
                } _: { server in
                    let webhook = try await lab.subscribe("http://127.0.0.1:\(server.port)/")
                    try await lab.running(try lab.dispatcher()) {
                        let delivery = try await lab.wait(for: webhook) { $0.attempts == 1 }
                        #expect(delivery.state == .pending)
                        #expect(
                            delivery.lastError
                                == "127.0.0.1 answered 302 Found and pointed to \(location); redirects are not followed."
                        )
                    }
                    #expect(inner.requests.isEmpty)
                }
            }
        }
    }

    @Test func `410 ends the subscription`() async throws {
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                .status("410 Gone")
            } _: { server in
                let webhook = try await lab.subscribe("http://127.0.0.1:\(server.port)/")
                try await lab.running(try lab.dispatcher()) {
                    _ = try await lab.wait(for: webhook) { $0.state == .dead }
                }
                #expect(try await lab.store.webhooks(of: lab.job, owner: lab.owner).first?.isDisabled == true)
            }
        }
    }

    @Test(
        arguments: [
            (HookAnswer.hang, "did not answer within 1 second"),
            (.trickle("HTTP/1.1 200 OK\r\nx: "), "did not answer within 1 second"),
            (.cut, "could not be reached"), (.text("SSH-2.0-OpenSSH_9.2\r\n"), "could not be reached"),
            (.trickle("HTTP/1.1 500 Oh\r\ncontent-length: 100000\r\n\r\n"), "answered 500 Internal Server Error"),
        ] as [(HookAnswer, String)])
    func `a target that hangs, trickles or talks nonsense costs one attempt of bounded time`(
        answer: HookAnswer, reason: String
    ) async throws {
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                answer
            } _: { server in
                let webhook = try await lab.subscribe("http://127.0.0.1:\(server.port)/")
                let start = ContinuousClock.now
                try await lab.running(try lab.dispatcher(timeout: .seconds(1))) {
                    let delivery = try await lab.wait(for: webhook) { $0.attempts == 1 }
                    #expect(delivery.lastError?.contains(reason) == true, "\(delivery.lastError ?? "")")
                    #expect(delivery.state == .pending)
                }
                #expect(ContinuousClock.now - start < .seconds(5))
            }
        }
    }

    @Test func `a good answer counts although its body never ends or is huge`() async throws {
        let huge = "HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n" + String(repeating: "x", count: 9_000_000)
        for answer in [HookAnswer.trickle("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"), .text(huge)] {
            try await HookLab.with { lab in
                try await HookServer.with { _, _ in
                    answer
                } _: { server in
                    let webhook = try await lab.subscribe("http://127.0.0.1:\(server.port)/")
                    try await lab.running(try lab.dispatcher(timeout: .seconds(1))) {
                        _ = try await lab.wait(for: webhook) { $0.state == .delivered }
                    }
                }
            }
        }
    }

    @Test func `a refused connection is a failure with its reason`() async throws {
        try await HookLab.with { lab in
            let port = try await HookServer.with { _, _ in
                .cut
            } _: {
                $0.port
            }
            let webhook = try await lab.subscribe("http://127.0.0.1:\(port)/")
            try await lab.running(try lab.dispatcher()) {
                let delivery = try await lab.wait(for: webhook) { $0.attempts == 1 }
                #expect(delivery.lastError == "127.0.0.1 could not be reached: the connection was refused.")
            }
        }
    }

    @Test func `a name that resolves to a private address is refused at the attempt`() async throws {
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                .status("204 No Content")
            } _: { server in
                let webhook = try await lab.subscribe("http://hooks.example:\(server.port)/")
                let resolver = ScriptedResolver(["127.0.0.1"])
                try await lab.running(try lab.dispatcher(allowed: [], resolver: resolver)) {
                    let delivery = try await lab.wait(for: webhook) { $0.attempts == 1 }
                    #expect(delivery.state == .pending)
                    #expect(delivery.lastError?.contains("not on the public internet") == true)
                }
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test func `the address that was checked is the one connected to, whatever the name says next`() async throws {
        // 127.0.0.2 stands for the public address and 127.0.0.1 for the private one, which only a second look-up gives.
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                .status("204 No Content")
            } _: { server in
                let webhook = try await lab.subscribe("http://rebind.example:\(server.port)/")
                let resolver = ScriptedResolver(["127.0.0.2"], ["127.0.0.1"])
                try await lab.running(try lab.dispatcher(allowed: ["127.0.0.2"], resolver: resolver)) {
                    let first = try await lab.wait(for: webhook) { $0.attempts == 1 }
                    // Nobody listens on 127.0.0.2; a connection by the second answer would have been delivered.
                    #expect(first.lastError == "rebind.example could not be reached: the connection was refused.")
                    #expect(resolver.count == 1)
                    lab.clock.advance(5)
                    let second = try await lab.wait(for: webhook) { $0.attempts == 2 }
                    #expect(second.lastError?.contains("not on the public internet") == true)
                }
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test func `a name keeps its place in the Host header, and the next address is tried when one refuses`()
        async throws
    {
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                .status("204 No Content")
            } _: { server in
                let webhook = try await lab.subscribe("http://Hooks.Example:\(server.port)/")
                let resolver = ScriptedResolver(["127.0.0.2", "127.0.0.1"])
                try await lab.running(try lab.dispatcher(resolver: resolver)) {
                    _ = try await lab.wait(for: webhook) { $0.state == .delivered }
                }
                #expect(server.requests.map { $0.headers["host"] } == ["Hooks.Example:\(server.port)"])
            }
        }
    }

    @Test func `a job too large for a webhook is sent as its name alone`() async throws {
        try await HookLab.with { lab in
            try await HookServer.with { _, _ in
                .status("204 No Content")
            } _: { server in
                let webhook = try await lab.subscribe("http://127.0.0.1:\(server.port)/")
                let large = try lab.dispatcher { _ in Array("\"\(String(repeating: "x", count: 30_000))\"".utf8) }
                try await lab.running(large) { _ = try await lab.wait(for: webhook) { $0.state == .delivered } }
                let body = String(decoding: server.requests.first?.body ?? [], as: UTF8.self)
                #expect(body.contains(#""data":{"job_id":"job_hooks","status":"canceled","truncated":true}}"#))
            }
        }
    }
}
