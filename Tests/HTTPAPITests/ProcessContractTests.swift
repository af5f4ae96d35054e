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
            let answer = try await server.call("POST", "/process/image", headers: form.headers, body: form.body)
            #expect(answer.status == 413)
            #expect(
                answer.json["message"]?.string?.hasSuffix("1 MB are taken for the source and 2 MB for the target.")
                    == true, "\(answer.text)")
        }
    }

    /// A wave file's first bytes; the inspector of these tests looks no further.
    private static let wave = Array("RIFF\u{24}\u{0}\u{0}\u{0}WAVEfmt and so on".utf8)

    @Test(arguments: [
        ("lip_syncer", ["voice"], [InputRole.voice, .target]),
        ("face_swapper,lip_syncer", ["face", "voice", "face"], [.source, .voice, .source, .target]),
        ("face_swapper", ["face", "face"], [.source, .source, .target]),
    ])
    func `recordings and several pictures are taken as sources`(
        processors: String, sources: [String], roles: [InputRole]
    ) async throws {
        try await TestServer.run { server in
            let files = sources.map { ("source", $0 == "voice" ? "v.wav" : "s.jpg", $0 == "voice" ? Self.wave : jpeg) }
            let form = server.form(
                [("target", "t.jpg", jpeg)] + files + [
                    ("request", nil, Array(#"{"processors":"\#(processors)"}"#.utf8))
                ])
            let answer = try await server.call(
                "POST", "/process/image", headers: form.headers.merging(["Prefer": "respond-async"]) { $1 },
                body: form.body)
            #expect(answer.status == 202, "\(answer.text)")
            let job = try await server.claim().job
            #expect(job.description.processors == processors.split(separator: ",").map(String.init))
            #expect(job.inputs.map(\.role) == roles)
            guard let voice = job.input(.voice) else { return }
            #expect((voice.mediaType, voice.width, voice.duration) == ("audio/wav", nil, 2))
            let link = try #require(answer.json["links"]?["voice"]?.string)
            #expect(try await server.call("GET", link).body == Self.wave)
            #expect(try await server.call("GET", "/jobs/\(job.id)/inputs/voice/faces").status == 400)
        }
    }

    @Test(arguments: [
        ("face_swapper", ["voice"], 415, "audio/wav"), ("lip_syncer", ["face"], 400, "needs a recording"),
        ("lip_syncer", ["voice", "voice"], 400, "several recordings"),
        ("face_swapper", ["face", "voice"], 415, "audio/wav"), ("lip_syncer", ["text"], 415, "text/plain"),
        ("face_swapper", [String](repeating: "face", count: 9), 400, "at most 8"),
    ])
    func `sources that no processor asks for are refused, and nothing of them is kept`(
        processors: String, sources: [String], status: Int, words: String
    ) async throws {
        try await TestServer.run { server in
            let files = sources.map { name in
                (
                    "source", Optional("s"),
                    name == "voice" ? Self.wave : name == "face" ? jpeg : Array("Hello there".utf8)
                )
            }
            let form = server.form(
                [("target", "t.jpg", jpeg)] + files + [
                    ("request", nil, Array(#"{"processors":"\#(processors)"}"#.utf8))
                ])
            let answer = try await server.call("POST", "/process/image", headers: form.headers, body: form.body)
            #expect(answer.status == status)
            #expect(answer.json["message"]?.string?.contains(words) == true, "\(answer.text)")
            #expect(try await server.api.jobs.store.usage(of: OwnerID(rawValue: "demo")).bytes == 0)
        }
    }

    @Test func `a recording for a job whose mode hears none is refused with where it belongs`() async throws {
        try await TestServer.run { server in
            let id = try await server.call("POST", "/jobs", json: #"{"mode":"photo_photo"}"#).jobID
            let answer = try await server.call(
                "POST", "/jobs/\(id)/source", headers: ["Content-Type": "audio/wav"], body: Self.wave)
            #expect(answer.status == 415)
            #expect(answer.json["message"]?.string?.contains("audio/wav") == true)
            #expect(answer.json["advice"]?.string?.contains("lip_syncer") == true, "\(answer.text)")
        }
    }

    @Test func `the answer carries what a person should know, in the client's language`() async throws {
        try await TestServer.run { server in
            let form = form(server)
            let note = "This container holds no transparency, so the background is white; write .webm to keep it."
            for (language, start) in [("en", "This container"), ("ru", "В этом контейнере")] {
                async let call = server.call(
                    "POST", "/process/image", headers: form.headers.merging(["Accept-Language": language]) { $1 },
                    body: form.body)
                try await server.complete(server.claim().lease, with: jpeg, notes: [note])
                let answer = try await call
                #expect(answer.status == 200)
                #expect(answer.json["notes"]?.array?.count == 1)
                #expect(answer.json["notes"]?[0]?.string?.hasPrefix(start) == true, "\(answer.text)")
            }
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
        (#"{"processors":["no_such"]}"#, "no_such"), (#"{"processors":7}"#, "processors"),
        (#"{"processors":" , "}"#, "processors"),
        (#"{"output_image_scale":9}"#, "output_image_scale is 9,"),
        (#"{"output_video_scale":401}"#, "output_video_scale is 401,"),
        (#"{"output_video_fps":0}"#, "output_video_fps is 0,"),
        (#"{"face_detector_score":1.5}"#, "face_detector_score is 1.5,"),
        (#"{"face_detector_model":""}"#, "face_detector_model must"),
        (#"{"execution_thread_count":33}"#, "execution_thread_count is 33,"), ("[]", "object"), ("no json", "JSON"),
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
            #expect(health.json["processors_available"] == .array([.string("face_swapper"), .string("lip_syncer")]))
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
