// Civitai behind a proxy.

import AsyncHTTPClient
import Civitai
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

struct ProxyTests {
    private func ask(_ base: CivitaiBase, _ environment: [String: String]) async throws -> CivitaiModel {
        let http = CivitaiClient.client(for: base, environment: environment)
        var client = CivitaiClient(base: base, http: http, key: nil)
        client.pauses = []
        let asking = client
        let result = await Result { try await asking.model(5) }
        try await http.shutdown()
        return try result.get()
    }

    @Test func `Civitai is asked through the proxy of the environment, unless its host is excepted`() async throws {
        let seen = Mutex<[String]>([])
        let proxy = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        FirstLine { line in seen.withLock { $0.append(line) } })
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        let environment = [
            "HTTPS_PROXY": "http://127.0.0.1:\(proxy.localAddress?.port ?? 0)", "http_proxy": "http://127.0.0.1:1",
            "NO_PROXY": "localhost,127.0.0.1",
        ]
        await #expect(throws: DownloadFailure.self) {
            _ = try await ask(try CivitaiBase("https://civitai.example"), environment)
        }
        #expect(seen.withLock(\.self) == ["CONNECT civitai.example:443 HTTP/1.1"])
        try await LoopbackCivitai.run { civitai in
            civitai.add(.init(id: 6, model: 5, files: []))
            let model = try await ask(try CivitaiBase(civitai.url), environment)
            #expect(model.id == 5)
        }
        #expect(seen.withLock(\.count) == 1)
        try await proxy.close()
    }
}

/// Tells the first line of what comes, and closes the connection.
private final class FirstLine: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let told: @Sendable (String) -> Void

    init(_ told: @escaping @Sendable (String) -> Void) { self.told = told }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        told(String(buffer: unwrapInboundIn(data)).components(separatedBy: "\r\n")[0])
        context.close(promise: nil)
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous body gives or throws.
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
