// Drops a client that does not read its answer.

internal import NIOCore

/// Stands at the socket. When nothing that was written has gone out for ``stall``, the connection is closed.
final class WriteWatch: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Writes are counted in pieces of this size, so that a slow client that does read is seen to.
    private static let piece = 128 << 10
    private let stall: TimeAmount
    private var waiting = 0
    private var lastProgress = NIODeadline.now()
    private var timer: Scheduled<Void>?

    init(stall: TimeAmount) { self.stall = stall }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var buffer = unwrapOutboundIn(data)
        while buffer.readableBytes > Self.piece, let slice = buffer.readSlice(length: Self.piece) {
            context.write(wrapOutboundOut(slice), promise: watched(nil, context))
        }
        context.write(wrapOutboundOut(buffer), promise: watched(promise, context))
    }

    private func watched(_ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) -> EventLoopPromise<Void>
    {
        if waiting == 0 { lastProgress = .now() }
        waiting += 1
        let watched = promise ?? context.eventLoop.makePromise()
        watched.futureResult.assumeIsolated().whenComplete { _ in
            self.waiting -= 1
            self.lastProgress = .now()
        }
        if timer == nil { check(after: stall, context) }
        return watched
    }

    private func check(after delay: TimeAmount, _ context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            self.timer = nil
            guard self.waiting > 0 else { return }
            let left = self.lastProgress + self.stall - .now()
            if left <= .zero { return context.close(promise: nil) }
            self.check(after: left, context)
        }
    }
}
