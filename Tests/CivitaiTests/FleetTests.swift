// A fleet of this and that: Masques with tokens, older extensions without, dead ones and strange ones.

import AsyncHTTPClient
import Civitai
import Errors
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Testing

@Suite struct FleetTests {
    @Test func `a list of servers is read from YAML and JSON, with or without a head`() throws {
        let yaml = """
            - name: PC1
              url: http://192.168.1.5:7860/
            - name: PC2
              url: https://faces.example.com
              token: a-long-token-of-pc2
            """
        let servers = try [FleetServer](yaml: yaml, place: "servers.yaml")
        #expect(servers.map(\.url) == ["http://192.168.1.5:7860", "https://faces.example.com"])
        #expect(servers[1].token?.text == "a-long-token-of-pc2")
        #expect(!"\(servers)".contains("a-long-token"))
        #expect(try [FleetServer](yaml: "servers:\n- {name: a, url: http://a}\n", place: "x").map(\.name) == ["a"])
        #expect(try [FleetServer](yaml: #"[{"name":"PC1","url":"http://a:7860"}]"#, place: "x").map(\.name) == ["PC1"])
        #expect(try servers.named(["PC2"]).map(\.name) == ["PC2"])
        #expect(try servers.named(nil).count == 2)
        #expect(throws: MasqueError.self) { try servers.named(["PC3"]) }
    }

    @Test(arguments: [
        "", "[]", "just text", "- name: a", "- {name: a, url: ftp://a}", "- {name: a, url: 'http://u:p@a'}",
        "- {name: a, url: 'http://a?x=1'}", "- {name: '', url: http://a}", "- {name: a, url: http://a, token: 'a b'}",
        "- {name: a, url: http://a}\n- {name: a, url: http://b}", "- [", "servers: 5",
    ])
    func `a list that is none is refused`(yaml: String) {
        let error = #expect(throws: MasqueError.self) { try [FleetServer](yaml: yaml, place: "servers.yaml") }
        #expect(error?.code == .badInput)
    }

    private final class Calls: Sendable {
        let list = Mutex<[(path: String, token: String?, body: String)]>([])
    }

    /// An extension as other people have it: knows the contract's calls and nothing else.
    private func fakeExtension(token: String?, calls: Calls) -> Router<BasicRequestContext> {
        let router = Router()
        @Sendable func json(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
            Response(
                status: status, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(string: text)))
        }
        let name = HTTPField.Name("X-Token")
        router.get("civitai/status") { request, _ in
            calls.list.withLock { $0.append(("status", name.flatMap { request.headers[$0] }, "")) }
            return json(#"{"status":"online","service":"civitai-downloader"}"#)
        }
        router.post("civitai/download") { request, _ in
            let sent = name.flatMap { request.headers[$0] }
            let body = String(buffer: try await request.body.collect(upTo: 1 << 16))
            calls.list.withLock { $0.append(("download", sent, body)) }
            guard request.headers[.contentType] == "application/json" else {
                return json(#"{"detail":"no JSON"}"#, .badRequest)
            }
            guard token == nil || sent == token else { return json(#"{"detail":"Invalid token"}"#, .unauthorized) }
            if body.contains("404") { return json(#"{"success":false,"message":"Model not found"}"#, .notFound) }
            return json(
                #"{"success":true,"message":"Model downloaded successfully","filename":"m.safetensors","path":"C:\\models\\Lora\\m.safetensors","model_name":"Amazing LoRA","version_name":"v1.0"}"#
            )
        }
        return router
    }

    /// What is at that address all the same.
    @Sendable private func oddServer() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("civitai/status") { _, _ in "<html>" }
        router.get("moved/civitai/status") { _, _ in
            Response(status: .temporaryRedirect, headers: [.location: "http://127.0.0.1:1/"])
        }
        return router
    }

    @Test func `each server that answers downloads, and each result is its own`() async throws {
        let (new, old, strange) = (Calls(), Calls(), Calls())
        try await serve({ fakeExtension(token: "t0ken-of-pc1", calls: new) }) { first in
            try await serve({ fakeExtension(token: nil, calls: old) }) { second in
                try await serve(oddServer) { third in
                    try await serve({ fakeExtension(token: "another", calls: strange) }) { fourth in
                        let http = CivitaiClient.client()
                        let client = FleetClient(http: http)
                        let servers = [
                            try FleetServer(
                                name: "PC1", url: "http://127.0.0.1:\(first)", token: Secret("t0ken-of-pc1")),
                            try FleetServer(name: "PC2", url: "http://127.0.0.1:\(second)"),
                            try FleetServer(name: "dead", url: "http://127.0.0.1:1"),
                            try FleetServer(name: "odd", url: "http://127.0.0.1:\(third)"),
                            try FleetServer(name: "moved", url: "http://127.0.0.1:\(third)/moved"),
                            try FleetServer(name: "shut", url: "http://127.0.0.1:\(fourth)", token: Secret("wrong")),
                        ]
                        let statuses = await client.statuses(of: servers)
                        #expect(statuses.map(\.online) == [true, true, false, false, false, true])
                        #expect(statuses[0].service == "civitai-downloader")
                        #expect(statuses[4].message == "The server answered with status 307.")
                        let results = await client.download(
                            "https://civitai.com/models/1", key: Secret("k"), to: servers)
                        #expect(results.map(\.name) == servers.map(\.name))
                        #expect(results.map(\.success) == [true, true, false, false, false, false])
                        #expect(results.map(\.status) == [200, 200, nil, nil, nil, 401])
                        #expect(results[1].path == #"C:\models\Lora\m.safetensors"#)
                        #expect(results[1].modelName == "Amazing LoRA")
                        #expect(results[2].message == "The server could not be reached.")
                        #expect(results[5].message == "Invalid token")
                        let failed = await client.download("https://civitai.com/models/404", key: nil, to: [servers[1]])
                        #expect(failed.first?.message == "Model not found")
                        #expect(failed.first?.status == 404)
                        try await http.shutdown()
                    }
                }
            }
        }
        #expect(new.list.withLock { $0.allSatisfy { $0.token == "t0ken-of-pc1" } })
        #expect(old.list.withLock { $0.allSatisfy { $0.token == nil } })
        let body = new.list.withLock { $0.first { $0.path == "download" }?.body } ?? ""
        #expect(body.contains(#""api_key":"k""#))
        let second = old.list.withLock { $0.last?.body } ?? ""
        #expect(!second.contains("api_key"))
    }
}
