// What one connection may take: sizes, counts and times. And how a server is set up with them.

package import Hummingbird
package import HummingbirdCore
package import Logging
package import NIOCore

/// Limits of a connection and of the number of connections.
package struct ConnectionLimits: Sendable {
    /// Bytes of one request's header lines; more is answered 431.
    package var headerBytes = 32 << 10
    /// Header lines of one request; more is answered 431.
    package var headerCount = 100
    /// From connecting until the first request's headers are complete.
    package var headerDeadline: TimeAmount = .seconds(15)
    /// Bytes a second of a request's body while the server waits for them; slower is answered 408.
    package var bodyBytesPerSecond = 1024
    /// Over what time the body's rate is taken.
    package var bodyWindow: TimeAmount = .seconds(20)
    /// From one answer until the next request's headers are complete.
    package var idleTimeout: TimeAmount = .seconds(75)
    /// How long an answer may wait for its client to read the next 128 KiB.
    package var writeStall: TimeAmount = .seconds(60)
    /// How long a refusal waits for the body, and then how long what the client still sends is thrown away, so that it
    /// gets to read its answer.
    package var linger: TimeAmount = .seconds(2)
    /// How many bytes of a body a refusal waits for at most, and no longer than ``linger``.
    package var heldBytes = 16 << 20
    /// Connections at once; more wait in the listen queue.
    package var maxConnections = 4096

    package init() {}
}

extension HTTPServerBuilder {
    /// HTTP/1.1 within `limits`, answering `Expect: 100-continue` when the route begins to read the body.
    ///
    /// `Application(router: router, server: .guarded(limits), configuration: .guarded(address:limits:logger:))`
    package static func guarded(_ limits: ConnectionLimits = ConnectionLimits()) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            var decoder = HTTP1Channel.Configuration.DecoderConfiguration()
            decoder.maxHeaderFieldSize = limits.headerBytes
            decoder.maxHeaderListSize = limits.headerBytes
            decoder.maxHeaderFieldCount = limits.headerCount
            let channel = HTTP1Channel(
                responder: { request, writer, channel in
                    guard request.headers[.expect]?.lowercased() == "100-continue" else {
                        return try await responder(request, writer, channel)
                    }
                    var request = request
                    request.body = RequestBody(asyncSequence: ContinuedBody(body: request.body, channel: channel))
                    try await responder(request, writer, channel)
                }, configuration: .init(httpDecoderConfiguration: decoder))
            return GuardedChannel(base: channel, limits: limits)
        }
    }
}

extension ApplicationConfiguration {
    /// No Server banner, and at most `limits.maxConnections` connections at once.
    package static func guarded(
        address: BindAddress, limits: ConnectionLimits = ConnectionLimits(), logger: Logger
    ) -> ApplicationConfiguration {
        ApplicationConfiguration(
            address: address, serverName: nil,
            availableConnectionsDelegate: .maximum(limits.maxConnections, logger: logger))
    }
}
