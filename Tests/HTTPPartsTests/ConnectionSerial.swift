// What slow, broken and refused clients get, and that honest ones are served.

import Errors
import HTTPParts
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Testing

@Suite(.serialized) struct ConnectionSerial {
    /// A router with an upload that counts bytes, one that refuses, and a long answer.
    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: RequestIDs())
        router.add(middleware: ErrorAnswers(routes: RouteTable()))
        router.add(middleware: BodyLimit { _, _ in 1 << 30 })
        router.post("count") { request, _ -> String in
            var count = 0
            for try await chunk in request.body { count += chunk.readableBytes }
            return "\(count)"
        }
        router.post("refuse") { _, _ -> String in throw MasqueError(.unauthorized, "No.") }
        router.get("hello") { _, _ in "hello" }
        router.get("endless") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    while true { try await writer.write(ByteBuffer(repeating: 65, count: 1 << 20)) }
                })
        }
        return router
    }

    private func quick() -> ConnectionLimits {
        var limits = ConnectionLimits()
        limits.headerDeadline = .milliseconds(300)
        limits.bodyWindow = .milliseconds(300)
        limits.bodyBytesPerSecond = 1000
        limits.idleTimeout = .milliseconds(300)
        limits.writeStall = .milliseconds(300)
        limits.linger = .milliseconds(200)
        return limits
    }

    @Test func `A client that waits for 100 Continue gets it when the body is read`() async throws {
        try await withServer(router()) { port in
            try await withConnection(port) { client in
                try await client.send(
                    "POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
                let interim = try await client.read("\r\n\r\n")
                #expect(interim == "HTTP/1.1 100 Continue\r\n\r\n")
                try await client.send("hello")
                let answer = try await client.read("\r\n\r\n5")
                #expect(answer.status == 200)
                // The connection goes on
                try await client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await client.read("hello").status == 200)
            }
        }
    }

    @Test func `A request refused by its headers gets the answer alone and no 100 Continue`() async throws {
        try await withServer(router()) { port in
            for path in ["refuse", "count"] {
                let length = path == "count" ? 1 << 40 : 100
                let answer = try await exchange(
                    port,
                    "POST /\(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\nExpect: 100-continue\r\n\r\n")
                #expect(answer.status == (path == "count" ? 413 : 401))
                #expect(answer.header("connection") == "close")
            }
        }
    }

    @Test func `A refusal waits for a body that is on its way, and the connection goes on`() async throws {
        try await withServer(router()) { port in
            try await withConnection(port) { client in
                try await client.send("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n")
                for _ in 0..<3 {
                    try await Task.sleep(for: .milliseconds(30))
                    try await client.sendBytes(ByteBuffer(repeating: 1, count: 1_000_000))
                }
                let answer = try await client.read("\"error\":\"unauthorized\"")
                #expect(answer.status == 401)
                #expect(!answer.lowercased().contains("connection: close"))
                try await client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await client.read("hello").contains("200 OK"))
            }
        }
    }

    @Test func `A refusal waits neither for ever nor for any amount`() async throws {
        var limits = quick()
        limits.bodyWindow = .seconds(20)
        try await withServer(router(), limits: limits) { port in
            try await withConnection(port) { client in
                try await client.send("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\nx")
                #expect(try await client.readAll().status == 401)
            }
        }
        limits.linger = .seconds(60)
        limits.heldBytes = 1 << 20
        try await withServer(router(), limits: limits) { port in
            try await withConnection(port) { client in
                let start = ContinuousClock.now
                try await client.send("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n")
                try await client.sendBytes(ByteBuffer(repeating: 1, count: 2 << 20))
                #expect(try await client.read("unauthorized").status == 401)
                #expect(start.duration(to: .now) < .seconds(50))
            }
        }
    }

    @Test func `A client that pushes its body regardless still reads why it is refused`() async throws {
        try await withServer(router()) { port in
            try await withConnection(port) { client in
                try await client.send("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n")
                for _ in 0..<8 { try? await client.sendBytes(ByteBuffer(repeating: 1, count: 1 << 20)) }
                let answer = try await client.readAll()
                #expect(answer.status == 401)
                #expect(answer.contains("\"error\":\"unauthorized\""))
            }
        }
    }

    @Test func `Headers that never end are dropped at the deadline`() async throws {
        try await withServer(router(), limits: quick()) { port in
            try await withConnection(port) { client in
                let start = ContinuousClock.now
                async let answer = client.readAll()
                try await client.send("GET /hello HTTP/1.1\r\nHo")
                #expect(try await answer == "")
                #expect(start.duration(to: .now) < .seconds(2))
            }
        }
    }

    @Test func `A body that trickles is answered 408 and dropped`() async throws {
        try await withServer(router(), limits: quick()) { port in
            try await withConnection(port) { client in
                try await client.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
                async let answer = client.readAll()
                for _ in 0..<12 {
                    try? await client.send("x")
                    try await Task.sleep(for: .milliseconds(50))
                }
                let text = try await answer
                #expect(text.status == 408)
                #expect(text.contains("\"error\":\"tooSlow\""))
            }
        }
    }

    @Test func `A body at the minimum rate is taken to its end`() async throws {
        try await withServer(router(), limits: quick()) { port in
            try await withConnection(port) { client in
                try await client.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n")
                for _ in 0..<16 {
                    try await client.send(String(repeating: "x", count: 500))
                    try await Task.sleep(for: .milliseconds(60))
                }
                #expect(try await client.read("8000").hasSuffix("8000"))
            }
        }
    }

    @Test func `A server that is busy does not blame the client for it`() async throws {
        let router = router()
        router.post("slow") { request, _ -> String in
            try await Task.sleep(for: .milliseconds(900))
            var count = 0
            for try await chunk in request.body { count += chunk.readableBytes }
            return "\(count)"
        }
        try await withServer(router, limits: quick()) { port in
            try await withConnection(port) { client in
                try await client.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n")
                try await client.sendBytes(ByteBuffer(repeating: 1, count: 30_000_000))
                #expect(try await client.read("30000000").status == 200)
            }
        }
    }

    @Test func `A client that does not read its answer is dropped`() async throws {
        let ended = Mutex(false)
        let router = Router()
        let (ends, end) = AsyncStream<Void>.makeStream()
        router.get("endless") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    defer { end.yield() }
                    while true { try await writer.write(ByteBuffer(repeating: 65, count: 1 << 20)) }
                })
        }
        try await withServer(router, limits: quick()) { port in
            try await withConnection(port) { client in
                try await client.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
                var iterator = ends.makeAsyncIterator()
                await iterator.next()
                ended.withLock { $0 = true }
            }
        }
        #expect(ended.withLock { $0 })
    }

    @Test func `An idle connection is closed and a used one is not cut off before`() async throws {
        try await withServer(router(), limits: quick()) { port in
            try await withConnection(port) { client in
                for _ in 0..<4 {
                    try await client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
                    #expect(try await client.read("hello").status == 200)
                    try await Task.sleep(for: .milliseconds(150))
                }
                #expect(try await client.readAll() == "")
            }
        }
    }

    @Test func `Headers beyond the limits are answered 431 and nonsense 400`() async throws {
        try await withServer(router()) { port in
            let long = try await exchange(
                port, "GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n")
            #expect(long.status == 431)
            let many = (0..<150).map { "X-\($0): 1\r\n" }.joined()
            #expect(try await exchange(port, "GET / HTTP/1.1\r\nHost: x\r\n\(many)\r\n").status == 431)
            #expect(try await exchange(port, "NOT HTTP AT ALL\r\n\r\n").status == 400)
            #expect(
                try await exchange(port, "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").status == 200)
        }
    }

    @Test func `An upload that breaks off fails instead of looking whole`() async throws {
        let router = Router()
        let (results, found) = AsyncStream<Bool>.makeStream()
        router.post("count") { request, _ -> String in
            do {
                for try await _ in request.body {}
                found.yield(true)
            } catch {
                found.yield(false)
                throw error
            }
            return ""
        }
        try await withServer(router) { port in
            for head in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
                try await withConnection(port) { client in
                    try await client.send("POST /count HTTP/1.1\r\nHost: x\r\n\(head)\r\n\r\n5\r\nabcde\r\n")
                    try await Task.sleep(for: .milliseconds(50))
                }
                var iterator = results.makeAsyncIterator()
                #expect(await iterator.next() == false)
            }
        }
    }

    @Test func `Pipelined requests are answered in order`() async throws {
        try await withServer(router()) { port in
            let one = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
            let last = "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let answer = try await exchange(
                port, one + "POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" + one + last)
            #expect(answer.split(separator: "HTTP/1.1 200 OK").count == 4)
        }
    }

    @Test func `More connections than allowed wait until one closes`() async throws {
        var limits = quick()
        limits.maxConnections = 1
        limits.headerDeadline = .milliseconds(400)
        try await withServer(router(), limits: limits) { port in
            try await withConnection(port) { idle in
                let start = ContinuousClock.now
                // Answered only after the idle connection has been dropped
                let answer = try await ask(port, "GET /hello")
                #expect(answer.status == 200)
                #expect(start.duration(to: .now) >= .milliseconds(200))
                let rest = try await idle.readAll()
                #expect(rest == "")
            }
        }
    }
}
