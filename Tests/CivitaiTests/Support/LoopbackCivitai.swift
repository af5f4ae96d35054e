// A Civitai on this machine: its API on one port, the host that keeps the files on another, as strict as the real ones.

import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import Testing

/// What a test sets up, and what was asked.
final class LoopbackCivitai: Sendable {
    /// How the download of a version is answered.
    enum Gate: Sendable {
        case open
        case status(Int, body: String = #"{"error":"Unauthorized","message":"no"}"#, retryAfter: Int? = nil)
        /// A key is needed: 401 without one.
        case login
        /// As browsers are answered: sent to the page for logging in.
        case loginPage
        /// So many overloads before it is open.
        case overloaded(times: Int, retryAfter: Int?)
        /// To any place.
        case redirect(String)
    }

    /// How a file is sent.
    enum Delivery: Sendable {
        case whole
        /// The connection breaks after so many bytes, so many times.
        case broken(after: Int, times: Int)
        /// Other bytes than were described.
        case other([UInt8])
        /// Nothing more comes after so many bytes.
        case stalled(after: Int)
        /// The first signed links have expired when they are used.
        case deadLinks(times: Int)
        /// So many bytes each `pause`.
        case slow(piece: Int, pause: Duration)
        case status(Int)
    }

    struct File: Sendable {
        var id: Int
        var name: String
        var bytes: [UInt8]
        var type = "Model"
        var format: String? = "SafeTensor"
        var size: String? = "pruned"
        var fp: String? = "fp16"
        var pickleScan: String? = "Success"
        var virusScan: String? = "Success"
        var primary = true
        var hash: String?
        var sizeKB: Double?
        var delivery = Delivery.whole
    }

    struct Version: Sendable {
        var id: Int
        var model: Int
        var name = "v1.0"
        var usageControl = "Download"
        var files: [File]
        var gate = Gate.open
    }

    struct Asked: Sendable {
        let host: String
        let path: String
        let query: [String: String]
        let authorization: String?
        let range: String?
        let agent: String?
    }

    private struct State {
        var versions: [Int: Version] = [:]
        var models: [Int: (name: String, type: String)] = [:]
        var asked: [Asked] = []
        var signatures: [String: Int] = [:]
        var counts: [String: Int] = [:]
    }

    static let key = "key-of-the-tests"
    private let state = Mutex(State())
    private let ports = Mutex((api: 0, files: 0))

    var url: String { "http://127.0.0.1:\(ports.withLock { $0.api })" }
    var localhostURL: String { "http://localhost:\(ports.withLock { $0.api })" }
    var filesURL: String { "http://127.0.0.1:\(ports.withLock { $0.files })" }
    var asked: [Asked] { state.withLock { $0.asked } }
    func asked(of path: String) -> [Asked] { asked.filter { $0.path.hasPrefix(path) } }

    func add(_ version: Version, modelName: String = "Amazing LoRA", type: String = "LORA") {
        state.withLock {
            $0.versions[version.id] = version
            $0.models[version.model] = (modelName, type)
        }
    }

    func change(_ version: Int, _ body: (inout Version) -> Void) {
        state.withLock { state in
            guard var found = state.versions[version] else { return }
            body(&found)
            state.versions[version] = found
        }
    }

    /// Runs both hosts while `body` does.
    static func run(_ body: @Sendable (LoopbackCivitai) async throws -> Void) async throws {
        let civitai = LoopbackCivitai()
        try await serve({ civitai.apiRouter() }) { port in
            civitai.ports.withLock { $0.api = port }
            try await serve({ civitai.filesRouter() }) { port in
                civitai.ports.withLock { $0.files = port }
                try await body(civitai)
            }
        }
    }

    // MARK: The API

    private func note(_ request: Request, _ host: String) {
        let query = Dictionary(
            request.uri.queryParameters.map { (String($0.key), String($0.value)) },
            uniquingKeysWith: { first, _ in first })
        let asked = Asked(
            host: host, path: request.uri.path, query: query, authorization: request.headers[.authorization],
            range: request.headers[.range], agent: request.headers[.userAgent])
        state.withLock { $0.asked.append(asked) }
    }

    /// How often this was called before, counting this call.
    private func count(_ what: String) -> Int {
        state.withLock { state in
            state.counts[what, default: 0] += 1
            return state.counts[what] ?? 0
        }
    }

    /// nil without a key; a wrong one is refused.
    private func key(of request: Request) throws -> String? {
        guard let text = request.headers[.authorization] else { return nil }
        guard text == "Bearer \(Self.key)" else { throw Refused(status: 401, body: #"{"error":"Unauthorized"}"#) }
        return text
    }

    private struct Refused: Error {
        var status: Int
        var body: String
        var retryAfter: Int?

        var response: Response {
            var headers: HTTPFields = [.contentType: "application/json"]
            headers[.retryAfter] = retryAfter.map { "\($0)" }
            return Response(
                status: .init(code: status), headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
        }
    }

    private func apiRouter() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("api/v1/models/:id") { [self] request, context in
            try answered(request) {
                guard let id = context.parameters.get("id", as: Int.self), let json = modelJSON(id) else { return nil }
                return json
            }
        }
        router.get("api/v1/model-versions/:id") { [self] request, context in
            try answered(request) {
                guard let id = context.parameters.get("id", as: Int.self) else { return nil }
                return state.withLock { state in
                    state.versions[id].map { versionJSON($0, model: state.models[$0.model]) }
                }
            }
        }
        router.get("api/download/models/:id") { [self] request, context in
            note(request, "api")
            do {
                return try download(request, context.parameters.get("id", as: Int.self) ?? 0)
            } catch let refused as Refused {
                return refused.response
            }
        }
        return router
    }

    private func answered(_ request: Request, _ body: () throws -> [String: Any]?) throws -> Response {
        note(request, "api")
        do {
            _ = try key(of: request)
            guard let json = try body() else { return Refused(status: 404, body: #"{"error":"No model"}"#).response }
            let data = try JSONSerialization.data(withJSONObject: json)
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(bytes: data)))
        } catch let refused as Refused {
            return refused.response
        }
    }

    private func download(_ request: Request, _ id: Int) throws -> Response {
        let hasKey = try key(of: request) != nil
        let query = request.uri.queryParameters
        let known: Set<String> = ["type", "format", "size", "fp", "quantType", "fileId"]
        guard query.allSatisfy({ known.contains(String($0.key)) }) else {
            throw Refused(status: 400, body: #"{"error":"Bad"}"#)
        }
        guard let version = state.withLock({ $0.versions[id] }) else {
            throw Refused(status: 404, body: #"{"error":"No"}"#)
        }
        switch version.gate {
        case .open: break
        case .login where hasKey: break
        case .login: throw Refused(status: 401, body: #"{"error":"Unauthorized","message":"Login required"}"#)
        case .loginPage:
            return Response(
                status: .temporaryRedirect, headers: [.location: "/login?returnUrl=/x&reason=download-auth"])
        case .status(let status, let body, let retryAfter):
            throw Refused(status: status, body: body, retryAfter: retryAfter)
        case .overloaded(let times, let retryAfter):
            if count("overloaded \(id)") <= times {
                throw Refused(status: 503, body: #"{"error":"Overloaded"}"#, retryAfter: retryAfter)
            }
        case .redirect(let place): return Response(status: .temporaryRedirect, headers: [.location: place])
        }
        let file = version.files.first { entry in
            func fits(_ name: String, _ value: String?) -> Bool {
                query[Substring(name)].map { String($0) == value } ?? true
            }
            return fits("fileId", String(entry.id)) && fits("type", entry.type) && fits("format", entry.format)
                && fits("size", entry.size) && fits("fp", entry.fp)
        }
        guard let file else { throw Refused(status: 404, body: #"{"error":"File not found"}"#) }
        let signature = UUID().uuidString
        // Of a dead link not even the first use is good; the others are good for one, so that each attempt needs its own.
        var isDead = false
        if case .deadLinks(let times) = file.delivery { isDead = count("dead \(file.id)") <= times }
        state.withLock { $0.signatures[signature] = isDead ? 0 : 1 }
        return Response(
            status: .temporaryRedirect,
            headers: [.location: "\(filesURL)/store/\(version.id)/\(file.id)?X-Amz-Signature=\(signature)"])
    }

    private func modelJSON(_ id: Int) -> [String: Any]? {
        state.withLock { state in
            guard let model = state.models[id] else { return nil }
            let versions = state.versions.values.filter { $0.model == id }.sorted { $0.id > $1.id }
            return [
                "id": id, "name": model.name, "type": model.type, "nsfw": false, "poi": false,
                "modelVersions": versions.map { versionJSON($0, model: nil) },
            ]
        }
    }

    private func versionJSON(_ version: Version, model: (name: String, type: String)?) -> [String: Any] {
        var json: [String: Any] = [
            "id": version.id, "modelId": version.model, "name": version.name, "status": "Published",
            "availability": "Public", "usageControl": version.usageControl, "trainedWords": ["amazing"],
            "earlyAccessEndsAt": NSNull(), "baseModel": "SDXL 1.0",
            "downloadUrl": "\(url)/api/download/models/\(version.id)",
            "files": version.files.map { file -> [String: Any] in
                var metadata: [String: Any] = [:]
                metadata["format"] = file.format
                metadata["size"] = file.size
                metadata["fp"] = file.fp
                return [
                    "id": file.id, "name": file.name, "type": file.type,
                    "sizeKB": file.sizeKB ?? Double(file.bytes.count) / 1024, "metadata": metadata,
                    "pickleScanResult": file.pickleScan ?? NSNull(), "virusScanResult": file.virusScan ?? NSNull(),
                    "scannedAt": "2026-01-02T03:04:05.678Z", "primary": file.primary,
                    "hashes": file.hash == ""
                        ? ["AutoV2": "0123456789"]
                        : ["SHA256": (file.hash ?? Samples.sha256(file.bytes)).uppercased(), "AutoV2": "0123456789"],
                    "downloadUrl": "\(url)/api/download/models/\(version.id)",
                ]
            },
        ]
        if let model { json["model"] = ["name": model.name, "type": model.type, "nsfw": false, "poi": false] }
        return json
    }

    // MARK: The host that keeps the files

    private func filesRouter() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("store/:version/:file") { [self] request, context in
            note(request, "files")
            let ids = (context.parameters.get("version", as: Int.self), context.parameters.get("file", as: Int.self))
            guard let version = state.withLock({ state in ids.0.flatMap { state.versions[$0] } }),
                let file = version.files.first(where: { $0.id == ids.1 })
            else { return Response(status: .notFound) }
            let signature = request.uri.queryParameters["X-Amz-Signature"].map(String.init) ?? ""
            let isGood = state.withLock { state in
                guard let left = state.signatures[signature], left > 0 else { return false }
                state.signatures[signature] = left - 1
                return true
            }
            // As such hosts do: no signature and no key of somebody else's.
            guard isGood, request.headers[.authorization] == nil else { return Response(status: .forbidden) }
            return send(file, request)
        }
        return router
    }

    private func send(_ file: File, _ request: Request) -> Response {
        var bytes = file.bytes
        if case .other(let others) = file.delivery { bytes = others }
        if case .status(let status) = file.delivery { return Response(status: .init(code: status)) }
        var start = 0
        if let range = request.headers[.range] {
            start = Int(range.replacing("bytes=", with: "").prefix { $0 != "-" }) ?? 0
        }
        guard start < bytes.count || (start == 0 && bytes.isEmpty) else {
            return Response(status: .rangeNotSatisfiable, headers: [.contentRange: "bytes */\(bytes.count)"])
        }
        let part = Array(bytes[start...])
        var headers: HTTPFields = [
            .contentType: "application/octet-stream", .acceptRanges: "bytes",
            .eTag: "\"\(Samples.sha256(bytes).prefix(16))\"",
            .contentDisposition: "attachment; filename=\"\(file.id).bin\"",
        ]
        if start > 0 { headers[.contentRange] = "bytes \(start)-\(bytes.count - 1)/\(bytes.count)" }
        var stop = part.count
        var stalls = false
        switch file.delivery {
        case .broken(let after, let times) where count("broken \(file.id)") <= times: stop = min(after, part.count)
        case .stalled(let after):
            stop = start == 0 ? min(after, part.count) : 0
            stalls = true
        default: break
        }
        let end = stop
        let isStalled = stalls
        var pace: (piece: Int, pause: Duration) = (1 << 20, .zero)
        if case .slow(let piece, let pause) = file.delivery { pace = (piece, pause) }
        let (piece, pause) = pace
        return Response(
            status: start > 0 ? .partialContent : .ok, headers: headers,
            body: ResponseBody(contentLength: part.count) { writer in
                for begin in stride(from: 0, to: end, by: piece) {
                    try await writer.write(ByteBuffer(bytes: part[begin..<min(end, begin + piece)]))
                    try await Task.sleep(for: pause)
                }
                if isStalled { try await Task.sleep(for: .seconds(60)) }
                // Ending early breaks the connection off.
                guard end == part.count else { throw BrokenOff() }
                try await writer.finish(nil)
            })
    }

    private struct BrokenOff: Error {}
}

/// Serves a router on a free port of this machine while `body` runs.
func serve(
    _ router: @Sendable () -> Router<BasicRequestContext>, _ body: @Sendable (Int) async throws -> Void
) async throws {
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .critical
    let app = Application(
        router: router(), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { channel in
            if let port = channel.localAddress?.port { found.yield(port) }
            found.finish()
        }, logger: logger)
    let group = ServiceGroup(configuration: .init(services: [.init(service: app)], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        do {
            try await body(port)
        } catch {
            tasks.cancelAll()
            throw error
        }
        // What a client has left open must not hold the end up.
        tasks.cancelAll()
    }
}
