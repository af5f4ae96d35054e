// One attempt: connects to exactly the address that was vetted, posts the body, reads a little of the answer.

internal import Addresses
internal import AsyncHTTPClient
internal import Errors
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Makes attempts. Never throws: what goes wrong is the result.
struct WebhookSender: Sendable {
    let targets: SSRFGuard
    /// For all of it: look-up, connection, answer.
    let timeout: Duration
    let userAgent: String
    /// How much of an answer's body is read, in bytes, so that the other side can end its writing in peace.
    private static let bodyLimit = 4_096
    /// How long is waited for it; the answer counts without it.
    private static let bodyPatience = Duration.seconds(2)

    func send(_ body: [UInt8], to url: String, id: String, signer: WebhookSigner, now: Date) async -> AttemptResult {
        let deadline = ContinuousClock.now + timeout
        do {
            let targets = targets
            let target = try await within(deadline) { try await targets.vet(url) }
            let timestamp = Int64(now.timeIntervalSince1970)
            var request = HTTPClientRequest(url: target.url.text)
            request.method = .POST
            request.headers = [
                "content-type": "application/json", "user-agent": userAgent, "webhook-id": id,
                "webhook-timestamp": String(timestamp),
                "webhook-signature": signer.signature(id: id, timestamp: timestamp, body: body),
            ]
            request.body = .bytes(ByteBuffer(bytes: body))
            return try await send(request, to: target, deadline: deadline, now: now)
        } catch is OutOfTime {
            return .failed("\(hostName(url)) did not answer within \(lengthInWords(timeout / .seconds(1))).")
        } catch let error as MasqueError where error.code == .badInput {
            // A refused URL stays refused; a name can get another address.
            let isURL = (try? targets.check(url)) == nil
            return isURL ? .hopeless(error.message) : .failed(error.message)
        } catch let error as MasqueError {
            return .failed(error.message)
        } catch {
            return .failed("\(hostName(url)) could not be reached: \(Self.reason(error)).")
        }
    }

    /// Tries the vetted addresses in turn, at most three, while no connection comes about.
    private func send(
        _ request: HTTPClientRequest, to target: VettedTarget, deadline: ContinuousClock.Instant, now: Date
    ) async throws -> AttemptResult {
        var failure: any Error = HTTPClientError.connectTimeout
        for address in target.addresses.prefix(3) {
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton, configuration: configuration(of: target.url, pinnedTo: address))
            do {
                let result = try await exchange(
                    request, by: client, host: target.url.host, deadline: deadline, now: now)
                try? await client.shutdown()
                return result
            } catch {
                try? await client.shutdown()
                guard Self.isBeforeConnection(error) else { throw error }
                failure = error
            }
        }
        throw failure
    }

    private func exchange(
        _ request: HTTPClientRequest, by client: HTTPClient, host: String, deadline: ContinuousClock.Instant, now: Date
    ) async throws -> AttemptResult {
        let response = try await within(deadline) {
            try await client.execute(request, deadline: .distantFuture)
        }
        let end = min(deadline, ContinuousClock.now + Self.bodyPatience)
        try? await within(end) {
            var count = 0
            for try await part in response.body {
                count += part.readableBytes
                if count >= Self.bodyLimit { break }
            }
        }
        let details = AttemptResult.Details(
            retryAfter: response.headers.first(name: "retry-after").flatMap { retryAfterSeconds($0, now: now) },
            location: response.headers.first(name: "location").map(Self.shown))
        return .answered(
            status: Int(response.status.code), reason: Self.shown(response.status.reasonPhrase), host: host, details)
    }

    /// A client for this one connection: the host name keeps its place in TLS and in the Host header, and the connection
    /// goes to `address`. A connection that should lead elsewhere all the same is closed before anything is sent.
    private func configuration(of url: TargetURL, pinnedTo address: IPAddress) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        if url.address == nil { configuration.dnsOverride = [url.host: address.description] }
        configuration.http1_1ConnectionDebugInitializer = { channel in
            guard channel.remoteAddress?.ipAddress.flatMap({ IPAddress($0) }) == address else {
                return channel.eventLoop.makeFailedFuture(
                    MasqueError(.failed, "A webhook's connection led to another address than the one checked."))
            }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return configuration
    }

    private static func isBeforeConnection(_ error: any Error) -> Bool {
        error is NIOConnectionError || error is IOError || (error as? HTTPClientError) == .connectTimeout
    }

    /// What a header says, fit for a sentence: at most 200 printable ASCII characters.
    private static func shown(_ text: String) -> String {
        String(decoding: text.utf8.filter { (0x20...0x7e).contains($0) }.prefix(200), as: UTF8.self)
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as IOError:
            switch error.errnoCode {
            case ECONNREFUSED: "the connection was refused"
            case ECONNRESET, EPIPE: "the connection was cut"
            case EHOSTUNREACH, ENETUNREACH: "there is no way to its network"
            default: "the connection failed"
            }
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { reason($0.error) } ?? "the connection failed"
        case let error as HTTPClientError where error == .connectTimeout: "connecting took too long"
        case let error as HTTPClientError where error == .remoteConnectionClosed: "the connection was cut"
        case is HTTPParserError: "its answer is not HTTP"
        case is CancellationError: "the attempt was stopped"
        default: String(describing: type(of: error)).contains("SSL") ? "TLS failed" : "the connection failed"
        }
    }

    private func hostName(_ url: String) -> String { (try? TargetURL(url).host) ?? "The target" }
}

/// The time for something was over.
private struct OutOfTime: Error {}

/// Runs `body` until `deadline`, then cancels it.
/// - Throws: ``OutOfTime``; what `body` throws.
private func within<Value: Sendable>(
    _ deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(until: deadline, clock: .continuous)
            throw OutOfTime()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw OutOfTime() }
        return value
    }
}
