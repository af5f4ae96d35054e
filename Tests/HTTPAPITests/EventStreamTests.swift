// A job's events, live.

import AsyncHTTPClient
import Foundation
import JobQueue
import NIOCore
import NIOHTTP1
import Testing

@Suite struct EventStreamTests {
    /// One event as a browser reads it.
    private struct Event: Equatable {
        var id: String?
        var event: String?
        var data = ""
    }

    private func events(_ text: String) -> [Event] {
        text.split(separator: "\n\n").compactMap { block in
            var event = Event()
            for line in block.split(separator: "\n") where !line.hasPrefix(":") {
                if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { event.event = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { event.data += line.dropFirst(6) }
            }
            return event.data.isEmpty ? nil : event
        }
    }

    @Test func `a job is followed live to its end, and the stream closes`() async throws {
        try await TestServer.run { server in
            let id = try await server.submitted()
            async let stream = server.call("GET", "/jobs/\(id)/events")
            let lease = try await server.claim().lease
            try await server.report(lease, stage: "swapping", percent: 50)
            try await server.complete(lease, with: jpeg)
            let answer = try await stream
            #expect(answer.status == 200)
            #expect(answer["content-type"]?.hasPrefix("text/event-stream") == true)
            #expect(answer["cache-control"] == "no-store")
            let all = events(answer.text)
            #expect(all.last?.event == "end")
            #expect(all.last?.id == nil)
            let data = try all.map { try JSON($0.data) }
            for value in data { #expect(server.document.faults(of: value, named: "JobProgress") == []) }
            #expect(data.first?["event"]?.string == "created")
            #expect(data.last?["status"]?.string == "completed")
            #expect(all.contains { $0.event == "progress" && $0.data.contains("\"progress\":50") })
            let numbers = all.compactMap { $0.id.flatMap(Int.init) }
            #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
        }
    }

    @Test func `a client that comes back gets what it missed, and 204 when there is nothing more`() async throws {
        try await TestServer.run { server in
            let id = try await server.submitted()
            let lease = try await server.claim().lease
            for percent in [10.0, 60] { try await server.report(lease, stage: "swapping \(percent)", percent: percent) }
            try await server.complete(lease, with: jpeg)
            let all = events(try await server.call("GET", "/jobs/\(id)/events").text)
            let middle = try #require(all.dropLast(3).last?.id)
            let rest = events(
                try await server.call("GET", "/jobs/\(id)/events", headers: ["Last-Event-ID": middle]).text)
            #expect(rest.first?.id == all.dropLast(2).last?.id)
            #expect(rest.last?.event == "end")
            let byQuery = events(try await server.call("GET", "/jobs/\(id)/events?last_event_id=\(middle)").text)
            #expect(byQuery == rest)
            let last = try #require(all.dropLast().last?.id)
            #expect(try await server.call("GET", "/jobs/\(id)/events", headers: ["Last-Event-ID": last]).status == 204)
            #expect(try await server.call("GET", "/jobs/\(id)/events", headers: ["Last-Event-ID": "x"]).status == 400)
            // A wrong parameter is told also where the header counts.
            let both = try await server.call(
                "GET", "/jobs/\(id)/events?last_event_id=-5", headers: ["Last-Event-ID": last])
            #expect(both.status == 400)
        }
    }

    @Test func `a stream on which nothing happens is kept open by comments`() async throws {
        try await TestServer.run { server in
            let id = try await server.submitted()
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/jobs/\(id)/events")
            request.headers.add(name: "Authorization", value: "Bearer \(try server.token())")
            let response = try await server.client.execute(request, timeout: .seconds(30))
            #expect(response.status == .ok)
            var text = ""
            for try await chunk in response.body {
                text += String(buffer: chunk)
                // One comment opens the stream; the others keep it.
                if text.components(separatedBy: "\n").filter({ $0 == ":" }).count >= 4 { break }
            }
            #expect(text.contains("event: status"))
        }
    }
}
