// Results as files: parts, tags, names, links.

import Foundation
import Testing

@Suite struct ResultTests {
    private let bytes = Array("0123456789abcdef".utf8)

    @Test func `a result is sent whole, in parts, or not at all when the client has it`() async throws {
        try await TestServer.run { server in
            let id = try await server.completed(with: bytes)
            let path = "/jobs/\(id)/result"
            let whole = try await server.call("GET", path)
            #expect(whole.status == 200)
            #expect(whole.body == bytes)
            #expect(whole["content-type"] == "image/jpeg")
            #expect(whole["content-disposition"]?.hasPrefix("attachment") == true)
            #expect(whole["content-disposition"]?.contains("-masque.jpg") == true)
            #expect(whole["accept-ranges"] == "bytes")
            let tag = try #require(whole["etag"])
            let part = try await server.call("GET", path, headers: ["Range": "bytes=4-7"])
            #expect(part.status == 206)
            #expect(part.text == "4567")
            #expect(part["content-range"] == "bytes 4-7/16")
            #expect(try await server.call("GET", path, headers: ["Range": "bytes=-3"]).text == "def")
            #expect(try await server.call("GET", path, headers: ["Range": "bytes=99-"]).status == 416)
            #expect(try await server.call("GET", path, headers: ["If-None-Match": tag]).status == 304)
            let changed = try await server.call("GET", path, headers: ["Range": "bytes=4-7", "If-Range": "\"other\""])
            #expect(changed.status == 200)
            let head = try await server.call("HEAD", path)
            #expect(head["content-length"] == "16")
        }
    }

    @Test func `a shared link shows the result to anybody until the job is gone`() async throws {
        try await TestServer.run { server in
            let id = try await server.completed(with: bytes)
            let share = try await server.call("POST", "/jobs/\(id)/share", json: #"{"expires_in":3600}"#)
            #expect(share.status == 201)
            let url = try #require(URL(string: share.json["url"]?.string ?? ""))
            #expect(url.port == server.port)
            let seen = try await server.call("GET", url.path, as: nil, headers: ["Range": "bytes=0-1"])
            #expect(seen.status == 206)
            #expect(seen.text == "01")
            #expect(try await server.call("GET", url.path + "x", as: nil).status == 404)
            #expect(try await server.call("POST", "/jobs/\(id)/share", json: #"{"expires_in":5}"#).status == 400)
            #expect(try await server.call("POST", "/jobs/\(id)/share").status == 201, "a day without a body")
            #expect(try await server.call("DELETE", "/jobs/\(id)").status == 204)
            #expect(try await server.call("GET", url.path, as: nil).status == 404)
            let draft = try await server.call("POST", "/jobs", json: #"{"mode":"photo_photo"}"#).jobID
            #expect(try await server.call("POST", "/jobs/\(draft)/share").status == 409)
        }
    }

    @Test func `a dead link is a page for a browser and JSON for a program`() async throws {
        try await TestServer.run { server in
            let headers = ["Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "ru"]
            let page = try await server.call("GET", "/shared/nothing", as: nil, headers: headers)
            #expect(page.status == 404)
            #expect(page["content-type"] == "text/html; charset=utf-8")
            #expect(page.text.contains("<html lang=\"ru\">"))
            let json = try await server.call("GET", "/shared/nothing", as: nil)
            #expect(json.json["error"]?.string == "notFound")
        }
    }

    @Test func `webhooks are subscribed, listed without secrets, and ended`() async throws {
        try await TestServer.run { server in
            let id = try await server.submitted()
            let path = "/jobs/\(id)/webhook"
            let made = try await server.call(
                "POST", path,
                json: #"{"url":"https://example.org/h","events":["queued","running","completed","failed"]}"#)
            #expect(made.status == 201)
            #expect(made.json["secret"]?.string?.hasPrefix("whsec_") == true)
            #expect(made.json["events"]?.array?.count == 4)
            let list = try await server.call("GET", "/jobs/\(id)/webhooks")
            #expect(list.json["webhooks"]?.array?.count == 1)
            #expect(!list.text.contains("whsec_"))
            let webhook = try #require(made.json["id"]?.string)
            #expect(made["location"] == "/jobs/\(id)/webhooks/\(webhook)")
            #expect(try await server.call("DELETE", "/jobs/\(id)/webhooks/\(webhook)").status == 204)
            #expect(try await server.call("DELETE", "/jobs/\(id)/webhooks/\(webhook)").status == 404)
            for address in ["http://10.0.0.1/", "https://127.0.0.1/", "https://localhost/", "ftp://example.org/", "x"] {
                #expect(
                    try await server.call("POST", path, json: #"{"url":"\#(address)"}"#).status == 400, "\(address)")
            }
        }
    }
}
