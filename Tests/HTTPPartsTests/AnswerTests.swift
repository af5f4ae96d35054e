// Files, ranges, conditions, names and events as a client receives them.

import Errors
import Foundation
import HTTPParts
import Hummingbird
import NIOCore
import Synchronization
import Testing

@Suite struct AnswerTests {
    private let text = "0123456789abcdefghij"

    /// A server of one file of ``text``.
    private func served<Value: Sendable>(
        fileName: String? = nil, _ work: @Sendable (Int, String) async throws -> Value
    ) async throws -> Value {
        try await withFolder { folder in
            let path = "\(folder)/file"
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            let router = Router()
            router.add(middleware: RequestIDs())
            router.add(middleware: ErrorAnswers(routes: RouteTable()))
            for method in [HTTPRequest.Method.get, .head] {
                router.on("file", method: method) { request, _ in
                    try await FileAnswer(path: path, mediaType: "video/mp4", fileName: fileName).response(to: request)
                }
            }
            return try await withServer(router) { port in try await work(port, path) }
        }
    }

    @Test func `A file is sent whole, and its headers alone for HEAD`() async throws {
        try await served { port, _ in
            let get = try await ask(port, "GET /file")
            #expect(get.status == 200 && get.body == text && get.header("content-type") == "video/mp4")
            #expect(get.header("accept-ranges") == "bytes")
            let head = try await ask(port, "HEAD /file")
            #expect(head.status == 200 && head.body == "" && head.header("content-length") == "20")
            #expect(head.header("etag") == get.header("etag"))
        }
    }

    @Test(arguments: [
        ("bytes=0-3", "bytes 0-3/20", "0123"), ("bytes=18-", "bytes 18-19/20", "ij"),
        ("bytes=-2", "bytes 18-19/20", "ij"),
        ("bytes=-100", "bytes 0-19/20", "0123456789abcdefghij"),
        ("bytes=15-99999999999999999999", "bytes 15-19/20", "fghij"),
    ])
    func `One range is answered with its bytes`(range: String, contentRange: String, body: String) async throws {
        try await served { port, _ in
            let answer = try await ask(port, "GET /file", ["Range: \(range)"])
            #expect(answer.status == 206 && answer.header("content-range") == contentRange && answer.body == body)
        }
    }

    @Test(arguments: ["bytes=3-1", "bytes=x-2", "items=0-1", "bytes=", "bytes=-", "bytes=1-2,x", "bytes=0-19,0-19"])
    func `A range that makes no sense or too much is answered with the whole`(range: String) async throws {
        try await served { port, _ in
            let answer = try await ask(port, "GET /file", ["Range: \(range)"])
            #expect(answer.status == 200 && answer.body == text)
        }
    }

    @Test(arguments: ["bytes=20-", "bytes=99-100", "bytes=-0"])
    func `A range behind the end is answered 416 with the length`(range: String) async throws {
        try await served { port, _ in
            let answer = try await ask(port, "GET /file", ["Range: \(range)"])
            #expect(answer.status == 416 && answer.header("content-range") == "bytes */20")
        }
    }

    @Test func `Several ranges come as parts of the length announced`() async throws {
        try await served { port, _ in
            let answer = try await ask(port, "GET /file", ["Range: bytes=0-1, 5-6, -1"])
            #expect(answer.status == 206)
            #expect(answer.header("content-length") == "\(answer.body.utf8.count)" || answer.body.contains("\r\n\r\n"))
            let type = try #require(answer.header("content-type"))
            let boundary = try #require(type.split(separator: "boundary=").last)
            let head = answer.range(of: "\r\n\r\n")
            let body = answer[(try #require(head)).upperBound...]
            #expect(answer.header("content-length") == "\(body.utf8.count)")
            let parts = body.components(separatedBy: "--\(boundary)")
            #expect(parts.count == 5)
            #expect(parts[1] == "\r\nContent-Type: video/mp4\r\nContent-Range: bytes 0-1/20\r\n\r\n01\r\n")
            #expect(parts[3].hasSuffix("bytes 19-19/20\r\n\r\nj\r\n"))
            #expect(parts[4] == "--\r\n")
        }
    }

    @Test func `Conditions are honoured in their order`() async throws {
        try await served { port, _ in
            let first = try await ask(port, "GET /file")
            let tag = try #require(first.header("etag"))
            let date = try #require(first.header("last-modified"))
            func status(_ headers: String..., method: String = "GET") async throws -> Int? {
                try await ask(port, "\(method) /file", headers).status
            }
            #expect(try await status("If-None-Match: \(tag)") == 304)
            #expect(try await status("If-None-Match: \"x\", W/\(tag)") == 304)
            #expect(try await status("If-None-Match: *", method: "HEAD") == 304)
            #expect(try await status("If-None-Match: \"x\"") == 200)
            #expect(try await status("If-Modified-Since: \(date)") == 304)
            #expect(try await status("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT") == 200)
            #expect(try await status("If-Modified-Since: \(date)", "If-None-Match: \"x\"") == 200)
            #expect(try await status("If-Match: \"x\"") == 412)
            #expect(try await status("If-Match: \(tag)") == 200)
            #expect(try await status("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT") == 412)
            #expect(try await status("Range: bytes=0-1", "If-Range: \(tag)") == 206)
            #expect(try await status("Range: bytes=0-1", "If-Range: \"old\"") == 200)
            #expect(try await status("Range: bytes=0-1", "If-Range: W/\(tag)") == 200)
            #expect(try await status("Range: bytes=0-1", "If-Range: \(date)") == 206)
        }
    }

    @Test func `A file that is gone is not found`() async throws {
        try await served { port, path in
            try FileManager.default.removeItem(atPath: path)
            let answer = try await ask(port, "GET /file")
            #expect(answer.status == 404)
        }
    }

    @Test(arguments: [
        ("photo.jpg", #"inline; filename="photo.jpg""#),
        ("한글 \"x\".mp4", #"inline; filename="__ _x_.mp4"; filename*=UTF-8''%ED%95%9C%EA%B8%80%20%22x%22.mp4"#),
        ("a\r\nSet-Cookie: b/c\\d.png", #"inline; filename="aSet-Cookie: bcd.png""#),
        ("50%.png", #"inline; filename="50_.png"; filename*=UTF-8''50%25.png"#),
        ("", "inline"),
    ])
    func `Any file name fits into Content-Disposition`(name: String, header: String) async throws {
        #expect(contentDisposition("inline", fileName: name) == header)
        try await served(fileName: name) { port, _ in
            let answer = try await ask(port, "GET /file")
            #expect(answer.header("content-disposition") == header)
        }
    }

    @Test(arguments: ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
    func `Dates are read in all three forms`(text: String) {
        #expect(HTTPDate(text) == HTTPDate(seconds: 784_111_777))
        #expect(HTTPDate(seconds: 784_111_777).text == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test func `Dates come back as they went, over centuries`() {
        for seconds in stride(from: -1_000_000_000, to: 8_000_000_000, by: 7_654_321) {
            #expect(HTTPDate(HTTPDate(seconds: seconds).text) == HTTPDate(seconds: seconds))
        }
        for text in [
            "", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "x, y z 1 2:3:4 u",
            "Sun, 06 Nov 1994 25:49:37 GMT",
        ] {
            #expect(HTTPDate(text) == nil)
        }
    }

    @Test func `Events are encoded line by line`() {
        #expect(ServerSentEvent(data: "").encoded == "data: \n\n")
        #expect(
            ServerSentEvent(id: "7\n8", event: "status", data: "a\r\nb\rc\nd", retryMilliseconds: 100).encoded
                == "id: 78\nevent: status\nretry: 100\ndata: a\ndata: b\ndata: c\ndata: d\n\n")
    }

    /// A server of events; `gone` gets a value when their source is no longer asked.
    private func events(
        _ gone: AsyncStream<Void>.Continuation, _ make: @escaping @Sendable () -> AsyncStream<ServerSentEvent>
    )
        -> Router<BasicRequestContext>
    {
        let router = Router()
        router.get("events") { request, _ in
            let stream = make()
            return ServerSentEvents.response(to: request, keepAlive: .milliseconds(100), events: stream)
        }
        return router
    }

    @Test func `Events arrive live, with comments in between, and an end`() async throws {
        let (stream, source) = AsyncStream<ServerSentEvent>.makeStream()
        let (_, gone) = AsyncStream<Void>.makeStream()
        try await withServer(events(gone) { stream }) { port in
            try await withConnection(port) { client in
                try await client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
                let head = try await client.read(":\n\n")
                #expect(head.status == 200 && head.header("content-type") == "text/event-stream; charset=utf-8")
                #expect(head.header("x-accel-buffering") == "no" && head.header("cache-control") == "no-store")
                source.yield(ServerSentEvent(id: "1", data: "one"))
                #expect(try await client.read("id: 1\ndata: one\n\n").contains("id: 1\ndata: one\n\n"))
                #expect(try await client.read(":\n\n").contains(":\n\n"))
                source.yield(ServerSentEvent(event: "end", data: "x"))
                source.finish()
                let rest = try await client.readAll()
                #expect(rest.hasSuffix("0\r\n\r\n"))
            }
        }
    }

    @Test func `The source of events is let go when the client is gone`() async throws {
        let (ends, gone) = AsyncStream<Void>.makeStream()
        let router = events(gone) {
            let (stream, source) = AsyncStream<ServerSentEvent>.makeStream()
            source.onTermination = { _ in gone.yield() }
            return stream
        }
        try await withServer(router) { port in
            try await withConnection(port) { client in
                try await client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try await client.read(":\n\n")
            }
            let start = ContinuousClock.now
            var iterator = ends.makeAsyncIterator()
            await iterator.next()
            #expect(start.duration(to: .now) < .seconds(1))
        }
    }

    @Test func `A stream of events does not hold up a shutdown`() async throws {
        let (_, gone) = AsyncStream<Void>.makeStream()
        let (stream, source) = AsyncStream<ServerSentEvent>.makeStream()
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let client = Mutex<Task<String, any Error>?>(nil)
        try await withServer(events(gone) { stream }) { port in
            let task = Task {
                try await withConnection(port) { client in
                    try await client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
                    _ = try await client.read(":\n\n")
                    begin.yield()
                    return try await client.readAll()
                }
            }
            client.withLock { $0 = task }
            var iterator = begun.makeAsyncIterator()
            await iterator.next()
        }
        let rest = try await client.withLock { $0 }?.value
        #expect(rest?.hasSuffix("0\r\n\r\n") == true)
        source.finish()
    }
}
