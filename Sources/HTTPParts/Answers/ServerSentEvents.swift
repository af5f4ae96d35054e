// Server-Sent Events (WHATWG HTML 9.2): events as text, comments while nothing happens, an end when the client goes.

internal import HTTPTypes
package import HummingbirdCore
internal import NIOCore
internal import ServiceLifecycle

/// One event.
package struct ServerSentEvent: Hashable, Sendable {
    /// What a client sends as Last-Event-ID when it comes back. Line ends and NUL are left out.
    package var id: String?
    /// The event's name; "message" for clients when nil.
    package var event: String?
    /// The text; may have lines.
    package var data: String
    /// After how long a client comes back when the stream breaks.
    package var retryMilliseconds: Int?

    /// Makes one.
    package init(id: String? = nil, event: String? = nil, data: String, retryMilliseconds: Int? = nil) {
        self.id = id
        self.event = event
        self.data = data
        self.retryMilliseconds = retryMilliseconds
    }

    /// The event as it goes over the wire, with the empty line that ends it.
    package var encoded: String {
        var text = ""
        if let id { text += "id: \(Self.oneLine(id))\n" }
        if let event { text += "event: \(Self.oneLine(event))\n" }
        if let retryMilliseconds { text += "retry: \(retryMilliseconds)\n" }
        // CR LF, CR and LF all end a line
        var scalars = data.unicodeScalars[...]
        while true {
            let end = scalars.firstIndex { $0 == "\n" || $0 == "\r" } ?? scalars.endIndex
            text += "data: \(String(scalars[..<end]))\n"
            guard end < scalars.endIndex else { break }
            let wasCR = scalars[end] == "\r"
            scalars = scalars[scalars.index(after: end)...]
            if wasCR, scalars.first == "\n" { scalars = scalars.dropFirst() }
        }
        return text + "\n"
    }

    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\n" && $0 != "\r" && $0 != "\0" }))
    }
}

/// Answers with a stream of events.
package enum ServerSentEvents {
    /// A stream that ends when `events` end, the client goes away or the server shuts down; an error of `events` breaks
    /// the connection, so that the client comes back. Needs a live connection and a request whose body nobody has replaced.
    /// - Parameter keepAlive: a comment is sent when nothing was for so long, so that proxies keep the connection and a
    ///   client that is gone is noticed.
    package static func response<Events: AsyncSequence & Sendable>(
        to request: Request, keepAlive: Duration = .seconds(15), events: Events
    ) -> Response where Events.Element == ServerSentEvent {
        let headers: HTTPFields = [
            .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store", .accelBuffering: "no",
            .connection: "close",
        ]
        let body = ResponseBody { writer in
            // Used by nobody but the outlet until the stream has ended
            nonisolated(unsafe) let inner = writer
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                let outlet = unsafe Outlet(inner)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for try await event in events { try await outlet.write(event.encoded) }
                    }
                    group.addTask {
                        while true {
                            try await Task.sleep(for: keepAlive)
                            try await outlet.keepAlive(after: keepAlive / 2)
                        }
                    }
                    group.addTask { try await gracefulShutdown() }
                    // Headers go out at once, before the first event
                    try await outlet.write(":\n\n")
                    try await group.next()
                    group.cancelAll()
                }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// The writing end that events and keep-alives share. Each write is whole lines, so their order does not matter.
    private actor Outlet {
        private var writer: any ResponseBodyWriter
        private var lastWrite = ContinuousClock.now

        init(_ writer: sending any ResponseBodyWriter) { self.writer = writer }

        func write(_ text: String) async throws {
            lastWrite = .now
            nonisolated(unsafe) var writer = writer
            try await unsafe writer.write(ByteBuffer(string: text))
        }

        func keepAlive(after silence: Duration) async throws {
            if lastWrite.duration(to: .now) >= silence { try await write(":\n\n") }
        }
    }
}

extension HTTPField.Name {
    /// Tells nginx not to hold a stream back.
    static let accelBuffering = known("X-Accel-Buffering")

    /// A name that is known to be a token.
    static func known(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
        return field
    }
}
