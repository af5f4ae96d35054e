// A whole server on a free port of this machine, over a real store and real files; only the media processes are missing.

import AsyncHTTPClient
import BlobStore
import Foundation
import HTTPAPI
import HTTPParts
import Hummingbird
import JobQueue
import JobQueueSQLite
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Services
import Testing
import Words

struct TestServer: Sendable {
    let port: Int
    let api: HTTPAPI
    let store: SQLiteStore
    let minter: TokenMinter
    let document: APIDocument
    let client: HTTPClient

    /// Runs a server while `body` does, then takes it down and its folder away.
    static func run(
        settings flags: [String: String] = [:], change: (inout HTTPAPI) -> Void = { _ in },
        _ body: @Sendable (TestServer) async throws -> Void
    ) async throws {
        let folder = NSTemporaryDirectory() + "masque-httpapi-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let logger = TestServer.quietLogger
        let settings = try ServerSettings(
            await SettingsReader(
                flags: [
                    "MASQUE_HOME": folder, "MASQUE_HOST": "127.0.0.1", "MASQUE_PORT": "0", "MASQUE_RESERVED_MB": "0",
                ].merging(flags) { $1 }, environment: [:], folder: folder))
        let store = try await SQLiteStore(path: "\(folder)/masque.db")
        let blobs = try await LocalBlobStore(folder: "\(folder)/blobs")
        let feed = EventFeed(store: store)
        let key = try await TokenKey(
            secret: (0..<32).map { _ in UInt8.random(in: 0 ... .max) }, algorithm: .hs256)
        let jobs = JobService(
            store: store, blobs: blobs, inspector: SniffingInspector(), feed: feed, rules: settings.rules,
            workers: settings.workers, audit: try AuditLog(path: "\(folder)/logs/audit.jsonl", logger: logger),
            logger: logger)
        var api = HTTPAPI(
            jobs: jobs, keys: KeyService(store: store, limit: settings.rules.maxKeys),
            authenticator: Authenticator(
                tokens: TokenVerifier(key: key), keys: store, isRequired: settings.jwtRequired),
            links: ShareLinks(secret: Array(repeating: 9, count: 32)),
            uploads: try TusUploads(
                folder: "\(folder)/uploads", maxBytes: Int(settings.rules.maxProcessBytes),
                quota: { owner, adding, reserved in
                    try await jobs.checkStored(
                        by: OwnerID(rawValue: owner), adding: Int64(adding), elsewhere: Int64(reserved))
                }),
            webhookTargets: try SSRFGuard(), settings: settings, metrics: ServerMetrics(),
            workers: { (ready: 1, wanted: 1) },
            assets: try await Assets(
                folder: Assets.standardFolder(), viewers: "\(folder)/no-viewers", version: "9.8.7"),
            words: try Words.standard(), version: "9.8.7", scratch: "\(folder)/scratch", logger: logger)
        api.keepAlive = .milliseconds(200)
        change(&api)
        try await serve(api, store: store, minter: TokenMinter(key: key), feed: feed, body)
    }

    private static func serve(
        _ api: HTTPAPI, store: SQLiteStore, minter: TokenMinter, feed: EventFeed,
        _ body: @Sendable (TestServer) async throws -> Void
    ) async throws {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let app = try api.makeApplication { port in
            if let port { found.yield(port) }
            found.finish()
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: app)], logger: quietLogger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { try? await feed.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            let client = HTTPClient(eventLoopGroupProvider: .singleton)
            do {
                let answer = try await client.execute(
                    HTTPClientRequest(url: "http://127.0.0.1:\(port)/openapi.json"), timeout: .seconds(20))
                let text = String(buffer: try await answer.body.collect(upTo: 8 << 20))
                let server = TestServer(
                    port: port, api: api, store: store, minter: minter, document: APIDocument(root: try JSON(text)),
                    client: client)
                try await body(server)
            } catch {
                try await client.shutdown()
                throw error
            }
            try await client.shutdown()
            await group.triggerGracefulShutdown()
            tasks.cancelAll()
        }
    }

    /// Says nothing below `critical`. Hummingbird needs a handler that keeps metadata: the request's id is there.
    private static var quietLogger: Logger {
        var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .critical
        return logger
    }

    // MARK: Calls

    /// A token of a user; demo's by default.
    func token(_ user: String = "demo", scopes: Set<Scope> = [.read, .write]) throws -> String {
        try minter.mint(owner: OwnerID(rawValue: user), scopes: scopes, expiresIn: 600)
    }

    /// Makes a request and checks the answer against the document.
    func call(
        _ method: String, _ path: String, as user: String? = "demo", scopes: Set<Scope> = [.read, .write],
        headers: [String: String] = [:], json: String? = nil, body: [UInt8]? = nil,
        location: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .RAW(value: method)
        if let user { request.headers.add(name: "Authorization", value: "Bearer \(try token(user, scopes: scopes))") }
        if let json {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: json))
        }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        let response = try await client.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        let answer = Answer(
            status: Int(response.status.code), headers: response.headers.map { ($0.name.lowercased(), $0.value) },
            body: Array(bytes.readableBytesView))
        for fault in document.faults(
            method: method, path: path, status: answer.status, mediaType: answer["content-type"], body: answer.body)
        {
            Issue.record("\(fault)\n\(answer.text.prefix(400))", sourceLocation: location)
        }
        return answer
    }

    /// A multipart form: files have a name, fields none.
    func form(_ parts: [(name: String, file: String?, content: [UInt8])]) -> (headers: [String: String], body: [UInt8])
    {
        let boundary = "masque-\(UUID().uuidString)"
        var body: [UInt8] = []
        for part in parts {
            let file = part.file.map { "; filename=\"\($0)\"\r\nContent-Type: application/octet-stream" } ?? ""
            body += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"\(file)\r\n\r\n".utf8)
            body += part.content + Array("\r\n".utf8)
        }
        body += Array("--\(boundary)--\r\n".utf8)
        return (["Content-Type": "multipart/form-data; boundary=\(boundary)"], body)
    }
}

/// What came back.
struct Answer: Sendable {
    let status: Int
    let headers: [(String, String)]
    let body: [UInt8]

    subscript(_ header: String) -> String? { headers.first { $0.0 == header }?.1 }
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSON { (try? JSON(text)) ?? .null }
    var jobID: String { json["job_id"]?.string ?? "" }
}
