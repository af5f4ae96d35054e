// A webhook target on loopback that answers as a script says: byte by byte, over plain sockets.

import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// One request as it came.
struct HookRequest: Sendable {
    let line: String
    /// Names in small letters.
    let headers: [String: String]
    let body: [UInt8]
}

/// What the server does with a request.
enum HookAnswer: Sendable {
    /// The text of an answer, sent at once; the connection is then closed.
    case text(String)
    /// The text, then a byte every 20 ms for ever.
    case trickle(String)
    /// Nothing, for ever.
    case hang
    /// Cuts the connection.
    case cut
    /// Calls first, then sends the text.
    case after(@Sendable () async -> Void, String)

    static func status(_ line: String, _ headers: String...) -> HookAnswer {
        .text("HTTP/1.1 \(line)\r\n" + headers.map { $0 + "\r\n" }.joined() + "content-length: 0\r\n\r\n")
    }
}

final class HookServer: Sendable {
    let port: Int
    private let seen = Mutex<[HookRequest]>([])
    private let open = Mutex((now: 0, most: 0))
    var requests: [HookRequest] { seen.withLock(\.self) }
    /// The largest number of requests that were being answered at once.
    var mostAtOnce: Int { open.withLock(\.most) }

    private init(port: Int) { self.port = port }

    /// Runs a server on a free port of 127.0.0.1 for the time of `body`.
    static func with<Value: Sendable>(
        _ answer: @escaping @Sendable (HookRequest, Int) -> HookAnswer, _ body: (HookServer) async throws -> Value
    ) async throws -> Value {
        let listening = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let server = HookServer(port: listening.channel.localAddress?.port ?? 0)
        let running = Task {
            try await listening.executeThenClose { connections in
                await withDiscardingTaskGroup { group in
                    do {
                        for try await connection in connections {
                            group.addTask { try? await server.serve(connection, answer) }
                        }
                    } catch {}
                    group.cancelAll()
                }
            }
        }
        do {
            let value = try await body(server)
            running.cancel()
            _ = await running.result
            return value
        } catch {
            running.cancel()
            _ = await running.result
            throw error
        }
    }

    private func serve(
        _ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ answer: @Sendable (HookRequest, Int) -> HookAnswer
    ) async throws {
        try await connection.executeThenClose { input, output in
            var bytes: [UInt8] = []
            var parts = input.makeAsyncIterator()
            while let part = try await parts.next() {
                bytes += Array(buffer: part)
                guard let request = Self.request(in: bytes) else { continue }
                let number = seen.withLock { seen in
                    seen.append(request)
                    return seen.count - 1
                }
                open.withLock { open in
                    open.now += 1
                    open.most = max(open.most, open.now)
                }
                defer { open.withLock { $0.now -= 1 } }
                switch answer(request, number) {
                case .text(let text): try await output.write(ByteBuffer(string: text))
                case .trickle(let text):
                    try await output.write(ByteBuffer(string: text))
                    while true {
                        try await Task.sleep(for: .milliseconds(20))
                        try await output.write(ByteBuffer(string: "x"))
                    }
                case .hang: while try await parts.next() != nil {}
                case .cut: break
                case .after(let work, let text):
                    await work()
                    try await output.write(ByteBuffer(string: text))
                }
                return
            }
        }
    }

    /// The request, once all of it is there.
    private static func request(in bytes: [UInt8]) -> HookRequest? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let pairs = lines.dropFirst().map { line -> (String, String) in
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            return (parts[0].lowercased(), parts.count > 1 ? parts[1] : "")
        }
        let headers = Dictionary(pairs) { first, _ in first }
        let body = Array(text[end.upperBound...].utf8)
        guard body.count == Int(headers["content-length"] ?? "0") else { return nil }
        return HookRequest(line: lines[0], headers: headers, body: body)
    }
}
