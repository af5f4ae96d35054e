// Health, metrics, the front door, the pages, and uploads that resume.

import Foundation
import HTTPAPI
import JobQueue
import Testing

@Suite struct ServerTests {
    @Test func `the front door and health answer as the client asks`() async throws {
        try await TestServer.run { server in
            let any = try await server.call("GET", "/", as: nil, headers: ["Accept": "*/*"])
            #expect(any.json["name"]?.string == "Masque")
            #expect(any["vary"]?.contains("Accept") == true)
            #expect(try await server.call("GET", "/", as: nil, headers: ["Accept": "text/plain"]).text == "OK")
            #expect(try await server.call("GET", "/health", as: nil, headers: ["Accept": "text/plain"]).text == "OK")
            let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
            let page = try await server.call("GET", "/", as: nil, headers: ["Accept": browser])
            #expect(page["content-type"]?.hasPrefix("text/html") == true)
            #expect(page.text.contains("<title>Masque</title>"))
            #expect(page["content-security-policy"]?.contains("script-src 'self';") == true)
            // Every file that the page names is there.
            for match in page.text.matches(of: /(?:href|src)="(studio\/[^"]+)"/) {
                let file = try await server.call("GET", "/\(match.1)", as: nil)
                #expect(file.status == 200, "\(match.1)")
                let tag = try #require(file["etag"])
                let again = try await server.call("GET", "/\(match.1)", as: nil, headers: ["If-None-Match": tag])
                #expect(again.status == 304)
            }
            #expect(try await server.call("GET", "/studio/..%2fopenapi.yaml", as: nil).status == 404)
        }
    }

    @Test func `health looks at store, disk and workers`() async throws {
        try await TestServer.run { server in
            let live = try await server.call("GET", "/livez", as: nil)
            #expect(live.status == 200)
            #expect(try await server.call("GET", "/readyz", as: nil).status == 200)
        }
        try await TestServer.run(
            settings: ["MASQUE_RESERVED_MB": "10000000"], change: { $0.workers = { (ready: 0, wanted: 2) } }
        ) { server in
            let ready = try await server.call("GET", "/readyz", as: nil)
            #expect(ready.status == 503)
            let bad = ready.json["checks"]?.array?.filter { $0["ok"]?.bool == false }.compactMap { $0["name"]?.string }
            #expect(bad == ["disk", "workers"])
            // A nearly full disk takes no new files, and says so.
            let id = try await server.call("POST", "/jobs", json: #"{"mode":"photo_photo"}"#)
            #expect(id.status == 507)
        }
    }

    @Test func `metrics are for administrators, in the text format of Prometheus`() async throws {
        try await TestServer.run { server in
            let id = try await server.completed()
            _ = try await server.submitted()
            server.api.metrics.attemptEnded(lane: .image, outcome: "completed", seconds: 0.7, stageSeconds: ["swapping": 0.4])
            server.api.metrics.frames(perSecond: 12.5, lane: .video)
            server.api.metrics.workerDied(name: "video \"1\"")
            #expect(try await server.call("GET", "/metrics").status == 403)
            _ = try await server.call("GET", "/jobs/\(id)")
            let text = try await server.call("GET", "/metrics", scopes: [.read, .admin]).text
            let lines = text.split(separator: "\n").map(String.init)
            for line in [
                "masque_jobs_queued{lane=\"image\"} 1", "masque_attempts_total{lane=\"image\",outcome=\"completed\"} 1",
                "masque_stage_seconds_bucket{lane=\"image\",stage=\"swapping\",le=\"0.25\"} 0",
                "masque_stage_seconds_bucket{lane=\"image\",stage=\"swapping\",le=\"0.5\"} 1",
                "masque_stage_seconds_sum{lane=\"image\",stage=\"swapping\"} 0.4",
                "masque_frames_per_second{lane=\"video\"} 12.5",
                "masque_worker_restarts_total{worker=\"video \\\"1\\\"\"} 1", "masque_workers_ready 1",
            ] { #expect(lines.contains(line), "\(line)") }
            let requests = lines.filter { $0.hasPrefix("masque_http_requests_total{") }
            #expect(requests.contains { $0.contains("job_id") && $0.hasSuffix(" 1") && $0.contains("\"GET\"") })
            #expect(!text.contains(id), "no client's words in labels")
            // Every sample belongs to a family that was announced.
            let families = Set(lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] })
            for line in lines where !line.hasPrefix("#") {
                let name = line.prefix { $0 != "{" && $0 != " " }
                let base = ["_bucket", "_sum", "_count"].first { name.hasSuffix($0) }.map { name.dropLast($0.count) } ?? name
                #expect(families.contains(base) || families.contains(name), "\(name)")
            }
        }
    }

    @Test func `the API pages say kindly when their scripts are not installed`() async throws {
        try await TestServer.run { server in
            for path in ["/docs", "/redoc"] {
                let page = try await server.call("GET", path, as: nil)
                #expect(page.status == 503)
                #expect(page.text.contains("scripts/setup"))
            }
            #expect(try await server.call("GET", "/docs/assets/start.js", as: nil).status == 200)
            #expect(try await server.call("GET", "/docs/assets/other.js", as: nil).status == 404)
        }
    }

    @Test func `an upload that broke off goes on, and becomes an input`() async throws {
        try await TestServer.run { server in
            let id = try await server.call("POST", "/jobs", json: #"{"mode":"photo_photo"}"#).jobID
            let tus = ["Tus-Resumable": "1.0.0"]
            let made = try await server.call(
                "POST", "/uploads",
                headers: tus.merging(["Upload-Length": "\(jpeg.count)", "Upload-Metadata": "filename bWUuanBn"]) { $1 })
            #expect(made.status == 201)
            let place = try #require(made["location"])
            func send(_ offset: Int, _ bytes: ArraySlice<UInt8>) async throws -> Answer {
                try await server.call(
                    "PATCH", place,
                    headers: tus.merging([
                        "Upload-Offset": "\(offset)", "Content-Type": "application/offset+octet-stream",
                    ]) { $1 }, body: Array(bytes))
            }
            #expect(try await send(0, jpeg.prefix(5)).status == 204)
            #expect(try await send(0, jpeg.prefix(5)).status == 409)
            #expect(try await server.call("HEAD", place, headers: tus)["upload-offset"] == "5")
            #expect(try await server.call("HEAD", place, as: "bob", headers: tus).status == 404)
            let upload = try #require(place.split(separator: "/").last)
            let early = try await server.call("POST", "/jobs/\(id)/source", json: #"{"upload_id":"\#(upload)"}"#)
            #expect(early.status == 409)
            #expect(try await send(5, jpeg.dropFirst(5)).status == 204)
            let taken = try await server.call("POST", "/jobs/\(id)/source", json: #"{"upload_id":"\#(upload)"}"#)
            #expect(taken.status == 200, "\(taken.text)")
            #expect(taken.json["inputs"]?[0]?["file_name"]?.string == "me.jpg")
            #expect(try await server.call("GET", "/jobs/\(id)/inputs/source").body == jpeg)
        }
    }

    @Test func `requests are counted per person, and too many are refused`() async throws {
        try await TestServer.run(settings: ["MASQUE_REQUESTS_PER_MINUTE": "3"]) { server in
            for _ in 0..<3 { #expect(try await server.call("GET", "/me").status == 200) }
            let refused = try await server.call("GET", "/me")
            #expect(refused.status == 429)
            #expect(refused["retry-after"].flatMap(Int.init) ?? 0 > 0)
            #expect(refused["ratelimit"] != nil)
            #expect(try await server.call("GET", "/me", as: "bob").status == 200)
        }
    }

    @Test func `who I am and what I may`() async throws {
        try await TestServer.run { server in
            _ = try await server.submitted()
            let me = try await server.call("GET", "/me")
            #expect(me.json["owner_id"]?.string == "demo")
            #expect(me.json["usage"]?["active_jobs"]?.number == 1)
            let modes = try await server.call("GET", "/modes").json.array?.compactMap { $0["name"]?.string } ?? []
            #expect(Set(["photo_video_fast", "photo_video_quality", "photo_photo_gpen", "photo_photo_codeformer"]).isSubset(of: modes))
        }
    }
}
