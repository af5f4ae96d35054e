// The stand-in's HTTP: methods, files, long polling, webhooks, and connections that are cut on command.

internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// Serves a ``Telegram`` on loopback.
package struct StandInServer: Sendable {
    package let telegram: Telegram
    package let port: Int
    package var url: String { "http://127.0.0.1:\(port)" }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    /// Serves while `body` runs.
    /// - Parameter port: 0: any that is free.
    package static func run<Value: Sendable>(
        _ telegram: Telegram, port: Int = 0, _ body: (StandInServer) async throws -> Value
    ) async throws -> Value {
        let listening = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        let server = StandInServer(telegram: telegram, port: listening.channel.localAddress?.port ?? 0)
        let running = Task {
            try await listening.executeThenClose { connections in
                await withDiscardingTaskGroup { group in
                    do {
                        for try await connection in connections {
                            group.addTask { try? await server.serve(connection) }
                        }
                    } catch {}
                    group.cancelAll()
                }
            }
        }
        let result: Result<Value, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        running.cancel()
        _ = await running.result
        return try result.get()
    }

    private struct Answer {
        var status: Int
        var type = "application/json"
        var body: [UInt8]
        /// How many bytes of the body are sent before the connection is cut.
        var cutAt: Int?
    }

    private func serve(_ connection: Connection) async throws {
        try await connection.executeThenClose { input, output in
            var head: HTTPRequestHead?, body: [UInt8] = []
            for try await part in input {
                switch part {
                case .head(let new): (head, body) = (new, [])
                case .body(let piece): body += Array(buffer: piece)
                case .end:
                    guard let head, let answer = try await answer(head, body) else { return }
                    var headers = HTTPHeaders([
                        ("content-type", answer.type), ("content-length", String(answer.body.count)),
                    ])
                    if !head.isKeepAlive { headers.add(name: "connection", value: "close") }
                    let response = HTTPResponseHead(
                        version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
                    try await output.write(.head(response))
                    try await output.write(
                        .body(.byteBuffer(ByteBuffer(bytes: answer.body.prefix(answer.cutAt ?? .max)))))
                    if answer.cutAt != nil { return }
                    try await output.write(.end(nil))
                    if !head.isKeepAlive { return }
                }
            }
        }
    }

    /// nil: the connection is to be cut.
    private func answer(_ head: HTTPRequestHead, _ body: [UInt8]) async throws -> Answer? {
        let halves = head.uri.split(separator: "?", maxSplits: 1)
        let path = String(halves.first ?? "")
        if path.hasPrefix("/file/bot\(telegram.token)/") { return try await file(path) }
        guard path.hasPrefix("/bot\(telegram.token)/") else {
            return Answer(status: 401, body: Array(#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#.utf8))
        }
        let method = path.split(separator: "/").last.map(String.init) ?? ""
        let fault = telegram.takeFault(method)
        switch fault {
        case .refuse(let code, let words):
            telegram.count(method)
            return Answer(
                status: code,
                body: JSON.made(["ok": false, "error_code": .integer(Int64(code)), "description": .text(words)]).bytes)
        case .tooMany(let seconds):
            telegram.count(method)
            return Answer(
                status: 429,
                body: JSON.made([
                    "ok": false, "error_code": 429, "description": .text("Too Many Requests: retry after \(seconds)"),
                    "parameters": .made(["retry_after": .integer(Int64(seconds))]),
                ]).bytes)
        case .gateway(let status):
            telegram.count(method)
            return Answer(status: status, type: "text/html", body: Array("<html>Bad Gateway</html>".utf8))
        case .cutBefore:
            telegram.count(method)
            return nil
        case .delay(let time): try await Task.sleep(for: time)
        case .cutAfter, .truncate, nil: break
        }
        let parameters: Parameters
        do {
            parameters = try Parameters(
                contentType: head.headers.first(name: "content-type") ?? "",
                query: halves.count == 2 ? String(halves[1]) : "", body: body)
        } catch {
            telegram.note("\(method): a request that is malformed (\(error))")
            return Answer(status: 400, body: Array(#"{"ok":false,"error_code":400,"description":"Bad Request"}"#.utf8))
        }
        let (status, json) = try await patiently(method, parameters)
        let bytes = json.bytes
        switch fault {
        case .cutAfter: return nil
        case .truncate: return Answer(status: status, body: bytes, cutAt: bytes.count / 2)
        default: return Answer(status: status, body: bytes)
        }
    }

    /// Answers; a poll waits for updates as long as it says.
    private func patiently(_ method: String, _ parameters: Parameters) async throws -> (status: Int, body: JSON) {
        guard method == "getUpdates" else { return telegram.answer(method, parameters) }
        guard telegram.enterPoll() else {
            return (
                409,
                .made([
                    "ok": false, "error_code": 409,
                    "description":
                        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                ])
            )
        }
        defer { telegram.leavePoll() }
        let end = ContinuousClock.now + .seconds(parameters["timeout"]?.int ?? 0)
        while true {
            let answer = telegram.answer(method, parameters)
            let isEmpty = answer.body["result"]?.items?.isEmpty == true
            guard isEmpty, ContinuousClock.now < end else { return answer }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func file(_ path: String) async throws -> Answer? {
        let wanted = path.dropFirst("/file/bot\(telegram.token)/".count)
        let fault = telegram.takeFault("file")
        switch fault {
        case .refuse(let code, _): return Answer(status: code, type: "text/plain", body: [])
        case .gateway(let status): return Answer(status: status, type: "text/html", body: [])
        case .tooMany: return Answer(status: 429, type: "text/plain", body: [])
        case .cutBefore: return nil
        case .delay(let time): try await Task.sleep(for: time)
        case .cutAfter, .truncate, nil: break
        }
        guard let bytes = telegram.bytes(at: String(wanted)) else { return Answer(status: 404, body: []) }
        let isCut =
            switch fault {
            case .cutAfter, .truncate: true;
            default: false
            }
        return Answer(
            status: 200, type: "application/octet-stream", body: bytes, cutAt: isCut ? bytes.count / 2 : nil)
    }
}

extension Telegram {
    func count(_ method: String) { state.withLock { $0.calls[method, default: 0] += 1 } }
    func note(_ violation: String) { state.withLock { $0.violations.append(violation) } }
    func bytes(at path: String) -> [UInt8]? {
        state.withLock { state in state.files.values.first { $0.path == path }?.bytes }
    }
    /// One program at a time may poll.
    func enterPoll() -> Bool {
        state.withLock { state in
            guard state.pollers == 0 else { return false }
            state.pollers += 1
            return true
        }
    }
    func leavePoll() { state.withLock { $0.pollers -= 1 } }
}
