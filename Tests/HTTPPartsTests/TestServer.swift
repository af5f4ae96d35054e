// A live server on a free port of loopback, and a client that sees the raw bytes.

import HTTPParts
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Runs `router` as `masque serve` would, guarded by `limits`, while `work` talks to its port.
func withServer<Value: Sendable>(
    _ router: Router<BasicRequestContext>, limits: ConnectionLimits = ConnectionLimits(),
    _ work: @Sendable (Int) async throws -> Value
) async throws -> Value {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let (ports, found) = AsyncStream<Int>.makeStream()
    let app = Application(
        router: router, server: .guarded(limits),
        configuration: .guarded(address: .hostname("127.0.0.1", port: 0), limits: limits, logger: logger),
        onServerRunning: { channel in found.yield(channel.localAddress?.port ?? 0) }, logger: logger)
    let group = ServiceGroup(configuration: .init(services: [app], logger: logger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        var ports = ports.makeAsyncIterator()
        guard let port = await ports.next() else { throw CancellationError() }
        do {
            let value = try await work(port)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return value
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
    }
}

/// One TCP connection, bytes as text.
struct RawClient: Sendable {
    let send: @Sendable (String) async throws -> Void
    let sendBytes: @Sendable (ByteBuffer) async throws -> Void
    /// Reads until what was received since the last call contains this, or the server closes; gives what was received.
    let read: @Sendable (_ until: String) async throws -> String
    /// Reads until the server closes.
    func readAll() async throws -> String { try await read("\u{0}no server sends this\u{0}") }
}

/// Connects to `port`, runs `work`, closes.
func withConnection<Value: Sendable>(
    _ port: Int, _ work: @Sendable (RawClient) async throws -> Value
) async throws -> Value {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        let reader = Reader(inbound)
        return try await work(
            RawClient(
                send: { try await outbound.write(ByteBuffer(string: $0)) }, sendBytes: { try await outbound.write($0) },
                read: { try await reader.read(until: $0) }))
    }
}

private actor Reader {
    private let iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) { iterator = inbound.makeAsyncIterator() }

    func read(until text: String) async throws -> String {
        var received = ""
        while !received.contains(text) {
            do {
                // Copies share their place in the stream
                var copy = iterator
                guard let chunk = try await copy.next(isolation: self) else { break }
                received += String(buffer: chunk)
            } catch is IOError { break }
        }
        return received
    }
}

/// One request on a connection of its own; gives the whole answer as text.
func exchange(_ port: Int, _ request: String) async throws -> String {
    try await withConnection(port) { client in
        try await client.send(request)
        return try await client.readAll()
    }
}

/// A GET or the like that closes afterwards.
func ask(_ port: Int, _ line: String, _ headers: [String] = []) async throws -> String {
    try await exchange(
        port, "\(line) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(headers.map { $0 + "\r\n" }.joined())\r\n")
}

extension String {
    /// What stands behind the headers.
    var body: String {
        split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false).last.map(String.init) ?? ""
    }
    /// A header's value.
    func header(_ name: String) -> String? {
        let lines = self.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)[0].split(
            separator: "\r\n")
        return lines.first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }.map {
            String($0.dropFirst(name.count + 2))
        }
    }
    /// The status code.
    var status: Int? { split(separator: " ").dropFirst().first.flatMap { Int($0) } }
}
