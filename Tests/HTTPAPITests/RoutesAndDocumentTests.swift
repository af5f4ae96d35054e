// The routes and the document must say the same, in both directions.

import Foundation
import HTTPAPI
import Testing

@Suite struct RoutesAndDocumentTests {
    /// What a browser loads beside the API: files of pages, no calls.
    private let pageFiles: Set<String> = ["GET /studio/**", "GET /docs/assets/{}"]

    @Test func `every route is in the document and every operation of the document has a route`() async throws {
        try await TestServer.run { server in
            let routes = Set(
                try server.api.routes.map { "\($0.method) \(APIDocument.shape($0.path))" })
            let served = routes.subtracting(pageFiles)
            // HEAD is answered wherever GET is.
            let heads = Set(served.filter { $0.hasPrefix("GET ") }.map { $0.replacing("GET ", with: "HEAD ", maxReplacements: 1) })
            let documented = server.document.operations
            #expect(served.subtracting(documented).sorted() == [], "served, but not documented")
            #expect(documented.subtracting(served).subtracting(heads).sorted() == [], "documented, but not served")
            #expect(pageFiles.isSubset(of: routes))
        }
    }

    @Test func `the document has the server's version, and every reference in it leads somewhere`() async throws {
        try await TestServer.run { server in
            #expect(server.document.root["info"]?["version"]?.string == "9.8.7")
            let yaml = try await server.call("GET", "/openapi.yaml", as: nil)
            #expect(yaml.text.contains("version: \"9.8.7\""))
            var references: Set<String> = []
            func walk(_ node: JSON) {
                switch node {
                case .object(let fields):
                    if let reference = node["$ref"]?.string { references.insert(reference) }
                    fields.values.forEach(walk)
                case .array(let items): items.forEach(walk)
                default: break
                }
            }
            walk(server.document.root)
            #expect(references.count > 60)
            for reference in references {
                var found: JSON? = server.document.root
                for part in reference.dropFirst(2).split(separator: "/") { found = found?[String(part)] }
                #expect(found != nil, "\(reference)")
            }
        }
    }

    @Test func `all examples of the document are as its schemas say`() async throws {
        try await TestServer.run { server in
            func walk(_ node: JSON, _ place: String) {
                if let schema = node["schema"] {
                    let values = [node["example"]] + (node["examples"]?.object?.values.map { $0["value"] } ?? [])
                    for case let value? in values {
                        #expect(server.document.check(value, against: schema) == [], "\(place)")
                    }
                }
                for (name, child) in node.object ?? [:] { walk(child, "\(place)/\(name)") }
                for (index, child) in (node.array ?? []).enumerated() { walk(child, "\(place)/\(index)") }
            }
            walk(server.document.root["paths"] ?? .null, "paths")
            walk(server.document.root["components"] ?? .null, "components")
        }
    }

    @Test func `a wrong method is answered with 405 and what is possible`() async throws {
        try await TestServer.run { server in
            let answer = try await server.call("PUT", "/jobs", headers: ["Accept": "*/*"])
            #expect(answer.status == 405)
            #expect(answer["allow"]?.contains("POST") == true)
            #expect(answer.json["error"]?.string == "methodNotAllowed")
            let options = try await server.call("OPTIONS", "/modes", as: nil)
            #expect(options.status == 204)
            #expect(options["allow"]?.contains("GET") == true)
        }
    }

    @Test func `HEAD is answered wherever GET is, without a body`() async throws {
        try await TestServer.run { server in
            let id = try await server.completed()
            for path in ["/health", "/jobs", "/jobs/\(id)", "/jobs/\(id)/result", "/openapi.json", "/modes", "/"] {
                let get = try await server.call("GET", path)
                let head = try await server.call("HEAD", path)
                #expect(head.status == get.status, "\(path)")
                #expect(head.body.isEmpty, "\(path)")
                #expect(head["content-type"] == get["content-type"], "\(path)")
            }
        }
    }
}
