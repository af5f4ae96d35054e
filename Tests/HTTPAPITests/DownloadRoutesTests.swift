// The model-downloads contract over HTTP: who is let in, what is answered, what is logged.

import Addresses
import AsyncHTTPClient
import Civitai
import Errors
import Foundation
import HTTPAPI
import JobQueue
import Logging
import NIOCore
import ServiceLifecycle
import Services
import Testing

@Suite struct DownloadRoutesTests {
    private static let token = "token-of-the-tests-0123456789"

    /// What a download comes to, by the model's number: 1 is there, 2 never ends, 400… fail so.
    @Sendable private static func fetch(
        _ link: CivitaiLink, _ key: Secret?, _ progress: @Sendable (FetchProgress) -> Void
    ) async throws -> FetchedModel {
        progress(FetchProgress(done: 20, total: 40))
        switch link.model {
        case 2: try await Task.sleep(for: .seconds(600))
        case 400: throw DownloadFailure(.unavailable, "The owner allows generating only.", advice: "Choose another.")
        case 401: throw DownloadFailure(.wrongKey, "Civitai does not take the API key.")
        case 403: throw DownloadFailure(.noAccess, "The account has no access.", advice: "Buy it.")
        case 404: throw DownloadFailure(.notFound, "Civitai has no such model.")
        case 410: throw DownloadFailure(.archived, "It was archived.")
        case 429: throw DownloadFailure(.quota, "The limit is passed.", advice: "Wait 30 seconds.", retryAfter: 30)
        case 500: throw DownloadFailure(.damaged, "It is not what was described.")
        case 503: throw DownloadFailure(.noConnection, "Civitai could not be reached.")
        case 504: throw DownloadFailure(.tooSlow, "It took too long.")
        case 507: throw DownloadFailure(.diskFull, "The disk is full.")
        default: break
        }
        return FetchedModel(
            filename: "model_name_v1.safetensors", path: "/srv/models/Lora/model_name_v1.safetensors",
            modelName: "Amazing LoRA", versionName: "v1.0", model: 1, version: 2, file: 3, type: "LORA",
            sha256: String(repeating: "a", count: 64), bytes: 40, wasThere: false)
    }

    /// A server with downloads behind `X-Token`.
    private func run(
        settings: [String: String] = [:], token: String? = token, clients: String = "",
        _ body: @Sendable (TestServer, _ home: String) async throws -> Void
    ) async throws {
        let folder = NSTemporaryDirectory() + "masque-downloads-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .critical
        let http = CivitaiClient.client()
        let queue = try DownloadQueue(
            folder: "\(folder)/queue", logger: logger, fetch: { try await Self.fetch($0, $1, $2) })
        var flags = settings
        flags["MASQUE_DOWNLOAD_TOKEN"] = token ?? ""
        flags["MASQUE_DOWNLOAD_CLIENTS"] = clients
        flags["MASQUE_DOWNLOAD_SECONDS"] = settings["MASQUE_DOWNLOAD_SECONDS"] ?? "60"
        let own = try ServerSettings(await SettingsReader(flags: flags, environment: [:], folder: folder)).downloads
        let downloads = ModelDownloads(
            queue: queue, fleet: FleetClient(http: http), host: "127.0.0.1:9", settings: own,
            suspicions: try SecurityLog(path: "\(folder)/security.jsonl", logger: logger))
        let group = ServiceGroup(configuration: .init(services: [.init(service: queue)], logger: logger))
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                do {
                    try await TestServer.run(settings: flags, change: { $0.downloads = downloads }) {
                        try await body($0, folder)
                    }
                } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        } catch {
            try await http.shutdown()
            throw error
        }
        try await http.shutdown()
    }

    private func link(_ model: Int) -> String { #"{"url":"https://civitai.com/models/\#(model)"}"# }

    private func post(
        _ server: TestServer, _ json: String, to path: String = "/civitai/download", token: String? = token,
        headers: [String: String] = [:]
    ) async throws -> Answer {
        try await server.call(
            "POST", path, as: nil, headers: headers.merging(token.map { ["X-Token": $0] } ?? [:]) { $1 }, json: json)
    }

    @Test func `the status is told to everybody, in the contract's words`() async throws {
        try await run { server, _ in
            let answer = try await server.call("GET", "/civitai/status", as: nil)
            #expect(answer.status == 200)
            #expect(answer.text == #"{"service":"civitai-downloader","status":"online"}"#)
        }
    }

    @Test func `a download waits for its end and answers what the contract says`() async throws {
        try await run { server, _ in
            let answer = try await post(server, link(1))
            #expect(answer.status == 200)
            #expect(answer.json["success"]?.bool == true)
            #expect(answer.json["message"]?.string == "Model downloaded successfully")
            #expect(answer.json["filename"]?.string == "model_name_v1.safetensors")
            #expect(answer.json["path"]?.string == "/srv/models/Lora/model_name_v1.safetensors")
            #expect(answer.json["model_name"]?.string == "Amazing LoRA")
            #expect(answer.json["version_name"]?.string == "v1.0")
            let id = try #require(answer.json["download_id"]?.string)
            let state = try await server.call(
                "GET", "/civitai/downloads/\(id)", as: nil, headers: ["X-Token": Self.token])
            #expect(state.json["status"]?.string == "completed")
            #expect(state.json["progress"]?.number == 100)
        }
    }

    @Test func `sentences come in the caller's language; what the contract fixes stays`() async throws {
        try await run { server, _ in
            let russian = ["Accept-Language": "ru"]
            let done = try await post(server, link(1), headers: russian)
            #expect(done.json["message"]?.string == "Model downloaded successfully")
            let accepted = try await post(
                server, #"{"url":"https://civitai.com/models/401","wait":false}"#, headers: russian)
            #expect(accepted.status == 202 && accepted["content-language"] == "ru")
            let queued = try #require(accepted.json["message"]?.string)
            #expect(queued != "The download is queued." && queued.contains { ("а"..."я").contains($0) })
            let id = try #require(accepted.json["download_id"]?.string)
            let failed = try await post(server, link(401), headers: russian)
            let sentence = try #require(failed.json["message"]?.string)
            #expect(failed.status == 401 && sentence.contains { ("а"..."я").contains($0) })
            var headers = russian
            headers["X-Token"] = Self.token
            let events = try await server.call("GET", "/civitai/downloads/\(id)/events", as: nil, headers: headers)
            #expect(events.text.contains(sentence))
            let state = try await server.call("GET", "/civitai/downloads/\(id)", as: nil, headers: headers)
            #expect(state.json["message"]?.string == sentence && state.json["error"]?.string == "wrongKey")
            headers["Accept-Language"] = nil
            let english = try await server.call("GET", "/civitai/downloads/\(id)", as: nil, headers: headers)
            #expect(english.json["message"]?.string == "Civitai does not take the API key.")
        }
    }

    @Test(arguments: [400, 401, 403, 404, 410, 429, 500, 503, 504, 507])
    func `failures are told apart by status, each with success false and a sentence`(status: Int) async throws {
        try await run { server, _ in
            let answer = try await post(server, link(status))
            #expect(answer.status == status)
            #expect(answer.json["success"]?.bool == false)
            #expect(answer.json["message"]?.string?.hasSuffix(".") == true)
            if status == 403 { #expect(answer.json["message"]?.string == "The account has no access. Buy it.") }
            if status == 429 { #expect(answer["retry-after"] == "30") }
        }
    }

    @Test func `wrong links and bodies are refused before anything is queued`() async throws {
        try await run { server, _ in
            for json in [
                #"{"url":"https://example.com/models/1"}"#, #"{"url":""}"#, "{}", #"{"url":5}"#, "[]", "nonsense",
                #"{"url":"https://civitai.com/models/1","api_key":"a b"}"#,
                #"{"url":"https://civitai.com/models/1","format":"../"}"#,
                #"{"url":"https://civitai.com/models/1","formt":"GGUF"}"#,
            ] {
                let answer = try await post(server, json)
                #expect(answer.status == 400, "\(json)")
                #expect(answer.json["success"]?.bool == false)
            }
            let list = try await server.call("GET", "/civitai/downloads", as: nil, headers: ["X-Token": Self.token])
            #expect(list.json["downloads"]?.array?.isEmpty == true)
        }
    }

    @Test func `who has no token or a wrong one is refused and logged; administrators are let in, others are not`()
        async throws
    {
        try await run { server, folder in
            let without = try await post(server, link(1), token: nil)
            #expect(without.status == 401)
            #expect(without.json["success"]?.bool == false)
            #expect(try await post(server, link(1), token: "wrong-token").status == 401)
            #expect(try await server.call("POST", "/civitai/download", as: "demo", json: link(1)).status == 403)
            #expect(
                try await server.call("POST", "/civitai/download", as: "root", scopes: [.admin], json: link(1)).status
                    == 200)
            let log = try String(contentsOfFile: "\(folder)/security.jsonl", encoding: .utf8)
            let events = try log.split(separator: "\n").map { try JSON(String($0))["event"]?.string }
            #expect(events == ["no_token", "wrong_token"])
            #expect(!log.contains("wrong-token"))
            // The token of downloads opens nothing else.
            #expect(try await server.call("GET", "/jobs", as: nil, headers: ["X-Token": Self.token]).status == 401)
        }
    }

    @Test func `guessing is slowed down`() async throws {
        try await run { server, folder in
            var statuses: [Int] = []
            for number in 0..<64 { statuses.append(try await post(server, link(1), token: "guess-\(number)").status) }
            #expect(statuses.prefix(60).allSatisfy { $0 == 401 })
            #expect(statuses.last == 429)
            let log = try String(contentsOfFile: "\(folder)/security.jsonl", encoding: .utf8)
            #expect(log.split(separator: "\n").count < 64)
        }
    }

    @Test func `calls from other addresses than those listed are refused and logged, the status included`() async throws
    {
        try await run(clients: "10.0.0.0/8, 192.168.1.5") { server, folder in
            for (method, path) in [("GET", "/civitai/status"), ("GET", "/civitai/downloads")] {
                let answer = try await server.call(method, path, as: nil, headers: ["X-Token": Self.token])
                #expect(answer.status == 403)
                #expect(answer.json["success"]?.bool == false)
            }
            #expect(try String(contentsOfFile: "\(folder)/security.jsonl", encoding: .utf8).contains("wrong_address"))
        }
        try await run(clients: "127.0.0.0/8") { server, _ in
            let answer = try await server.call("GET", "/civitai/status", as: nil)
            #expect(answer.status == 200)
        }
    }

    @Test func `without tokens at all, anybody may download; with the token set, nobody else`() async throws {
        try await run(settings: ["JWT_REQUIRED": "0"], token: nil) { server, _ in
            #expect(try await post(server, link(1), token: nil).status == 200)
            // A page of another site may not.
            let foreign = try await post(
                server, link(1), token: nil,
                headers: ["Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"])
            #expect(foreign.status == 403)
        }
        try await run(settings: ["JWT_REQUIRED": "0"]) { server, _ in
            let refused = try await post(server, link(1), token: nil)
            #expect(refused.status == 401)
        }
    }

    @Test func `a call that need not wait is answered at once, and the download can be followed and canceled`()
        async throws
    {
        try await run { server, _ in
            for (json, headers) in [
                (#"{"url":"civitai:2@7","wait":false}"#, [:]), (link(2), ["Prefer": "respond-async"]),
            ] as [(String, [String: String])] {
                let answer = try await post(server, json, headers: headers)
                #expect(answer.status == 202)
                #expect(answer.json["success"]?.bool == true)
                let id = try #require(answer.json["download_id"]?.string)
                #expect(answer["location"] == "/civitai/downloads/\(id)")
                let canceled = try await post(server, "{}", to: "/civitai/downloads/\(id)/cancel")
                #expect(canceled.json["status"]?.string == "canceled")
                let events = try await server.call(
                    "GET", "/civitai/downloads/\(id)/events", as: nil, headers: ["X-Token": Self.token])
                #expect(events.status == 200)
                #expect(events.text.contains("event: status"))
                #expect(events.text.contains("event: end"))
                #expect(events.text.contains(#""status":"canceled""#))
            }
            let list = try await server.call(
                "GET", "/civitai/downloads?status=canceled&limit=1", as: nil, headers: ["X-Token": Self.token])
            #expect(list.json["downloads"]?.array?.count == 1)
            for (method, path) in [
                ("GET", "/civitai/downloads/dl_none"), ("POST", "/civitai/downloads/dl_none/cancel"),
            ] {
                let none = try await server.call(method, path, as: nil, headers: ["X-Token": Self.token])
                #expect(none.status == 404)
                #expect(none.json["success"]?.bool == false)
            }
        }
    }

    @Test func `a download that takes too long is answered 504 and goes on`() async throws {
        try await run(settings: ["MASQUE_DOWNLOAD_SECONDS": "1"]) { server, _ in
            let answer = try await post(server, link(2))
            #expect(answer.status == 504)
            #expect(answer.json["message"]?.string?.contains("goes on") == true)
            let list = try await server.call(
                "GET", "/civitai/downloads?status=running", as: nil, headers: ["X-Token": Self.token])
            #expect(list.json["downloads"]?[0]?["bytes_done"]?.number == 20)
        }
    }

    @Test func `a webhook is set with a secret shown once, refused where it may not go, and taken back`() async throws {
        try await run { server, _ in
            let set = try await post(server, #"{"webhook_url":"https://example.com/hook"}"#, to: "/civitai/webhook/set")
            #expect(set.status == 200)
            #expect(set.json["success"]?.bool == true)
            #expect(set.json["secret"]?.string?.hasPrefix("whsec_") == true)
            for url in ["http://127.0.0.1/hook", "https://10.0.0.1/", "nonsense"] {
                let refused = try await post(server, #"{"webhook_url":"\#(url)"}"#, to: "/civitai/webhook/set")
                #expect(refused.status == 400)
                #expect(refused.json["success"]?.bool == false)
            }
            let off = try await post(server, #"{"webhook_url":null}"#, to: "/civitai/webhook/set")
            #expect(off.json["webhook_url"]?.isNull == true)
        }
    }

    @Test func `a fleet without a list says so; with one, each server is reported`() async throws {
        try await run { server, _ in
            let none = try await server.call("GET", "/fleet", as: nil, headers: ["X-Token": Self.token])
            #expect(none.status == 404)
            #expect(none.json["success"]?.bool == false)
        }
        let file = NSTemporaryDirectory() + "masque-fleet-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try "[]".write(toFile: file, atomically: true, encoding: .utf8)
        try await run(settings: ["MASQUE_FLEET_SERVERS": file]) { server, _ in
            // The server is its own fleet, beside one that is dead.
            try """
            - {name: self, url: "http://127.0.0.1:\(server.port)", token: \(Self.token)}
            - {name: dead, url: "http://127.0.0.1:1"}
            """.write(toFile: file, atomically: true, encoding: .utf8)
            let fleet = try await server.call("GET", "/fleet", as: nil, headers: ["X-Token": Self.token])
            #expect(fleet.json["servers"]?[0]?["online"]?.bool == true)
            #expect(fleet.json["servers"]?[1]?["online"]?.bool == false)
            let all = try await post(server, link(1), to: "/fleet/download")
            #expect(all.status == 200)
            #expect(all.json["success"]?.bool == false)
            #expect(all.json["results"]?[0]?["filename"]?.string == "model_name_v1.safetensors")
            #expect(all.json["results"]?[1]?["success"]?.bool == false)
            let one = try await post(
                server, #"{"url":"https://civitai.com/models/404","servers":["self"]}"#, to: "/fleet/download")
            #expect(one.json["results"]?.array?.count == 1)
            #expect(one.json["results"]?[0]?["status"]?.number == 404)
            let unknown = try await post(server, #"{"url":"civitai:1","servers":["nobody"]}"#, to: "/fleet/download")
            #expect(unknown.status == 404)
            #expect(try await post(server, #"{"url":"https://example.com"}"#, to: "/fleet/download").status == 400)
        }
    }
}
