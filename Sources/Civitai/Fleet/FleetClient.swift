// Drives the servers of a fleet by the three calls of the contract, which other people's extensions have, too.

package import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Asks servers how they stand and has them download, all at once.
package struct FleetClient: Sendable {
    private let http: HTTPClient
    /// For the answer about its state.
    package var statusTimeout = Duration.seconds(5)
    /// For a download: longer than a server takes to give up by itself (300 s).
    package var downloadTimeout = Duration.seconds(330)
    /// Between two questions for how far a download is.
    package var progressInterval = Duration.seconds(2)
    /// Host and port of the Civitai that is asked, whose links are taken beside the public ones.
    package var host: String?

    /// - Parameter http: must follow no redirects (``CivitaiClient/client()``): a token belongs to one server.
    package init(http: HTTPClient) { self.http = http }

    /// How every server stands, in the order of the list.
    package func statuses(of servers: [FleetServer]) async -> [FleetStatus] {
        await inParallel(servers) { await status(of: $0) }
    }

    /// Has every server that answers download a link; the others are reported as they stand.
    ///
    /// - Parameters:
    ///   - link: as a person gave it; the servers read it.
    ///   - key: a key of Civitai's that is sent to all of them.
    ///   - onResult: called as each server is done.
    ///   - onProgress: told a server's name and how far it is (0…100), where the server tells that and knows how much
    ///     there is.
    package func download(
        _ link: String, key: Secret?, to servers: [FleetServer],
        onResult: @escaping @Sendable (FleetResult) -> Void = { _ in },
        onProgress: (@Sendable (_ server: String, _ percent: Double) -> Void)? = nil
    ) async -> [FleetResult] {
        await inParallel(servers) { server in
            let status = await status(of: server)
            let result =
                status.online
                ? await download(link, key: key, to: server, onProgress)
                : FleetResult(
                    name: server.name, success: false, message: status.message ?? "The server does not answer.",
                    seconds: 0)
            onResult(result)
            return result
        }
    }

    // MARK: One server

    private struct StatusBody: Decodable {
        var status: String?
        var service: String?
    }

    private struct DownloadBody: Decodable {
        var success: Bool?
        var message: String?
        /// How the web framework of the extensions tells its own errors.
        var detail: String?
        var filename: String?
        var path: String?
        var modelName: String?
        var versionName: String?

        private enum CodingKeys: String, CodingKey {
            case success, message, detail, filename, path
            case modelName = "model_name"
            case versionName = "version_name"
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            success = try? fields.decode(Bool.self, forKey: .success)
            func text(_ key: CodingKeys) -> String? {
                (try? fields.decode(String.self, forKey: key)).map { SafeText.line($0) }
            }
            message = text(.message)
            detail = text(.detail)
            filename = text(.filename)
            path = text(.path)
            modelName = text(.modelName)
            versionName = text(.versionName)
        }
    }

    private func status(of server: FleetServer) async -> FleetStatus {
        let start = ContinuousClock.now
        var found = FleetStatus(name: server.name, url: server.url, online: false)
        do {
            let (code, body) = try await call(server, "/civitai/status", json: nil, timeout: statusTimeout)
            found.milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
            let answer = try? JSONDecoder().decode(StatusBody.self, from: Data(body))
            found.service = answer?.service.map(SafeText.line)
            found.online = code == 200 && answer?.status?.lowercased() == "online"
            if !found.online {
                found.message =
                    code == 200 ? "The server says that it is not online." : "The server answered with status \(code)."
            }
        } catch {
            found.message = Self.sentence(error, timeout: statusTimeout)
        }
        return found
    }

    /// Downloads and asks meanwhile how far it is.
    private func download(
        _ link: String, key: Secret?, to server: FleetServer, _ onProgress: (@Sendable (String, Double) -> Void)?
    ) async -> FleetResult {
        guard let onProgress else { return await download(link, key: key, to: server) }
        return await withTaskGroup(of: FleetResult?.self) { group in
            group.addTask { await download(link, key: key, to: server) }
            group.addTask {
                await follow(link, on: server) { onProgress(server.name, $0) }
                return nil
            }
            var result: FleetResult?
            while result == nil, let next = await group.next() { result = next }
            group.cancelAll()
            return result
                ?? FleetResult(name: server.name, success: false, message: "The call was stopped.", seconds: 0)
        }
    }

    /// What Masque's servers tell beside the contract, by the link's page; others have no such list.
    private struct ListBody: Decodable {
        struct Entry: Decodable {
            var url: String?
            var progress: Double?
            var total: Int64?

            private enum CodingKeys: String, CodingKey {
                case url, progress
                case total = "bytes_total"
            }
        }
        var downloads: [Entry]
    }

    /// Asks a server how far a download is until it is stopped, or the server turns out to know no such question.
    private func follow(_ link: String, on server: FleetServer, _ onProgress: (Double) -> Void) async {
        guard let page = (try? CivitaiLink(link, host: host)).map({ "\($0)" }) else { return }
        while (try? await Task.sleep(for: progressInterval)) != nil {
            let path = "/civitai/downloads?status=running&limit=200"
            // Not reached this time: the download itself says what becomes of that.
            guard let (code, body) = try? await call(server, path, json: nil, timeout: statusTimeout) else { continue }
            guard code == 200, let list = try? JSONDecoder().decode(ListBody.self, from: Data(body)) else { return }
            let entry = list.downloads.first { $0.url == page && ($0.total ?? 0) > 0 }
            if let percent = entry?.progress, percent.isFinite { onProgress(min(max(percent, 0), 100)) }
        }
    }

    private func download(_ link: String, key: Secret?, to server: FleetServer) async -> FleetResult {
        struct Order: Encodable {
            let url: String
            let key: String?

            enum CodingKeys: String, CodingKey {
                case url
                case key = "api_key"
            }
        }
        let start = ContinuousClock.now
        var result = FleetResult(name: server.name, success: false, message: "", seconds: 0)
        do {
            let order = try JSONEncoder().encode(Order(url: link, key: key?.text))
            let (code, body) = try await call(
                server, "/civitai/download", json: Array(order), timeout: downloadTimeout)
            let answer = try? JSONDecoder().decode(DownloadBody.self, from: Data(body))
            result.status = code
            result.success = code == 200 && answer?.success != false && answer != nil
            let fallback =
                result.success ? "Model downloaded successfully" : "The server answered with status \(code)."
            result.message = answer?.message ?? answer?.detail ?? fallback
            result.filename = answer?.filename
            result.path = answer?.path
            result.modelName = answer?.modelName
            result.versionName = answer?.versionName
        } catch {
            result.message = Self.sentence(error, timeout: downloadTimeout)
        }
        result.seconds = ((ContinuousClock.now - start) / .seconds(1) * 10).rounded() / 10
        return result
    }

    private func call(
        _ server: FleetServer, _ path: String, json: [UInt8]?, timeout: Duration
    ) async throws -> (status: Int, body: [UInt8]) {
        var request = HTTPClientRequest(url: server.url + path)
        request.headers = ["accept": "application/json", "user-agent": "Masque (fleet)"]
        if let token = server.token { request.headers.add(name: "X-Token", value: token.text) }
        if let json {
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: json))
        }
        let response = try await http.execute(request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
        let body = try await response.body.collect(upTo: 1 << 20)
        return (Int(response.status.code), Array(body.readableBytesView))
    }

    private static func sentence(_ error: any Error, timeout: Duration) -> String {
        switch error {
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
            "The server did not answer within \(timeout.components.seconds) seconds."
        case let error as HTTPClientError where error == .connectTimeout: "Connecting to the server took too long."
        case is CancellationError: "The call was stopped."
        default: "The server could not be reached."
        }
    }

    private func inParallel<Value: Sendable>(
        _ servers: [FleetServer], _ body: @escaping @Sendable (FleetServer) async -> Value
    ) async -> [Value] {
        await withTaskGroup(of: (Int, Value).self) { group in
            for (index, server) in servers.enumerated() { group.addTask { (index, await body(server)) } }
            var found: [(Int, Value)] = []
            for await entry in group { found.append(entry) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
