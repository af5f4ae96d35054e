// The process contract, word by word.

import Foundation
import HTTPAPI
import JobQueue
import JobQueueSQLite
import Services
import Testing

@Suite struct ProcessContractTests {
    private func form(_ server: TestServer, request: String? = nil, source: Bool = true) -> (
        headers: [String: String], body: [UInt8]
    ) {
        var parts: [(name: String, file: String?, content: [UInt8])] = [("target", "t.jpg", jpeg)]
        if source { parts.append(("source", "s.jpg", jpeg)) }
        if let request { parts.append(("request", nil, Array(request.utf8))) }
        return server.form(parts)
    }

    @Test func `a process call waits for its result, which can be downloaded and cleaned up`() async throws {
        try await TestServer.run { server in
            let form = form(server, request: #"{"processors":["face_swapper"],"execution_thread_count":2,"unknown":1}"#)
            async let call = server.call("POST", "/process/image", headers: form.headers, body: form.body)
            let (job, lease) = try await server.claim()
            #expect(job.description.options.threadCount == 2)
            try await server.complete(lease, with: Array("result".utf8))
            let answer = try await call
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.json["status"]?.string == "completed")
            let id = try #require(answer.json["job_id"]?.string)
            #expect(id.contains(/^api_[0-9]{8}_[0-9]{6}_[0-9a-f]+$/), "\(id)")
            let output = try #require(answer.json["output_path"]?.string)
            #expect(output.contains(/^\.api_outputs\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.jpg$/), "\(output)")

            let name = try #require(output.split(separator: "/").last)
            #expect(try await server.call("GET", "/download/\(name)", as: "bob").status == 404)
            #expect(try await server.call("GET", "/download/\(name)").text == "result")
            #expect(answer.json["download_url"]?.string == "/download/\(name)")
            #expect(try await server.call("GET", "/download/\(output)").text == "result")
            #expect(try await server.call("GET", "/download/elsewhere/\(name)").status == 404)
            #expect(try await server.call("HEAD", "/download/\(name)?cleanup=true").status == 200)
            #expect(
                try await server.call("GET", "/download/\(name)?cleanup=true", headers: ["Range": "bytes=0-1"]).text
                    == "re")
            #expect(try await server.call("GET", "/download/\(name)?cleanup=true").text == "result")
            try await eventually { try await server.call("GET", "/download/\(name)").status == 404 }
            #expect(try await server.call("DELETE", "/output/\(name)").status == 404)
        }
    }

    @Test func `an output can be deleted`() async throws {
        try await TestServer.run { server in
            let form = form(server)
            let headers = form.headers.merging(["Prefer": "respond-async"]) { $1 }
            let id = try await server.call("POST", "/process/image", headers: headers, body: form.body).jobID
            try await server.complete(server.claim().lease, with: jpeg)
            let job = try #require(try await server.store.job(JobID(rawValue: id), owner: nil))
            let name = try #require(server.api.jobs.outputPath(of: job)?.split(separator: "/").last)
            #expect(try await server.call("DELETE", "/output/\(name)", as: "bob").status == 404)
            #expect(try await server.call("DELETE", "/output/\(name)").status == 200)
            #expect(try await server.call("GET", "/download/\(name)").status == 404)
        }
    }

    @Test func `Prefer decides how long a process call waits`() async throws {
        try await TestServer.run { server in
            let form = form(server)
            let asynchronous = try await server.call(
                "POST", "/process/image", headers: form.headers.merging(["Prefer": "respond-async"]) { $1 },
                body: form.body)
            #expect(asynchronous.status == 202)
            #expect(asynchronous["preference-applied"] == "respond-async")
            #expect(asynchronous["location"] == "/jobs/\(asynchronous.jobID)")
            let patient = try await server.call(
                "POST", "/process/image", headers: form.headers.merging(["Prefer": "respond-async, wait=0"]) { $1 },
                body: form.body)
            #expect(patient.status == 202)
            #expect(patient["preference-applied"] == "wait=0")
            #expect(try await server.call("GET", "/jobs/\(patient.jobID)").json["mode"]?.isNull == true)
        }
    }

    @Test func `a subscription made by webhook_url is given with its secret, once and again for the same key`()
        async throws
    {
        try await TestServer.run { server in
            let form = form(server, request: #"{"webhook_url":"https://example.org/h"}"#)
            let headers = form.headers.merging(["Prefer": "respond-async", "Idempotency-Key": "k"]) { $1 }
            let made = try await server.call("POST", "/process/image", headers: headers, body: form.body)
            let secret = try #require(made.json["webhook"]?["secret"]?.string)
            #expect(secret.hasPrefix("whsec_"))
            #expect(made.json["webhook"]?["url"]?.string == "https://example.org/h")
            let list = try await server.call("GET", "/jobs/\(made.jobID)/webhooks")
            #expect(list.json["webhooks"]?.array?.first?["id"] == made.json["webhook"]?["id"])
            #expect(try await server.call("GET", "/jobs/\(made.jobID)").json["webhook"] == nil)
            let again = try await server.call("POST", "/process/image", headers: headers, body: form.body)
            #expect(again.jobID == made.jobID)
            #expect(again.json["webhook"]?["secret"]?.string == secret)
            let draft = try await server.call(
                "POST", "/jobs", json: #"{"mode":"photo_photo","webhook_url":"https://example.org/h"}"#)
            #expect(draft.json["webhook"]?["secret"]?.string?.hasPrefix("whsec_") == true)
        }
    }

    @Test func `a misspelt part is named where the one it stands for is missing`() async throws {
        try await TestServer.run { server in
            let form = server.form([("target", "t.jpg", jpeg), ("soruce", "s.jpg", jpeg)])
            let answer = try await server.call("POST", "/process/image", headers: form.headers, body: form.body)
            #expect(answer.status == 400)
            #expect(answer.json["advice"]?.string?.contains("“soruce”") == true, "\(answer.text)")
        }
    }

    @Test func `what cannot be used is named, with what to send instead`() async throws {
        try await TestServer.run { server in
            for (bytes, kind, advice) in [
                (Array("%PDF-1.7 and so on, longer than a few bytes".utf8), "application/pdf", "Send an MP4"),
                (jpeg, "image/jpeg", "/process/image"), (Array("GIF89a and so on".utf8), "image/gif", "into an MP4"),
            ] {
                let form = server.form([("target", "t", bytes), ("source", "s.jpg", jpeg)])
                let answer = try await server.call("POST", "/process/video", headers: form.headers, body: form.body)
                #expect(answer.status == 415)
                #expect(answer.json["message"]?.string?.contains(kind) == true, "\(answer.text)")
                #expect(answer.json["advice"]?.string?.contains(advice) == true, "\(answer.text)")
            }
        }
    }

    @Test func `a form that is too large is told the limits of its files in the settings' unit`() async throws {
        let settings = ["MASQUE_MAX_PICTURE_MB": "1", "MASQUE_MAX_PROCESS_MB": "2"]
        try await TestServer.run(settings: settings) { server in
            let large = jpeg + [UInt8](repeating: 0, count: 5_000_000)
            let form = server.form([("target", "t.jpg", large), ("source", "s.jpg", jpeg)])
            // The answer comes before the body is read: this client may lose it with the connection while it still sends.
            var heard = try? await server.call("POST", "/process/image", headers: form.headers, body: form.body)
            for _ in 0..<20 where heard == nil {
                heard = try? await server.call("POST", "/process/image", headers: form.headers, body: form.body)
            }
            let answer = try #require(heard)
            #expect(answer.status == 413)
            #expect(
                answer.json["message"]?.string?.hasSuffix("1 MB are taken for the source and 2 MB for the target.")
                    == true, "\(answer.text)")
        }
    }

    @Test func `a failed process call says why`() async throws {
        try await TestServer.run { server in
            let form = form(server)
            async let call = server.call("POST", "/process/image", headers: form.headers, body: form.body)
            let lease = try await server.claim().lease
            let failure = JobFailure(
                code: "noFace", message: "The source shows no face.", advice: "Use another photo.", isRetryable: false)
            _ = try await server.store.fail(
                lease, failure: failure, retryAt: nil, expiresAt: nil, now: Date())
            server.api.jobs.feed.poke()
            let answer = try await call
            #expect(answer.status == 422)
            #expect(answer.json["error"]?.string == "noFace")
            #expect(answer.json["message"]?.string == "The source shows no face.")
        }
    }

    @Test(arguments: [
        (#"{"processors":["no_such"]}"#, "no_such"), (#"{"processors":"face_swapper"}"#, "processors"),
        (#"{"output_image_scale":9}"#, "output_scale"), (#"{"face_detector_score":1.5}"#, "detector_score"),
        (#"{"execution_thread_count":33}"#, "thread"), ("[]", "object"), ("no json", "JSON"),
        (#"{"webhook_url":"https://169.254.169.254/"}"#, "address"),
    ])
    func `a mistake in the request is named`(request: String, word: String) async throws {
        try await TestServer.run { server in
            let form = form(server, request: request)
            let answer = try await server.call("POST", "/process/image", headers: form.headers, body: form.body)
            #expect(answer.status == 400)
            #expect(answer.json["message"]?.string?.contains(word) == true, "\(answer.text)")
        }
    }

    @Test func `a source is needed by a swap, a target by everything, an installed model by an enhancer`() async throws
    {
        try await TestServer.run { server in
            let bare = form(server, source: false)
            #expect(
                try await server.call("POST", "/process/image", headers: bare.headers, body: bare.body).status == 400)
            let none = server.form([("source", "s.jpg", jpeg)])
            #expect(
                try await server.call("POST", "/process/image", headers: none.headers, body: none.body).status == 400)
            let enhancer = form(server, request: #"{"processors":["face_enhancer"]}"#, source: false)
            #expect(
                try await server.call("POST", "/process/image", headers: enhancer.headers, body: enhancer.body).status
                    == 503)
            let json = try await server.call("POST", "/process/image", json: "{}")
            #expect(json.status == 415)
        }
    }

    @Test func `processors are listed with what is missing, and health names those that run`() async throws {
        try await TestServer.run { server in
            let list = try await server.call("GET", "/processors")
            #expect(
                list.json.array?.contains(.object(["name": .string("face_swapper"), "available": .bool(true)])) == true)
            let health = try await server.call("GET", "/health", as: nil)
            #expect(health.json["status"]?.string == "healthy")
            #expect(health.json["version"]?.string == "9.8.7")
            #expect(health.json["processors_available"] == .array([.string("face_swapper")]))
        }
    }

    @Test func `old clients without a token may be let in, for process calls alone`() async throws {
        try await TestServer.run(settings: ["PROCESS_TOKEN_REQUIRED": "0"]) { server in
            let list = try await server.call("GET", "/processors", as: nil)
            #expect(list.status == 200)
            let form = form(server)
            let headers = form.headers.merging(["Prefer": "respond-async"]) { $1 }
            let made = try await server.call("POST", "/process/image", as: nil, headers: headers, body: form.body)
            #expect(made.status == 202)
            #expect(try await server.call("GET", "/jobs", as: nil).status == 401)
        }
    }

    /// Waits for what happens right after an answer.
    private func eventually(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<400 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("It did not happen within two seconds.")
    }
}
