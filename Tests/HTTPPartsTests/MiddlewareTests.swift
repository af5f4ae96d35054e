// Ids, errors, headers, limits and tastes of a request.

import Errors
import Foundation
import HTTPParts
import HTTPTypes
import Hummingbird
import Synchronization
import Testing
import Words

@Suite struct MiddlewareTests {
    private struct Named: Decodable { let mode: String }
    private struct Secret: Error { let password = "hunter2" }

    private func router(
        origins: AllowedOrigins = .only(["https://a.example"]), log: AccessLog<BasicRequestContext> = AccessLog()
    )
        -> Router<BasicRequestContext>
    {
        let table = RouteTable()
        let router = Router()
        router.add(middleware: RequestIDs())
        router.add(middleware: log)
        router.add(middleware: CORS(origins: origins, credentials: true))
        router.add(middleware: SecurityHeaders())
        router.add(middleware: ErrorAnswers(routes: table))
        let limiter = RateLimiter()
        router.add(
            middleware: RateLimits(limiter) { request, _ in
                request.uri.path == "/limited" ? ("me", RatePolicy(name: "few", quota: 2, windowSeconds: 60)) : nil
            })
        router.get("jobs/:id") { _, context in context.id }
        router.delete("jobs/:id") { _, _ in HTTPResponse.Status.noContent }
        router.get("limited") { _, _ -> String in throw MasqueError(.conflict, "Not now.", advice: "Later.") }
        router.get("secret") { _, _ -> String in throw Secret() }
        router.get("http") { _, _ -> String in throw HTTPError(.forbidden, message: "Scope.") }
        router.post("json") { request, _ in try await request.json(as: Named.self).mode }
        table.fill(router)
        return router
    }

    private func json(_ answer: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
    }

    @Test func `A sane id of the client is kept and any other replaced`() async throws {
        try await withServer(router()) { port in
            let kept = try await ask(port, "GET /jobs/1", ["X-Request-Id: abc-12345"])
            #expect(kept.header("x-request-id") == "abc-12345" && kept.body == "abc-12345")
            for bad in ["short", "with space in it", "a\tb\"{}xxxxxx", String(repeating: "x", count: 129)] {
                let answer = try await ask(port, "GET /jobs/1", ["X-Request-Id: \(bad)"])
                #expect(answer.header("x-request-id")?.count == 32 && answer.header("x-request-id") == answer.body)
            }
        }
    }

    @Test func `Errors have one shape, and problem details on request`() async throws {
        try await withServer(router()) { port in
            let answer = try await ask(port, "GET /limited", ["X-Request-Id: abc-12345"])
            #expect(answer.status == 409)
            let body = try json(answer)
            #expect(body["error"] as? String == "conflict" && body["message"] as? String == "Not now.")
            #expect(body["advice"] as? String == "Later." && body["request_id"] as? String == "abc-12345")
            #expect(body["title"] == nil)
            let problem = try await ask(port, "GET /limited", ["Accept: application/problem+json"])
            #expect(problem.header("content-type") == "application/problem+json")
            let details = try json(problem)
            #expect(details["status"] as? Int == 409 && details["title"] as? String == "Conflict")
            #expect(details["type"] as? String == "about:blank" && details["instance"] as? String == "/limited")
            #expect(details["error"] as? String == "conflict")
        }
    }

    @Test func `Nothing of an unknown error is told`() async throws {
        try await withServer(router()) { port in
            let answer = try await ask(port, "GET /secret")
            #expect(answer.status == 500 && !answer.contains("hunter2") && !answer.contains("Secret"))
            #expect(try json(answer)["error"] as? String == "failed")
            let forbidden = try await ask(port, "GET /http")
            #expect(forbidden.status == 403)
            #expect(try json(forbidden)["error"] as? String == "forbidden")
        }
    }

    @Test(arguments: [
        ("{}", "“mode” is missing."), (#"{"mode":1}"#, "“mode” is of the wrong type."), ("{", "it cannot be read."),
    ])
    func `Wrong JSON is explained`(body: String, reason: String) async throws {
        try await withServer(router()) { port in
            let answer = try await exchange(
                port,
                "POST /json HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(answer.status == 400)
            #expect((try json(answer)["message"] as? String)?.hasSuffix(reason) == true)
        }
    }

    @Test func `Unknown paths are 404 and wrong methods 405 with what is allowed`() async throws {
        try await withServer(router()) { port in
            let unknown = try await ask(port, "GET /nothing/here")
            #expect(unknown.status == 404)
            #expect(try json(unknown)["error"] as? String == "notFound")
            let wrong = try await ask(port, "PUT /jobs/7")
            #expect(wrong.status == 405 && wrong.header("allow") == "DELETE, GET, OPTIONS")
            let options = try await ask(port, "OPTIONS /jobs/7")
            #expect(options.status == 204 && options.header("allow") == "DELETE, GET, OPTIONS")
            #expect(try await ask(port, "GET /jobs/7/x").status == 404)
        }
    }

    @Test func `Answers carry security headers and no banner`() async throws {
        try await withServer(router()) { port in
            for path in ["/jobs/1", "/nothing"] {
                let answer = try await ask(port, "GET \(path)")
                #expect(answer.header("x-content-type-options") == "nosniff")
                #expect(answer.header("content-security-policy")?.contains("frame-ancestors 'none'") == true)
                #expect(answer.header("referrer-policy") == "no-referrer")
                #expect(answer.header("server") == nil)
            }
        }
    }

    @Test func `Only pages of the chosen origins may call, with credentials where wanted`() async throws {
        try await withServer(router()) { port in
            let good = try await ask(port, "GET /jobs/1", ["Origin: https://a.example"])
            #expect(good.header("access-control-allow-origin") == "https://a.example")
            #expect(good.header("access-control-allow-credentials") == "true" && good.header("vary") == "Origin")
            #expect(good.header("access-control-expose-headers")?.contains("Upload-Offset") == true)
            let bad = try await ask(port, "GET /jobs/1", ["Origin: https://a.example.evil"])
            #expect(
                bad.status == 200 && bad.header("access-control-allow-origin") == nil && bad.header("vary") == "Origin")
            let preflight = try await ask(
                port, "OPTIONS /jobs/1", ["Origin: https://a.example", "Access-Control-Request-Method: PATCH"])
            #expect(
                preflight.status == 204 && preflight.header("access-control-allow-methods")?.contains("PATCH") == true)
            let error = try await ask(port, "GET /nothing", ["Origin: https://a.example"])
            #expect(error.status == 404 && error.header("access-control-allow-origin") == "https://a.example")
        }
        try await withServer(router(origins: .any)) { port in
            let answer = try await ask(port, "GET /jobs/1", ["Origin: https://b.example"])
            #expect(answer.header("access-control-allow-origin") == "*")
            #expect(answer.header("access-control-allow-credentials") == nil)
        }
    }

    @Test func `Limits are told on every answer and beyond them comes 429`() async throws {
        try await withServer(router()) { port in
            let first = try await ask(port, "GET /limited")
            #expect(first.status == 409 && first.header("ratelimit") == "\"few\";r=1;t=30")
            #expect(
                first.header("ratelimit-policy") == "\"few\";q=2;w=60" && first.header("ratelimit-remaining") == "1")
            _ = try await ask(port, "GET /limited")
            let third = try await ask(port, "GET /limited")
            #expect(third.status == 429 && third.header("retry-after") == "30")
            #expect(try json(third)["error"] as? String == "tooManyRequests")
            #expect(try await ask(port, "GET /jobs/1").status == 200)
        }
    }

    @Test func `Each request is measured once under its route`() async throws {
        let seen = Mutex<[String]>([])
        let log = AccessLog<BasicRequestContext> { method, route, status, seconds in
            seen.withLock { $0.append("\(method) \(route) \(status) \(seconds >= 0 && seconds < 5)") }
        }
        try await withServer(router(log: log)) { port in
            _ = try await ask(port, "GET /jobs/12?token=x")
            _ = try await ask(port, "GET /nothing")
        }
        #expect(seen.withLock { $0 } == ["GET /jobs/{id} 200 true", "GET unknown 404 true"])
    }

    @Test func `A bucket lets its quota through at once and then one per interval`() {
        let clock = Mutex(0.0)
        let limiter = RateLimiter(now: { clock.withLock { $0 } })
        let policy = RatePolicy(name: "p", quota: 5, windowSeconds: 10)
        #expect((0..<5).map { _ in limiter.take("a", policy: policy).remaining } == [4, 3, 2, 1, 0])
        let refused = limiter.take("a", policy: policy)
        #expect(!refused.isAllowed && refused.retryAfterSeconds == 2 && refused.resetSeconds == 10)
        #expect(limiter.take("b", policy: policy).isAllowed)
        clock.withLock { $0 = 1.9 }
        #expect(!limiter.take("a", policy: policy).isAllowed)
        clock.withLock { $0 = 2.0 }
        #expect(limiter.take("a", policy: policy).isAllowed)
        #expect(!limiter.take("a", policy: policy).isAllowed)
        clock.withLock { $0 = 100 }
        #expect(limiter.take("a", policy: policy).remaining == 4)
        // Over a long time no more than the rate
        var allowed = 0
        for step in 0..<10_000 {
            clock.withLock { $0 = 1000 + Double(step) * 0.1 }
            if limiter.take("c", policy: policy).isAllowed { allowed += 1 }
        }
        #expect((500...506).contains(allowed))
    }

    @Test func `A million keys do not grow the memory, and those in use are not forgotten`() {
        let limiter = RateLimiter(maxKeys: 1000, now: { 0 })
        let policy = RatePolicy(name: "p", quota: 1, windowSeconds: 1000)
        #expect(limiter.take("mine", policy: policy).isAllowed)
        for number in 0..<100_000 {
            _ = limiter.take("\(number)", policy: policy)
            if number.isMultiple(of: 300) { #expect(!limiter.take("mine", policy: policy).isAllowed) }
        }
        #expect(limiter.keyCount <= 1000)
    }

    @Test(
        arguments: [
            (nil, "text/html"), ("*/*", "text/html"), ("application/json", "application/json"),
            ("text/html;q=0.5, application/*", "application/json"), ("text/plain;q=0.9, */*;q=0.1", "text/plain"),
            ("text/html;q=0, */*", "application/json"), ("image/png", nil), ("", "text/html"), (";;q=x,,", nil),
        ] as [(String?, String?)])
    func `The media type liked best is chosen`(accept: String?, type: String?) {
        #expect(MediaTypes.best(of: ["text/html", "application/json", "text/plain"], accept: accept) == type)
    }

    @Test(
        arguments: [
            (nil, .english), ("ko-KR,ko;q=0.9,en;q=0.8", .korean), ("de, ru;q=0.5, en;q=0.4", .russian),
            ("fr", .english),
            ("en;q=0.1, KO;q=0.2", .korean), ("*", .english), ("ru;q=0", .english),
        ] as [(String?, Language)])
    func `The language liked best is chosen`(header: String?, language: Language) {
        #expect(Language.best(acceptLanguage: header) == language)
    }
}
