// A file server on loopback that misbehaves on command: over plain sockets, so that every byte is the script's.

import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// One request as it came.
struct Asked: Sendable {
    /// As in the request line: a path, or host and port from a client that takes this for a proxy.
    let target: String
    /// Whether it is a `CONNECT` to a proxy; the request itself follows.
    let isTunnel: Bool
    /// Names in small letters.
    let headers: [String: String]
}

/// What the server does with a request.
enum Reply: Sendable {
    case file(Served)
    case status(String, [String] = [])
    case redirect(String)
    /// Nothing, until the client goes.
    case hang
}

/// A file and how it is given out.
struct Served: Sendable {
    var bytes: [UInt8]
    var etag: String?
    var lastModified: String?
    /// Whether `Range` is heeded, and `If-Range`.
    var givesRanges = true
    var heedsIfRange = true
    /// Whether the length is said.
    var saysLength = true
    /// After how many bytes of the body the connection is cut, and whether it hangs instead.
    var cutAfter: Int?
    var hangs = false
    var headers: [String] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Head and body for a request, and whether to hang afterwards.
    fileprivate func answer(to asked: Asked) -> (bytes: [UInt8], hangs: Bool) {
        var head = headers
        if let etag { head.append("etag: \(etag)") }
        if let lastModified { head.append("last-modified: \(lastModified)") }
        var body = bytes[...]
        var status = "200 OK"
        let condition = asked.headers["if-range"]
        let isSame = condition == nil || !heedsIfRange || condition == etag || condition == lastModified
        if givesRanges, isSame, let range = asked.headers["range"]?.wholeMatch(of: /bytes=([0-9]+)-/),
            let start = Int(range.1)
        {
            if start < bytes.count {
                status = "206 Partial Content"
                head.append("content-range: bytes \(start)-\(bytes.count - 1)/\(bytes.count)")
                body = bytes[start...]
            } else {
                status = "416 Range Not Satisfiable"
                head.append("content-range: bytes */\(bytes.count)")
                body = []
            }
        }
        if saysLength { head.append("content-length: \(body.count)") }
        head.append("connection: close")
        let text = "HTTP/1.1 \(status)\r\n" + head.map { $0 + "\r\n" }.joined() + "\r\n"
        return (Array(text.utf8) + body.prefix(cutAfter ?? body.count), hangs)
    }
}

final class FileServer: Sendable {
    let port: Int
    private let seen = Mutex<[Asked]>([])
    /// The requests so far.
    var requests: [Asked] { seen.withLock(\.self) }

    private init(port: Int) { self.port = port }

    /// A URL of this server, by address or by name.
    func url(_ path: String, host: String = "127.0.0.1") throws -> URL {
        guard let url = URL(string: "http://\(host):\(port)\(path)") else { throw URLError(.badURL) }
        return url
    }

    /// Runs a server on a free port of 127.0.0.1 while `body` does. `reply` gets the request and how many came before it.
    static func run(
        _ reply: @escaping @Sendable (Asked, Int) -> Reply, _ body: (FileServer) async throws -> Void
    ) async throws {
        let listening = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let server = FileServer(port: listening.channel.localAddress?.port ?? 0)
        let running = Task {
            try await listening.executeThenClose { connections in
                await withDiscardingTaskGroup { group in
                    do {
                        for try await connection in connections {
                            group.addTask { try? await server.serve(connection, reply) }
                        }
                    } catch {}
                    group.cancelAll()
                }
            }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        running.cancel()
        _ = await running.result
        try result.get()
    }

    private func serve(
        _ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ reply: @Sendable (Asked, Int) -> Reply
    ) async throws {
        try await connection.executeThenClose { input, output in
            var bytes: [UInt8] = []
            var parts = input.makeAsyncIterator()
            while let part = try await parts.next() {
                bytes += Array(buffer: part)
                guard let asked = Self.request(in: bytes) else { continue }
                let number = seen.withLock { seen in
                    seen.append(asked)
                    return seen.count - 1
                }
                if asked.isTunnel {
                    bytes = []
                    try await output.write(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"))
                    continue
                }
                switch reply(asked, number) {
                case .file(let file):
                    let (answer, hangs) = file.answer(to: asked)
                    try await output.write(ByteBuffer(bytes: answer))
                    if hangs { while try await parts.next() != nil {} }
                case .status(let line, let headers):
                    let head = headers.map { $0 + "\r\n" }.joined()
                    try await output.write(
                        ByteBuffer(string: "HTTP/1.1 \(line)\r\n\(head)content-length: 0\r\nconnection: close\r\n\r\n"))
                case .redirect(let target):
                    try await output.write(
                        ByteBuffer(
                            string: "HTTP/1.1 302 Found\r\nlocation: \(target)\r\ncontent-length: 0\r\n"
                                + "connection: close\r\n\r\n"))
                case .hang: while try await parts.next() != nil {}
                }
                return
            }
        }
    }

    private static func request(in bytes: [UInt8]) -> Asked? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("\r\n\r\n") else { return nil }
        let lines = text.components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { break }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        return words.count == 3
            ? Asked(target: String(words[1]), isTunnel: words[0] == "CONNECT", headers: headers) : nil
    }
}
