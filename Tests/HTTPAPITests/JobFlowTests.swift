// A job from its draft to its result, as the contract's client programs go through it.

import Foundation
import HTTPAPI
import JobQueue
import JobQueueSQLite
import Services
import Testing

@Suite struct JobFlowTests {
    @Test func `a job goes from draft to result, and every answer is as documented`() async throws {
        try await TestServer.run { server in
            let made = try await server.call(
                "POST", "/jobs", json: #"{"mode":"photo_photo","options":{"keep_mouth":true}}"#)
            #expect(made.status == 201)
            let id = made.jobID
            #expect(made["location"] == "/jobs/\(id)")
            #expect(made.json["status"]?.string == "draft")
            #expect(made.json["options"]?["keep_mouth"]?.bool == true)
            #expect(try await server.call("POST", "/jobs/\(id)/submit").status == 409, "the files are missing")

            let form = server.form([("photo", "Ich & du.jpg", jpeg)])
            let source = try await server.call("POST", "/jobs/\(id)/source", headers: form.headers, body: form.body)
            #expect(source.json["inputs"]?[0]?["file_name"]?.string == "Ich & du.jpg")
            let target = try await server.call(
                "POST", "/jobs/\(id)/target", headers: ["X-File-Name": "gruppe%20%C3%BC.jpg"], body: jpeg)
            #expect(target.json["inputs"]?[1]?["file_name"]?.string == "gruppe ü.jpg")
            #expect(try await server.call("GET", "/jobs/\(id)/inputs/source").body == jpeg)
            let changed = try await server.call("PATCH", "/jobs/\(id)", json: #"{"options":{"map":{"0":1}}}"#)
            #expect(changed.json["options"] == .object(["map": .object(["0": .number(1)])]))

            let submitted = try await server.call("POST", "/jobs/\(id)/submit")
            #expect(submitted.status == 202)
            #expect(submitted.json["queue_position"]?.number == 0)
            #expect(try await server.call("POST", "/jobs/\(id)/submit").status == 200, "again: the same")
            #expect(try await server.call("GET", "/jobs/\(id)/result").status == 409)

            let lease = try await server.claim().lease
            try await server.report(lease, stage: "swapping", percent: 41.52)
            let running = try await server.call("GET", "/jobs/\(id)")
            #expect(running.json["status"]?.string == "running")
            #expect(running.json["stage"]?.string == "swapping")
            #expect(running.json["progress"]?.number == 41.5)
            try await server.complete(lease, with: jpeg, notes: ["By mesh."])
            let done = try await server.call("GET", "/jobs/\(id)")
            #expect(done.json["status"]?.string == "completed")
            #expect(done.json["result"]?["notes"] == .array([.string("By mesh.")]))
            #expect(done.json["links"]?["result"]?.string == "/jobs/\(id)/result")
            #expect(done.json["created_at"]?.string?.hasSuffix("Z") == true)

            let history = try await server.call("GET", "/jobs/\(id)/history")
            let kinds = history.json["events"]?.array?.compactMap { $0["event"]?.string }
            #expect(kinds?.first == "created")
            #expect(kinds?.last == "completed")
            #expect(try await server.call("DELETE", "/jobs/\(id)").status == 204)
            #expect(try await server.call("GET", "/jobs/\(id)").status == 404)
        }
    }

    @Test func `a quick job takes both files at once, in any order`() async throws {
        try await TestServer.run { server in
            let form = server.form([
                ("target", "group.mp4", mp4), ("source", "me.jpg", jpeg), ("mode", nil, Array("photo_video_fast".utf8)),
                ("options", nil, Array(#"{"trim_end":2.5}"#.utf8)),
            ])
            let made = try await server.call("POST", "/jobs/quick", headers: form.headers, body: form.body)
            #expect(made.status == 202, "\(made.text)")
            #expect(made["location"] == "/jobs/\(made.jobID)")
            #expect(made.json["status"]?.string == "queued")
            #expect(made.json["lane"]?.string == "video")
            #expect(made.json["options"]?["trim_end"]?.number == 2.5)
            #expect(made.json["inputs"]?.array?.count == 2)
        }
    }

    @Test func `options of a form count also where a browser sends them as JSON with a type, which makes them a file`()
        async throws
    {
        try await TestServer.run { server in
            let parts = [
                "name=\"mode\"\r\n\r\nphoto_photo",
                "name=\"source\"; filename=\"a.jpg\"\r\n\r\n",
                "name=\"target\"; filename=\"b.jpg\"\r\n\r\n",
                "name=\"options\"; filename=\"blob\"\r\nContent-Type: application/json\r\n\r\n{\"output_scale\":50}",
            ]
            var body: [UInt8] = []
            for (number, part) in parts.enumerated() {
                body += Array("--x\r\nContent-Disposition: form-data; \(part)".utf8)
                if number == 1 || number == 2 { body += jpeg }
                body += Array("\r\n".utf8)
            }
            let made = try await server.call(
                "POST", "/jobs/quick", headers: ["Content-Type": "multipart/form-data; boundary=x"],
                body: body + Array("--x--\r\n".utf8))
            #expect(made.status == 202, "\(made.text)")
            #expect(made.json["options"]?["output_scale"]?.number == 50)
        }
    }

    @Test func `lists of providers have one name or more, each of 64 characters of any script`() async throws {
        try await TestServer.run { server in
            let letters = String(repeating: "ж", count: 64)
            for (providers, status) in [("[]", 400), ("[\"\(letters)\"]", 201), ("[\"\(letters)ж\"]", 400)] {
                let answer = try await server.call(
                    "POST", "/jobs",
                    json: "{\"mode\":\"photo_photo\",\"options\":{\"execution_providers\":\(providers)}}")
                #expect(answer.status == status, "\(answer.text)")
            }
        }
    }

    @Test func `the same idempotency key makes one job, and another request under it is refused`() async throws {
        try await TestServer.run { server in
            let key = ["Idempotency-Key": "\"8e03978e-40d5\""]
            let first = try await server.call("POST", "/jobs", headers: key, json: #"{"mode":"photo_photo"}"#)
            // The same key unquoted, the same content in other words.
            let again = try await server.call(
                "POST", "/jobs", headers: ["Idempotency-Key": "8e03978e-40d5"],
                json: #"{ "options": {}, "mode": "photo_photo" }"#)
            #expect(again.jobID == first.jobID)
            let other = try await server.call("POST", "/jobs", headers: key, json: #"{"mode":"photo_video"}"#)
            #expect([409, 422].contains(other.status), "\(other.text)")
            let bobs = try await server.call("POST", "/jobs", as: "bob", headers: key, json: #"{"mode":"photo_photo"}"#)
            #expect(bobs.jobID != first.jobID, "keys of two owners have nothing to do with each other")
            let form = server.form([
                ("mode", nil, Array("photo_photo".utf8)), ("source", "a.jpg", jpeg), ("target", "b.jpg", jpeg),
            ])
            let quick = ["Idempotency-Key": "q1"].merging(form.headers) { $1 }
            let one = try await server.call("POST", "/jobs/quick", headers: quick, body: form.body)
            let two = try await server.call("POST", "/jobs/quick", headers: quick, body: form.body)
            #expect(one.jobID == two.jobID)
            #expect(try await server.call("GET", "/jobs").json["jobs"]?.array?.count == 2)
            func rerun(_ json: String?, _ key: String = "r1") async throws -> Answer {
                try await server.call("POST", "/jobs/\(one.jobID)/rerun", headers: ["Idempotency-Key": key], json: json)
            }
            let run = try await rerun(#"{"options":{"keep_eyes":true}}"#)
            let repeated = try await rerun(#"{ "options": {"keep_eyes": true}}"#)
            #expect(run.status == 202 && repeated.status == 202 && run.jobID == repeated.jobID)
            #expect(repeated["location"] == "/jobs/\(run.jobID)")
            #expect(try await rerun(nil).status == 409, "other choices under the same key")
            #expect(try await rerun(nil, "r2").jobID != run.jobID)
            #expect(try await server.call("GET", "/jobs").json["jobs"]?.array?.count == 4)
        }
    }

    @Test(arguments: [
        (#"{"mode":"no_such"}"#, 400, "no_such"), (#"{}"#, 400, "mode"), (#"[]"#, 400, "object"), ("{", 400, "JSON"),
        (#"{"mode":1}"#, 400, "mode"), (#"{"mode":"photo_photo","modus":1}"#, 400, "modus"),
        (#"{"mode":"photo_photo","options":{"output_scale":900}}"#, 400, "output_scale"),
        (#"{"mode":"photo_photo","options":{"map":{"a":1}}}"#, 400, "map"),
        (#"{"mode":"photo_photo","options":{"keep_eyes":"yes"}}"#, 400, "keep_eyes"),
        (#"{"mode":"photo_photo","webhook_url":"http://127.0.0.1/"}"#, 400, "https"),
        (#"{"mode":"photo_photo","webhook_url":"https://example.org/","webhook_events":["done"]}"#, 400, "done"),
    ])
    func `a mistake in a new job is named`(body: String, status: Int, word: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.call("POST", "/jobs", json: body)
            #expect(answer.status == status)
            #expect(answer.json["message"]?.string?.contains(word) == true, "\(answer.text)")
            let problem = try await server.call(
                "POST", "/jobs", headers: ["Accept": "application/problem+json"], json: body)
            #expect(problem["content-type"] == "application/problem+json")
            #expect(problem.json["status"]?.number == Double(status))
            #expect(problem.json["detail"]?.string?.isEmpty == false)
        }
    }

    @Test(arguments: [
        "limit=0", "limit=201", "limit=x", "status=done", "lane=audio", "all=maybe", "status=queued,", "cursor=",
    ])
    func `a parameter that makes no sense is refused`(query: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.call("GET", "/jobs?\(query)")
            #expect(answer.status == 400)
        }
    }

    @Test func `lists are filtered and paged`() async throws {
        try await TestServer.run { server in
            var ids: [String] = []
            for _ in 0..<5 {
                ids.append(try await server.call("POST", "/jobs", json: #"{"mode":"photo_photo"}"#).jobID)
            }
            var seen: [String] = []
            var cursor = ""
            for _ in 0..<4 {
                let page = try await server.call(
                    "GET", "/jobs?limit=2&status=draft,queued&lane=image&mode=photo_photo\(cursor)")
                seen += page.json["jobs"]?.array?.compactMap { $0["job_id"]?.string } ?? []
                guard let next = page.json["next_cursor"]?.string else { break }
                cursor = "&cursor=\(next)"
            }
            #expect(seen == ids.reversed())
            #expect(try await server.call("GET", "/jobs?status=failed").json["jobs"]?.array == [])
        }
    }

    @Test func `files that cannot be used are refused, and nothing of them remains`() async throws {
        try await TestServer.run(settings: ["MASQUE_MAX_PICTURE_MB": "1"]) { server in
            let id = try await server.call("POST", "/jobs", json: #"{"mode":"photo_photo"}"#).jobID
            let text = try await server.call("POST", "/jobs/\(id)/source", body: Array("no picture".utf8))
            #expect(text.status == 415)
            let video = try await server.call("POST", "/jobs/\(id)/source", body: mp4)
            #expect(video.status == 415)
            let large = jpeg + [UInt8](repeating: 0, count: 1_200_000)
            #expect(try await server.call("POST", "/jobs/\(id)/source", body: large).status == 413)
            let form = server.form([("file", "a.jpg", large)])
            #expect(
                try await server.call("POST", "/jobs/\(id)/source", headers: form.headers, body: form.body).status
                    == 413)
            let empty = server.form([("note", nil, Array("hi".utf8))])
            #expect(
                try await server.call("POST", "/jobs/\(id)/source", headers: empty.headers, body: empty.body).status
                    == 400)
            let missing = server.form([("mode", nil, Array("photo_photo".utf8)), ("source", "a.jpg", jpeg)])
            let quick = try await server.call("POST", "/jobs/quick", headers: missing.headers, body: missing.body)
            #expect(quick.status == 400)
            #expect(quick.json["message"]?.string?.contains("target") == true)
            let incoming = server.api.settings.home + "/blobs/incoming"
            #expect(try FileManager.default.contentsOfDirectory(atPath: incoming) == [])
            let done = try await server.completed()
            #expect(try await server.call("POST", "/jobs/\(done)/source", body: jpeg).status == 409)
        }
    }

    @Test func `cancel is at once where nothing runs, and soon where something does`() async throws {
        try await TestServer.run { server in
            let waiting = try await server.submitted()
            let canceled = try await server.call("POST", "/jobs/\(waiting)/cancel")
            #expect(canceled.status == 200)
            #expect(canceled.json["status"]?.string == "canceled")
            let running = try await server.submitted()
            let lease = try await server.claim().lease
            let asked = try await server.call("POST", "/jobs/\(running)/cancel")
            #expect(asked.status == 202)
            #expect(asked.json["cancel_requested"]?.bool == true)
            #expect(try await server.store.finishCanceled(lease, expiresAt: nil, now: Date()))
            #expect(try await server.call("GET", "/jobs/\(running)").json["status"]?.string == "canceled")
            let again = try await server.call(
                "POST", "/jobs/\(running)/rerun", json: #"{"options":{"keep_eyes":true}}"#)
            #expect(again.status == 202)
            #expect(again.jobID != running)
            #expect(again["location"] == "/jobs/\(again.jobID)")
            #expect(try await server.call("POST", "/jobs/\(running)/rerun").status == 202, "without a body")
        }
    }

    @Test func `faces of an input come with their pictures`() async throws {
        try await TestServer.run { server in
            let id = try await server.submitted()
            let faces = try await server.call("GET", "/jobs/\(id)/inputs/target/faces?time=0.5")
            #expect(faces.status == 200)
            #expect(faces.json["faces"]?[0]?["number"]?.number == 0)
            #expect(faces.json["faces"]?[0]?["image"]?.string == "data:image/jpeg;base64,ZmFjZQ==")
            #expect(faces.json["frame"]?.string == "data:image/jpeg;base64,ZnJhbWU=")
            #expect(faces.json["media"]?["media_type"]?.string == "image/jpeg")
            #expect(try await server.call("GET", "/jobs/\(id)/inputs/other/faces").status == 404)
            #expect(try await server.call("GET", "/jobs/\(id)/inputs/target/faces?time=-1").status == 400)
            #expect(try FileManager.default.contentsOfDirectory(atPath: server.api.scratch) == [])
        }
    }
}
