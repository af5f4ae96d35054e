// A server of a fleet on loopback, with the contract's two calls.
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Testing

/// Answers a download when it is let; a link with 404 in it leads to no model.
final class FleetServerStandIn: Sendable {
    private struct State {
        var isOpen = true
        var tokens: [String?] = []
        var bodies: [String] = []
        var list: String?
        var questions = 0
    }
    private let state = Mutex(State())

    /// What came in `X-Token` with the downloads.
    var tokens: [String?] { state.withLock(\.tokens) }
    var bodies: [String] { state.withLock(\.bodies) }
    /// What it answers to how far its downloads are, as Masque does; nil: it knows no such question.
    func tell(_ list: String?) { state.withLock { $0.list = list } }
    /// How often it was asked that.
    var questions: Int { state.withLock(\.questions) }
    /// Whether downloads end.
    func open(_ isOpen: Bool) { state.withLock { $0.isOpen = isOpen } }

    /// Serves while `body` runs.
    func run(_ body: (Int) async throws -> Void) async throws {
        let router = Router()
        router.get("civitai/status") { _, _ in
            Self.json(#"{"status":"online","service":"civitai-downloader"}"#)
        }
        router.get("civitai/downloads") { [self] request, _ in
            let token = HTTPField.Name("X-Token").flatMap { request.headers[$0] }
            let list = state.withLock { state in
                state.questions += 1
                state.tokens.append(token)
                return state.list
            }
            return list.map { Self.json($0) } ?? Self.json(#"{"detail":"Not Found"}"#, .notFound)
        }
        router.post("civitai/download") { [self] request, _ in
            let text = String(buffer: try await request.body.collect(upTo: 1 << 16))
            let token = HTTPField.Name("X-Token").flatMap { request.headers[$0] }
            state.withLock { state in
                state.tokens.append(token)
                state.bodies.append(text)
            }
            while !state.withLock(\.isOpen) { try await Task.sleep(for: .milliseconds(5)) }
            if text.contains("404") { return Self.json(#"{"success":false,"message":"Model not found"}"#, .notFound) }
            return Self.json(
                #"{"success":true,"message":"Model downloaded successfully","filename":"m.safetensors","path":"x"}"#)
        }
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let app = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { found.yield(port) }
                found.finish()
            }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await app.run() }
        let result: Result<Void, any Error>
        do {
            var iterator = ports.makeAsyncIterator()
            result = .success(try await body(try #require(await iterator.next())))
        } catch { result = .failure(error) }
        running.cancel()
        _ = await running.result
        try result.get()
    }

    private static func json(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
