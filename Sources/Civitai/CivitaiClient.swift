// Asks Civitai about models and versions, and for the signed link of a file. The key goes to Civitai's host and nowhere else.

package import AsyncHTTPClient
internal import Foundation
internal import ModelStore
internal import NIOCore
internal import NIOHTTP1

/// A caller of Civitai's public API.
package struct CivitaiClient: Sendable {
    let base: CivitaiBase
    let http: HTTPClient
    let key: Secret?
    /// For one answer.
    var timeout: TimeAmount = .seconds(30)
    /// Pauses before a call that met no connection or an overload is made again.
    package var pauses: [Duration] = [.milliseconds(500), .seconds(2)]
    /// The longest `Retry-After` of an overload that is waited for, in seconds.
    package var longestRetryAfter = 10

    /// - Parameters:
    ///   - http: must follow no redirects (``client()``).
    ///   - key: sent as `Authorization: Bearer`.
    package init(base: CivitaiBase, http: HTTPClient, key: Secret?) {
        self.base = base
        self.http = http
        self.key = key
    }

    /// The same with another key.
    package func with(key: Secret?) -> CivitaiClient {
        var copy = CivitaiClient(base: base, http: http, key: key)
        copy.pauses = pauses
        copy.longestRetryAfter = longestRetryAfter
        return copy
    }

    /// A client as this needs it: no redirects, short time to connect. Shut it down.
    ///
    /// - Parameters:
    ///   - base: the Civitai that is asked, through the proxy that the environment has for it; nil: anybody, without one.
    ///   - environment: where proxies stand.
    package static func client(
        for base: CivitaiBase? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        // What is tried again, and how often, is decided here.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let url = base.flatMap({ URL(string: $0.text) }) {
            configuration.proxy = ProxyRules(environment: environment).proxy(for: url)
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Describes a model with its versions, the newest first.
    /// - Throws: ``DownloadFailure``.
    package func model(_ id: Int) async throws -> CivitaiModel {
        try await described("models/\(id)", what: "model \(id)")
    }

    /// Describes a version.
    /// - Throws: ``DownloadFailure``.
    package func version(_ id: Int) async throws -> CivitaiVersion {
        try await described("model-versions/\(id)", what: "model version \(id)")
    }

    /// The link that a file can be fetched from now. It works for some minutes and needs no key.
    ///
    /// - Parameter file: nil: whatever Civitai takes for the version's file.
    /// - Throws: ``DownloadFailure`` by what Civitai answers.
    func signedLink(version: Int, file: CivitaiFile?) async throws -> URL {
        var place = downloadAddress(version: version, file: file)
        let what = "model version \(version)"
        // Civitai's own hosts may redirect among their paths; the first link elsewhere is the file's.
        for _ in 0..<4 {
            let here = place
            let answer = try await patiently { try await get(here, accept: "*/*") }
            guard (300..<400).contains(answer.status) else {
                if answer.status == 200 {
                    throw DownloadFailure(
                        .failed, "Civitai sent \(what) itself instead of a link to fetch it from.",
                        advice: "Check CIVITAI_URL.")
                }
                throw CivitaiRefusal(answer, what: what, hasKey: key != nil).failure
            }
            guard let text = answer.location, let current = URL(string: place),
                let next = URL(string: text, relativeTo: current)?.absoluteURL, next.user == nil, next.password == nil,
                let scheme = next.scheme?.lowercased(), let host = next.host, !host.isEmpty
            else { throw DownloadFailure(.failed, "Civitai's answer for \(what) leads nowhere.", advice: "Try again.") }
            if base.isHome(next) {
                if next.path.hasPrefix("/login") {
                    throw CivitaiRefusal(status: 401, what: what, hasKey: key != nil).failure
                }
                if base.isLoopback, !next.path.hasPrefix("/api/") { return next }
                place = next.absoluteString
                continue
            }
            guard scheme == "https" || (scheme == "http" && base.isLoopback) else {
                throw DownloadFailure(
                    .failed, "Civitai redirects \(what) to an unencrypted link, which is not followed.")
            }
            return next
        }
        throw DownloadFailure(.failed, "Civitai redirects \(what) in a circle.", advice: "Try again later.")
    }

    /// Where the signed link of a file is asked for.
    func downloadAddress(version: Int, file: CivitaiFile?) -> String {
        var parts = URLComponents()
        if let file {
            parts.queryItems = [
                ("type", file.type), ("format", file.metadata.format), ("size", file.metadata.size),
                ("fp", file.metadata.fp), ("quantType", file.metadata.quantType), ("fileId", String(file.id)),
            ].compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } }
        }
        let query = parts.percentEncodedQuery.map { "?\($0)" } ?? ""
        return "\(base.text)/api/download/models/\(version)\(query)"
    }

    /// How this server calls itself.
    static let agent = "Masque (model downloads)"

    // MARK: Calls

    private func described<Value: Decodable & Sendable>(_ path: String, what: String) async throws -> Value {
        let answer = try await patiently { try await get("\(base.text)/api/v1/\(path)", accept: "application/json") }
        guard answer.status == 200 else {
            throw CivitaiRefusal(answer, what: what, hasKey: key != nil).failure
        }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(answer.body))
        } catch {
            throw DownloadFailure(
                .failed, "Civitai's description of \(what) is not understood.",
                advice: "Check CIVITAI_URL; a newer Masque may be needed.")
        }
    }

    /// Makes a call again while there is no connection or Civitai is overloaded.
    private func patiently(_ call: @Sendable () async throws -> CivitaiAnswer) async throws -> CivitaiAnswer {
        var rest = pauses[...]
        while true {
            do {
                let answer = try await call()
                guard [502, 503, 504].contains(answer.status), var pause = rest.popFirst() else { return answer }
                if let seconds = answer.retryAfter {
                    guard seconds <= longestRetryAfter else { return answer }
                    pause = max(pause, .seconds(seconds))
                }
                try await Task.sleep(for: pause)
            } catch let error where !(error is CancellationError) {
                if Task.isCancelled { throw CancellationError() }
                guard let pause = rest.popFirst() else {
                    throw DownloadFailure(
                        .noConnection, "Civitai (\(base.authority)) could not be reached.",
                        advice: "Check this server's connection, or try again later.")
                }
                try await Task.sleep(for: pause)
            }
        }
    }

    private func get(_ url: String, accept: String) async throws -> CivitaiAnswer {
        var request = HTTPClientRequest(url: url)
        request.headers = ["accept": accept, "user-agent": Self.agent]
        if let key, let target = URL(string: url), base.isHome(target) {
            request.headers.add(name: "authorization", value: "Bearer \(key.text)")
        }
        let response = try await http.execute(request, timeout: timeout)
        let status = Int(response.status.code)
        var body: [UInt8] = []
        // Of a file that is sent at once, nothing is wanted.
        if status != 200 || accept != "*/*" {
            let most = status == 200 ? 32 << 20 : 64 << 10
            for try await part in response.body {
                body += part.readableBytesView
                if body.count > most { break }
            }
        }
        return CivitaiAnswer(
            status: status, location: response.headers.first(name: "location"),
            retryAfter: response.headers.first(name: "retry-after").flatMap { Int($0) }, body: body)
    }
}

/// An answer of Civitai's, read as far as it is used.
struct CivitaiAnswer: Sendable {
    var status: Int
    var location: String?
    var retryAfter: Int?
    var body: [UInt8] = []
}
