// Watches over one connection's requests: deadlines, rates, 100 Continue, refusals that the client gets to read.

internal import Errors
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1

/// Stands right behind the HTTP parser.
///
/// - Headers must be complete within a deadline, and a body must come at a minimum rate while the server asks for it (time
///   in which the server itself is busy does not count); else the connection is closed, a running request failing with 408.
/// - 100 Continue goes out when the route begins to read the body (``ContinuedBody``).
/// - A refusal waits for a body that is on its way, for a while: many clients look at no answer before they have sent
///   all, and some lose one that comes earlier. What is sent meanwhile is thrown away.
/// - An answer given before the whole body has come ends the connection (RFC 9112 9.6): what still comes is thrown away
///   for a while, so that a reset does not take the answer from the client.
/// - Headers that are too large get 431, what is not HTTP 400.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Reading { case head, body, refused, lingering }

    private let limits: ConnectionLimits
    private var reading = Reading.head
    /// Requests whose answer is not complete.
    private var open = 0
    private var hasAnswerBegun = false
    /// The connection ends after the current answer.
    private var isLast = false
    private var isContinueDue = false
    private var timer: Scheduled<Void>?
    // A refusal that waits
    private var held: [(part: HTTPServerResponsePart, promise: EventLoopPromise<Void>?)]?
    private var heldBytes = 0
    private var holdTimer: Scheduled<Void>?
    // The rate of the body in the current window
    private var bytes = 0
    private var waited = TimeAmount.zero
    private var waitingSince: NIODeadline?

    init(limits: ConnectionLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { awaitHead(limits.headerDeadline, context) }
    }
    func channelActive(context: ChannelHandlerContext) {
        awaitHead(limits.headerDeadline, context)
        context.fireChannelActive()
    }
    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        dropHeld()
        context.fireChannelInactive()
    }
    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        dropHeld()
    }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard reading != .refused, reading != .lingering else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            timer?.cancel()
            open += 1
            if open == 1 { hasAnswerBegun = false }
            if !head.isKeepAlive { isLast = true }
            reading = .body
            isContinueDue =
                head.version != .http1_0 && head.headers["expect"].contains { $0.lowercased() == "100-continue" }
            if !isContinueDue { watchBody(context) }
        case .body(let chunk):
            if isContinueDue {
                isContinueDue = false
                watchBody(context)
            }
            bytes += chunk.readableBytes
            heldBytes += chunk.readableBytes
            if heldBytes > limits.heldBytes { release(context) }
        case .end:
            isContinueDue = false
            timer?.cancel()
            reading = .head
            release(context)
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        if waitingSince == nil { waitingSince = .now() }
        context.read()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if let since = waitingSince { waited = waited + (NIODeadline.now() - since) }
        waitingSince = nil
        if reading == .refused || reading == .lingering {
            context.read()
        } else {
            context.fireChannelReadComplete()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch reading {
        case .refused, .lingering: break
        case .head where open == 0 && error is HTTPParserError:
            let isTooLarge = error as? HTTPParserError == .headerOverflow
            refuse(
                isTooLarge ? .requestHeaderFieldsTooLarge : .badRequest,
                isTooLarge ? "The request's headers are too large." : "The request is not valid HTTP/1.1.", context)
        default: context.fireErrorCaught(error)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if reading == .lingering, case ChannelEvent.inputClosed? = event as? ChannelEvent {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: What goes out

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is ContinueWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        promise?.succeed(())
        guard isContinueDue, !hasAnswerBegun else { return }
        isContinueDue = false
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        watchBody(context)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        if case .head(let head) = part, head.status.code >= 400, open == 1, reading == .body, !isContinueDue {
            hold(context)
        }
        if held != nil { held?.append((part, promise)) } else { pass(part, promise, context) }
    }

    /// Writes a part of an answer.
    private func pass(
        _ part: HTTPServerResponsePart, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext
    ) {
        switch part {
        case .head(var head) where !(100..<200).contains(head.status.code):
            hasAnswerBegun = true
            if open == 1, reading != .head { isLast = true }
            if isLast, open <= 1 { head.headers.replaceOrAdd(name: "connection", value: "close") }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end where isLast && open <= 1:
            open = 0
            context.write(wrapOutboundOut(part), promise: promise)
            context.flush()
            linger(context)
        case .end:
            open -= 1
            hasAnswerBegun = false
            context.write(wrapOutboundOut(part), promise: promise)
            if open == 0, reading == .head { awaitHead(limits.idleTimeout, context) }
        default: context.write(wrapOutboundOut(part), promise: promise)
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        release(context)
        context.close(mode: mode, promise: promise)
    }

    // MARK: Refusals that wait

    /// Keeps the answer that begins until the body has come, too much of it or for too long.
    private func hold(_ context: ChannelHandlerContext) {
        (held, heldBytes, hasAnswerBegun) = ([], 0, true)
        holdTimer = context.eventLoop.assumeIsolated().scheduleTask(in: limits.linger) { self.release(context) }
    }

    /// Writes what was kept.
    private func release(_ context: ChannelHandlerContext) {
        holdTimer?.cancel()
        guard let parts = held else { return }
        held = nil
        for (part, promise) in parts { pass(part, promise, context) }
        context.flush()
    }

    private func dropHeld() {
        holdTimer?.cancel()
        for (_, promise) in held ?? [] { promise?.fail(ChannelError.ioOnClosedChannel) }
        held = nil
    }

    // MARK: Time

    private func schedule(_ delay: TimeAmount, _ context: ChannelHandlerContext, _ then: @escaping () -> Void) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay, then)
    }

    private func awaitHead(_ deadline: TimeAmount, _ context: ChannelHandlerContext) {
        schedule(deadline, context) { context.close(promise: nil) }
    }

    private func watchBody(_ context: ChannelHandlerContext) {
        (bytes, waited) = (0, .zero)
        if waitingSince != nil { waitingSince = .now() }
        schedule(limits.bodyWindow, context) { self.judgeBody(context) }
    }

    private func judgeBody(_ context: ChannelHandlerContext) {
        guard reading == .body else { return }
        if let since = waitingSince { waited = waited + (NIODeadline.now() - since) }
        let seconds = Double(waited.nanoseconds) / 1e9
        // Less than half a window of waiting says nothing about the client
        let isSlow =
            waited.nanoseconds * 2 >= limits.bodyWindow.nanoseconds
            && Double(bytes) < seconds * Double(limits.bodyBytesPerSecond)
        guard isSlow else { return watchBody(context) }
        guard !hasAnswerBegun else { return context.close(promise: nil) }
        reading = .refused
        isLast = true
        context.fireErrorCaught(
            AnsweredError(
                MasqueError(
                    .badInput, "The request's body came at less than \(limits.bodyBytesPerSecond) bytes a second.",
                    advice: "Try again on a better connection, or use a resumable upload."), status: .requestTimeout))
        // Whoever was reading has this long to answer
        schedule(limits.linger, context) { context.close(promise: nil) }
    }

    // MARK: Endings

    private func refuse(_ status: HTTPResponseStatus, _ message: String, _ context: ChannelHandlerContext) {
        reading = .refused
        let body = ByteBuffer(string: #"{"error":"badInput","message":"\#(message)"}"#)
        let headers: HTTPHeaders = [
            "content-type": "application/json", "content-length": "\(body.readableBytes)", "connection": "close",
        ]
        context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        linger(context)
    }

    /// Says that nothing more comes, and throws away what the client still sends, for a while.
    private func linger(_ context: ChannelHandlerContext) {
        reading = .lingering
        schedule(limits.linger, context) { context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        context.read()
    }
}
