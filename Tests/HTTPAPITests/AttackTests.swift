// What an attacker tries at the HTTP front: costly JSON, foreign pages, forged hosts, guessing, and rights that were not given.

import Foundation
import HTTPAPI
import JobQueue
import Services
import Testing

@Suite struct AttackTests {
    @Test func `deeply nested JSON is refused at once, in bodies and in form fields`() async throws {
        try await TestServer.run { server in
            let deep = String(repeating: "[", count: 100_000)
            let start = ContinuousClock.now
            let answer = try await server.call("POST", "/jobs", json: #"{"mode":"photo_photo","options":\#(deep)"#)
            #expect(answer.status == 400)
            #expect(answer.json["message"]?.string?.contains("deeper than 32 levels") == true)
            let field = server.form([("mode", nil, Array("photo_photo".utf8)), ("request", nil, Array(deep.utf8))])
            for path in ["/process/image", "/jobs/quick"] {
                let status = try await server.call("POST", path, headers: field.headers, body: field.body).status
                #expect(status == 400 || status == 413)
            }
            // Brackets within a text count for nothing, and many shallow lists are read in no time.
            let text = try await server.call("POST", "/jobs", json: #"{"mode":"\#(deep.prefix(200))\"["}"#)
            #expect(text.json["message"]?.string?.contains("There is no mode") == true)
            let wide = "[" + String(repeating: "[],", count: 80_000) + "[]]"
            #expect(try await server.call("POST", "/jobs", json: #"{"mode":\#(wide)}"#).status == 400)
            #expect(ContinuousClock.now - start < .seconds(60))
        }
    }

    @Test(arguments: [
        #"{"mode":"photo_photo",}"#, #"{"mode":"photo_photo"} x"#, #"{"mode":"photo\_photo"}"#, #"{"mode":01}"#,
        #"{"mode":1e999}"#, #"{"mode":"\ud800"}"#, #"{"mode" "photo_photo"}"#, "{\"mode\":\"a\u{1}\"}",
        #"{"mode":tru}"#,
        #"{"mode""#, #"{"mode":"photo"#, "{", "[1,]", "-", #"{"mode":.5}"#,
    ])
    func `what is no JSON is refused as such`(text: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.call("POST", "/jobs", json: text)
            #expect(answer.status == 400)
            #expect(answer.json["message"]?.string == "The body is no valid JSON.")
        }
    }

    @Test func `JSON is read whole, escapes and numbers too`() async throws {
        try await TestServer.run { server in
            let json =
                #" {"mode":"ph\u006fto_photo" , "options":{"map":{"0":1e0},"keep_mouth":true,"trim_start":null}} "#
            #expect(try await server.call("POST", "/jobs", json: json).status == 201)
            let odd = try await server.call("POST", "/jobs", json: #"{"mode":"\ud83d\ude00\u00e4\n\/"}"#)
            #expect(odd.json["message"]?.string?.contains("😀ä\n/") == true)
        }
    }

    @Test func `without a token no foreign page and no foreign name gets in`() async throws {
        try await TestServer.run(
            settings: [
                "JWT_REQUIRED": "0", "MASQUE_PUBLIC_URL": "https://faces.example.com",
                "MASQUE_CORS_ORIGINS": "https://friend.example.org",
            ]
        ) { server in
            func status(_ headers: [String: String], as user: String? = nil) async throws -> Int {
                try await server.call("GET", "/jobs", as: user, headers: headers).status
            }
            #expect(try await status([:]) == 200)
            #expect(try await status(["Origin": "http://127.0.0.1:\(server.port)"]) == 200)
            #expect(try await status(["Origin": "https://faces.example.com", "Sec-Fetch-Site": "same-origin"]) == 200)
            #expect(try await status(["Origin": "https://friend.example.org", "Sec-Fetch-Site": "cross-site"]) == 200)
            #expect(try await status(["Origin": "https://evil.example.net"]) == 403)
            #expect(try await status(["Origin": "http://127.0.0.1:1"]) == 403)
            #expect(try await status(["Origin": "null"]) == 403)
            #expect(try await status(["Sec-Fetch-Site": "cross-site"]) == 403)
            for host in ["localhost:\(server.port)", "[::1]", "10.0.0.7:8000", "faces.example.com", "masque:8000"] {
                #expect(try await status(["Host": host]) == 200, "\(host)")
            }
            for host in ["evil.example.net", "127.0.0.1.example.net", "faces.example.com.evil.net:80"] {
                #expect(try await status(["Host": host]) == 403, "\(host)")
            }
            // Who has a token is judged by that.
            #expect(
                try await status(["Host": "evil.example.net", "Origin": "https://evil.example.net"], as: "ann") == 200)
            let bare = try await server.call("POST", "/jobs", as: nil, body: Array(#"{"mode":"photo_photo"}"#.utf8))
            #expect(bare.status == 415)
            #expect(try await server.call("POST", "/jobs", as: nil, json: #"{"mode":"photo_photo"}"#).status == 201)
        }
    }

    @Test func `a forged Host header gets into no link`() async throws {
        try await TestServer.run { server in
            let id = try await server.completed()
            func url(_ host: String) async throws -> String {
                try await server.call("POST", "/jobs/\(id)/share", headers: ["Host": host], json: "{}").json["url"]?
                    .string ?? ""
            }
            #expect(try await url("faces.example.com:8000").hasPrefix("http://faces.example.com:8000/shared/"))
            #expect(try await url("evil.net/?x=").hasPrefix("/shared/"))
            #expect(try await url("a@evil.net").hasPrefix("/shared/"))
        }
    }

    @Test func `guessing tokens ends in 429, and does not lock out who has one`() async throws {
        try await TestServer.run { server in
            var statuses: [Int] = []
            for number in 0..<70 {
                statuses.append(
                    try await server.call("GET", "/jobs", as: nil, headers: ["X-API-Key": "masque_\(number)"]).status)
            }
            #expect(statuses.first == 401 && statuses.last == 429)
            #expect(try await server.call("GET", "/jobs").status == 200)
        }
    }

    @Test func `all tokens and keys of one person draw on one quota`() async throws {
        try await TestServer.run(settings: ["MASQUE_REQUESTS_PER_MINUTE": "1"]) { server in
            let key = try await server.api.keys.create(owner: OwnerID(rawValue: "demo"), name: "a", scopes: [.read])
            #expect(try await server.call("GET", "/jobs").status == 200)
            let byKey = try await server.call("GET", "/jobs", as: nil, headers: ["X-API-Key": key.text])
            #expect(byKey.status == 429)
            #expect(try await server.call("GET", "/jobs", as: "ann").status == 200)
        }
    }

    @Test func `who may only read cannot delete by downloading`() async throws {
        try await TestServer.run { server in
            let answer = try await server.call("GET", "/download/x.jpg?cleanup=true", scopes: [.read])
            #expect(answer.status == 403)
            #expect(try await server.call("GET", "/download/x.jpg", scopes: [.read]).status == 404)
        }
    }

    @Test func `a fixed path allows its own methods alone`() async throws {
        try await TestServer.run { server in
            let answer = try await server.call("OPTIONS", "/jobs/quick")
            #expect(answer["allow"] == "POST, OPTIONS")
        }
    }
}
