// Hummingbird's HTTP/1 channel with our handlers put between the socket, the parser and the rest.

internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// ``HTTP1Channel`` with a ``WriteWatch`` at the socket and a ``ConnectionGuard`` behind the parser.
struct GuardedChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value
    let base: HTTP1Channel
    let limits: ConnectionLimits

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(ConnectionGuard(limits: limits), position: .after(parser))
            try pipeline.addHandler(WriteWatch(stall: limits.writeStall), position: .first)
            return value
        }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

/// Asks the ``ConnectionGuard`` to let a client that waits for 100 Continue send its body.
struct ContinueWanted: Sendable {}

/// A body whose first read tells the waiting client to send it. A route that refuses without reading never asks for it.
struct ContinuedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let body: RequestBody
    let channel: any Channel

    struct AsyncIterator: AsyncIteratorProtocol {
        var inner: RequestBody.AsyncIterator
        var channel: (any Channel)?

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            if let channel {
                channel.triggerUserOutboundEvent(ContinueWanted(), promise: nil)
                self.channel = nil
            }
            return try await inner.next(isolation: actor)
        }
        mutating func next() async throws -> ByteBuffer? { try await next(isolation: #isolation) }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(inner: body.makeAsyncIterator(), channel: channel) }
}
