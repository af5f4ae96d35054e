// What one person may have: drafts, stored bytes, keys; told at /me, refused with the number of it and what to do.

import Foundation
import HTTPAPI
import JobQueue
import Services
import Testing

@Suite struct OwnerLimitTests {
    private let tus = ["Tus-Resumable": "1.0.0"]

    /// A picture of so many bytes.
    private func picture(_ bytes: Int) -> [UInt8] { jpeg + [UInt8](repeating: 7, count: bytes - jpeg.count) }

    private func draft(_ server: TestServer, as user: String = "demo") async throws -> Answer {
        try await server.call("POST", "/jobs", as: user, json: #"{"mode":"photo_photo"}"#)
    }

    private func send(_ server: TestServer, _ bytes: Int, to role: String, of id: String) async throws -> Answer {
        try await server.call(
            "POST", "/jobs/\(id)/\(role)", headers: ["Content-Type": "image/jpeg"], body: picture(bytes))
    }

    private func begin(_ server: TestServer, _ length: Int, as user: String = "demo") async throws -> Answer {
        try await server.call(
            "POST", "/uploads", as: user, headers: tus.merging(["Upload-Length": "\(length)"]) { $1 })
    }

    private func usage(_ server: TestServer) async throws -> JSON? { try await server.call("GET", "/me").json["usage"] }

    @Test func `drafts beyond the limit are refused with what to do, and /me counts them`() async throws {
        try await TestServer.run(settings: ["MASQUE_MAX_DRAFTS": "2"]) { server in
            let me = try await server.call("GET", "/me").json
            #expect(me["limits"]?["max_drafts"]?.number == 2)
            #expect(me["usage"]?["drafts"]?.number == 0)
            let first = try await draft(server)
            #expect(try await draft(server).status == 201)
            let refused = try await draft(server)
            #expect(refused.status == 429)
            #expect(refused.json["error"]?.string == "tooManyRequests")
            #expect(refused.json["message"]?.string?.contains("2 drafts") == true)
            #expect(refused.json["advice"]?.string?.contains("Submit or delete") == true)
            #expect(try await draft(server, as: "bob").status == 201)
            #expect(try await usage(server)?["drafts"]?.number == 2)
            #expect(try await server.call("DELETE", "/jobs/\(first.jobID)").status == 204)
            #expect(try await draft(server).status == 201)
        }
    }

    @Test func `files beyond the limit are refused with how much is used, and deleting makes room`() async throws {
        try await TestServer.run(settings: ["MASQUE_MAX_STORED_MB": "1"]) { server in
            let id = try await draft(server).jobID
            #expect(try await send(server, 600_000, to: "source", of: id).status == 200)
            let refused = try await send(server, 500_000, to: "target", of: id)
            #expect(refused.status == 507)
            #expect(refused.json["error"]?.string == "outOfSpace")
            #expect(refused.json["message"]?.string?.contains("of the 1 MB that you may store") == true)
            #expect(refused.json["advice"]?.string?.contains("Delete jobs") == true)
            #expect(try await send(server, 1_200_000, to: "target", of: id).status == 507, "announced as too much")
            #expect(try await send(server, 400_000, to: "target", of: id).status == 200)
            #expect(try await usage(server)?["stored_bytes"]?.number == 1_000_000)
            #expect(try await send(server, 300_000, to: "target", of: id).status == 200, "in place of the other")
            let form = server.form([
                ("mode", nil, Array("photo_photo".utf8)), ("source", "a.jpg", picture(60_000)),
                ("target", "b.jpg", picture(60_000)),
            ])
            let quick = try await server.call("POST", "/jobs/quick", headers: form.headers, body: form.body)
            #expect(quick.status == 507)
            #expect(try await server.call("DELETE", "/jobs/\(id)").status == 204)
            #expect(try await usage(server)?["stored_bytes"]?.number == 0)
            #expect(
                try await server.call("POST", "/jobs/quick", headers: form.headers, body: form.body).status == 202)
            let files =
                FileManager.default.enumerator(atPath: server.api.settings.home + "/blobs")?
                .allObjects.compactMap { $0 as? String }.filter { $0.utf8.count > 30 } ?? []
            #expect(files.count == 2, "what was refused left no file: \(files)")
        }
    }

    @Test func `unfinished uploads count with all their length, also those begun at once`() async throws {
        try await TestServer.run(settings: ["MASQUE_MAX_STORED_MB": "1"]) { server in
            let id = try await draft(server).jobID
            let made = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let answer = try await begin(server, 400_000)
                        return (answer.status, answer["location"])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(made.allSatisfy { $0.0 == 201 || $0.0 == 507 } && made.filter { $0.0 == 201 }.count <= 2)
            var places = made.compactMap(\.1)
            // Uploads that are refused in one moment may refuse each other; one after the other they fit.
            while places.count < 2 { places.append(try #require(try await begin(server, 400_000)["location"])) }
            #expect(try await begin(server, 400_000).status == 507)
            #expect(try await begin(server, 400_000, as: "bob").status == 201)
            #expect(try await usage(server)?["stored_bytes"]?.number == 800_000)
            #expect(try await send(server, 300_000, to: "source", of: id).status == 507)
            #expect(try await send(server, 200_000, to: "source", of: id).status == 200)
            #expect(try await server.call("DELETE", places[0], headers: tus).status == 204)
            #expect(try await usage(server)?["stored_bytes"]?.number == 600_000)
            let bytes = picture(400_000)
            let sent = try await server.call(
                "PATCH", places[1],
                headers: tus.merging(["Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"]) { $1 },
                body: bytes)
            #expect(sent.status == 204)
            let upload = try #require(places[1].split(separator: "/").last)
            let taken = try await server.call("POST", "/jobs/\(id)/target", json: #"{"upload_id":"\#(upload)"}"#)
            #expect(taken.status == 200)
            #expect(try await usage(server)?["stored_bytes"]?.number == 600_000, "it counts as an input now, once")
        }
    }

    @Test func `keys beyond the limit are refused until one is revoked`() async throws {
        try await TestServer.run(settings: ["MASQUE_MAX_KEYS": "2"]) { server in
            func make() async throws -> Answer { try await server.call("POST", "/keys", json: #"{"name":"shop"}"#) }
            let first = try await make()
            #expect(try await make().status == 201)
            let refused = try await make()
            #expect(refused.status == 409)
            #expect(refused.json["message"]?.string?.contains("2 API keys") == true)
            #expect(try await usage(server)?["keys"]?.number == 2)
            #expect(try await server.call("DELETE", "/keys/\(first.json["id"]?.string ?? "")").status == 204)
            #expect(try await make().status == 201)
            #expect(try await server.call("GET", "/me").json["limits"]?["max_keys"]?.number == 2)
        }
    }

    @Test func `without a limit on bytes /me says null`() async throws {
        try await TestServer.run(settings: ["MASQUE_MAX_STORED_MB": "0"]) { server in
            let limits = try await server.call("GET", "/me").json["limits"]
            #expect(limits?["max_stored_bytes"] == .null)
            let id = try await draft(server).jobID
            #expect(try await send(server, 2_000_000, to: "source", of: id).status == 200)
        }
    }
}
