// Nobody sees, changes or guesses what is another's: every call with a job's name answers as if there were no such job.

import Foundation
import HTTPAPI
import JobQueue
import Testing

@Suite struct OwnershipTests {
    @Test func `on every route with a job, another's job is not found`() async throws {
        try await TestServer.run { server in
            let id = try await server.completed(as: "ann")
            let unknown = "00000000-0000-4000-8000-000000000000"
            let routes = try server.api.routes.filter { $0.path.contains("{job_id}") }
            #expect(routes.count > 15)
            for route in routes {
                let body: String? =
                    switch route.method {
                    case "POST": route.path.hasSuffix("webhook") ? #"{"url":"https://example.org/h"}"# : "{}"
                    case "PATCH": "{}"
                    default: nil
                    }
                func path(_ job: String) -> String {
                    route.path.replacing("{job_id}", with: job).replacing("{role}", with: "target")
                        .replacing("{webhook_id}", with: "wh_1")
                }
                let others = try await server.call(route.method, path(id), as: "bob", json: body)
                let nobodys = try await server.call(route.method, path(unknown), as: "bob", json: body)
                #expect(others.status == 404, "\(route.method) \(route.path): \(others.text)")
                // But for the name not a word differs between what is another's and what is not at all.
                let message = others.json["message"]?.string?.replacing(id, with: unknown)
                #expect(message == nobodys.json["message"]?.string, "\(route.method) \(route.path)")
            }
            #expect(try await server.call("GET", "/jobs", as: "bob").json["jobs"]?.array == [])
            #expect(try await server.call("GET", "/jobs/\(id)", as: "ann").status == 200)
        }
    }

    @Test func `every call but the public ones needs a token`() async throws {
        try await TestServer.run { server in
            let open: Set<String> = [
                "/", "/health", "/livez", "/readyz", "/docs", "/redoc", "/openapi.json", "/openapi.yaml", "/studio/**",
                "/docs/assets/{file}", "/shared/{token}", "/civitai/status", "/webhook",
            ]
            for route in try server.api.routes where route.method != "OPTIONS" {
                let path = route.path.split(separator: "/").map { $0.hasPrefix("{") ? "x" : String($0) }
                    .joined(separator: "/")
                let answer = try await server.call(
                    route.method, "/" + path, as: nil, headers: ["Tus-Resumable": "1.0.0"])
                if open.contains(route.path) {
                    #expect(answer.status != 401, "\(route.method) \(route.path)")
                } else {
                    #expect(answer.status == 401, "\(route.method) \(route.path)")
                    #expect(answer["www-authenticate"]?.hasPrefix("Bearer") == true)
                }
            }
        }
    }

    @Test func `a key that may only read cannot write, and keys show their secret once`() async throws {
        try await TestServer.run { server in
            let made = try await server.call("POST", "/keys", json: #"{"name":"viewer","scopes":["read"]}"#)
            #expect(made.status == 201)
            let key = try #require(made.json["key"]?.string)
            let list = try await server.call("GET", "/keys")
            #expect(list.json["keys"]?[0]?["name"]?.string == "viewer")
            #expect(!list.text.contains(key))
            #expect(try await server.call("GET", "/me", as: nil, headers: ["X-API-Key": key]).status == 200)
            #expect(try await server.call("GET", "/me", as: nil, headers: ["X-Token": key]).status == 200)
            let refused = try await server.call(
                "POST", "/jobs", as: nil, headers: ["X-API-Key": key], json: #"{"mode":"photo_photo"}"#)
            #expect(refused.status == 403)
            // Nobody gives out more than he has.
            let more = try await server.call("POST", "/keys", json: #"{"name":"root","scopes":["admin"]}"#)
            #expect(more.status == 403)
            let id = try #require(made.json["id"]?.string)
            #expect(try await server.call("DELETE", "/keys/\(id)", as: "bob").status == 404)
            #expect(try await server.call("DELETE", "/keys/\(id)").status == 204)
            #expect(try await server.call("GET", "/me", as: nil, headers: ["X-API-Key": key]).status == 401)
        }
    }

    @Test func `an administrator sees everybody's jobs when he asks for them`() async throws {
        try await TestServer.run { server in
            let id = try await server.completed(as: "ann")
            let all = try await server.call("GET", "/jobs?all=true", as: "root", scopes: [.read, .admin])
            #expect(all.json["jobs"]?[0]?["job_id"]?.string == id)
            #expect(
                try await server.call("GET", "/jobs", as: "root", scopes: [.read, .admin]).json["jobs"]?.array == [])
            #expect(try await server.call("GET", "/jobs?all=true", as: "bob").status == 403)
        }
    }
}
