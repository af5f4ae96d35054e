// One GET request with its redirects, each judged before it is followed.

internal import Addresses
internal import AsyncHTTPClient
internal import Errors
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// An answer whose body has not been read yet.
struct HTTPAnswer: Sendable {
    /// The URL that answered, after redirects.
    let url: URL
    let status: Int
    let headers: HTTPHeaders
    let body: HTTPClientResponse.Body
}

/// A fault and who is to blame.
struct FailedHop: Error {
    let fault: DownloadFault
    /// The URL that failed.
    let url: URL
}

/// Sends requests and follows redirects: secrets stay with the first scheme, host and port; from https never to http; from
/// a public host never to a private one, where the address that was judged is the one that is connected to.
struct HTTPHops: Sendable {
    let proxies: ProxyRules
    let resolver: any AddressResolver

    /// - Parameter body: gets the first answer that is no redirect; the connection ends with it.
    /// - Throws: ``FailedHop``, `CancellationError`, what `body` throws.
    func get<Value: Sendable>(
        _ source: DownloadRequest.Source, headers: [String: String], limits: DownloadRequest.Limits,
        refusesPrivate: Bool, body: (HTTPAnswer) async throws -> Value
    ) async throws -> Value {
        var (url, secrets) = Self.withoutUser(source)
        let first = url
        for _ in 0...max(0, limits.redirects) {
            let addresses = try await addressesAllowed(url, from: first, refusesPrivate: refusesPrivate)
            var request = HTTPClientRequest(url: url.absoluteString)
            for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
            for (name, value) in secrets { request.headers.replaceOrAdd(name: name, value: value) }
            let step: Step<Value> = try await send(request, url, addresses, limits) { answer in
                guard [301, 302, 303, 307, 308].contains(answer.status),
                    let location = answer.headers.first(name: "location")
                else { return .value(try await body(answer)) }
                return .redirect(location)
            }
            switch step {
            case .value(let value): return value
            case .redirect(let location):
                let next = try Self.target(location, from: url)
                if Self.origin(next) != Self.origin(first) { secrets = [:] }
                url = next
            }
        }
        throw FailedHop(fault: .redirect("yet another place after \(limits.redirects) others"), url: url)
    }

    private enum Step<Value: Sendable>: Sendable {
        case value(Value)
        case redirect(String)
    }

    /// Tries the addresses in turn while no connection comes about; no addresses: the library looks the host up.
    private func send<Value: Sendable>(
        _ request: HTTPClientRequest, _ url: URL, _ addresses: [IPAddress], _ limits: DownloadRequest.Limits,
        _ body: (HTTPAnswer) async throws -> Value
    ) async throws -> Value {
        var failure: any Error = HTTPClientError.connectTimeout
        for address in addresses.isEmpty ? [nil] : addresses.prefix(4).map(Optional.some) {
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton, configuration: configuration(url, address, limits))
            var isAnswered = false
            do {
                let response = try await client.execute(request, deadline: .distantFuture)
                isAnswered = true
                let answer = HTTPAnswer(
                    url: url, status: Int(response.status.code), headers: response.headers, body: response.body)
                let value = try await body(answer)
                try? await client.shutdown()
                return value
            } catch {
                try? await client.shutdown()
                failure = error
                if isAnswered || Task.isCancelled { break }
            }
        }
        if Task.isCancelled { throw CancellationError() }
        if let fault = Self.fault(failure) { throw FailedHop(fault: fault, url: url) }
        throw failure
    }

    private func configuration(
        _ url: URL, _ address: IPAddress?, _ limits: DownloadRequest.Limits
    ) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = Self.amount(limits.connect)
        configuration.timeout.read = Self.amount(limits.idle)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.proxy = proxies.proxy(for: url)
        if let address, let host = url.host(), IPAddress(host) == nil {
            configuration.dnsOverride = [host: address.description]
        }
        return configuration
    }

    /// The addresses that a redirect's host may be reached at; empty when nothing hangs on it.
    private func addressesAllowed(_ url: URL, from first: URL, refusesPrivate: Bool) async throws -> [IPAddress] {
        guard refusesPrivate, let host = Self.host(url), host != Self.host(first) else { return [] }
        guard try await !isPrivate(first) else { return [] }
        // A proxy looks names up by itself, and perhaps nobody else can here.
        let addresses = proxies.proxy(for: url) == nil ? try await addresses(url) : [IPAddress(host)].compactMap(\.self)
        let isLocal = host == "localhost" || host.hasSuffix(".localhost")
        guard !isLocal, addresses.allSatisfy({ $0.fault == nil }) else {
            throw FailedHop(fault: .redirect("an address that is not on the public internet"), url: first)
        }
        return proxies.proxy(for: url) == nil ? addresses : []
    }

    private func isPrivate(_ url: URL) async throws -> Bool {
        guard let host = Self.host(url) else { return false }
        if let address = IPAddress(host) { return address.fault != nil }
        if proxies.proxy(for: url) != nil { return false }
        return try await addresses(url).contains { $0.fault != nil }
    }

    private func addresses(_ url: URL) async throws -> [IPAddress] {
        guard let host = Self.host(url) else { return [] }
        if let address = IPAddress(host) { return [address] }
        do {
            return try await resolver.addresses(of: host)
        } catch is MasqueError {
            throw FailedHop(fault: .noHost("its address could not be found"), url: url)
        }
    }

    // MARK: URLs

    /// In small letters, without the brackets of an IPv6 address.
    private static func host(_ url: URL) -> String? {
        url.host()?.lowercased().trimmingCharacters(in: ["[", "]"])
    }

    private static func origin(_ url: URL) -> String {
        let scheme = url.scheme?.lowercased() ?? ""
        return "\(scheme)://\(host(url) ?? ""):\(url.port ?? (scheme == "http" ? 80 : 443))"
    }

    private static func target(_ location: String, from url: URL) throws -> URL {
        guard let next = URL(string: location, relativeTo: url)?.absoluteURL, let scheme = next.scheme?.lowercased(),
            scheme == "https" || scheme == "http", host(next) != nil
        else { throw FailedHop(fault: .redirect("something that is no web address"), url: url) }
        guard scheme == "https" || url.scheme?.lowercased() == "http" else {
            throw FailedHop(fault: .redirect("an unencrypted address"), url: url)
        }
        return withoutUser(DownloadRequest.Source(next)).url
    }

    /// User and password go from the URL into a header.
    private static func withoutUser(_ source: DownloadRequest.Source) -> (url: URL, secrets: [String: String]) {
        guard source.url.user != nil, var parts = URLComponents(url: source.url, resolvingAgainstBaseURL: true) else {
            return (source.url, source.secretHeaders)
        }
        let pair = "\(parts.user ?? ""):\(parts.password ?? "")"
        (parts.user, parts.password) = (nil, nil)
        let header = ["Authorization": "Basic " + Data(pair.utf8).base64EncodedString()]
        return (parts.url ?? source.url, header.merging(source.secretHeaders) { $1 })
    }

    private static func amount(_ duration: Duration) -> TimeAmount { .milliseconds(Int64(duration / .milliseconds(1))) }

    // MARK: Errors of the library

    private static func fault(_ error: any Error) -> DownloadFault? {
        switch error {
        case let error as HTTPClientError where error == .readTimeout || error == .deadlineExceeded: .timeout
        case let error as HTTPClientError where error == .connectTimeout: .unreachable("connecting took too long")
        case let error as HTTPClientError where error == .remoteConnectionClosed: .unreachable("the connection was cut")
        case is HTTPClientError: .unreachable("the request failed with \(error)")
        case is HTTPParserError: .unreachable("its answer is not HTTP")
        case let error as NIOConnectionError:
            error.connectionErrors.first.flatMap { fault($0.error) }
                ?? (error.dnsAError == nil ? .unreachable("the connection failed") : .noHost("there is no such host"))
        case let error as IOError:
            switch error.errnoCode {
            case POSIXErrorCode.ECONNREFUSED.rawValue: .unreachable("the connection was refused")
            case POSIXErrorCode.ECONNRESET.rawValue, POSIXErrorCode.EPIPE.rawValue:
                .unreachable("the connection was cut")
            default: .unreachable("the connection failed")
            }
        case is ChannelError: .unreachable("the connection was cut")
        default:
            String(describing: type(of: error)).contains("SSL") ? .unreachable("TLS failed") : nil
        }
    }
}
