// The Bot API's client: paces calls, waits when it is told to, repeats what can be repeated, and never sends twice.

package import AsyncHTTPClient
internal import Errors
internal import Foundation
package import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Calls methods of the Bot API. A value; copies share connections and limits.
///
/// A call that makes a message is made again only when it is certain that it was not done: no connection, or an answer
/// that says so. When its answer is lost, it fails with ``BotAPIError/Reason/uncertain``, and the caller decides.
package struct BotAPI: Sendable {
    /// How patient it is.
    package struct Patience: Sendable {
        /// For the answer of a call without files.
        package var answer = Duration.seconds(30)
        /// For the answer of a call with files, and for a download.
        package var transfer = Duration.seconds(900)
        /// Between attempts of a call that failed in passing.
        package var pauses: [Duration] = [.milliseconds(300), .seconds(1), .seconds(3), .seconds(8)]
        /// The longest `retry_after` that is waited for.
        package var longestHold = Duration.seconds(300)
        package init() {}
    }

    let token: BotToken
    package let server: BotServer
    package let http: HTTPClient
    package let pacer: Pacer
    let log: Logger
    package var patience = Patience()
    /// Told when a group has become a supergroup with another id; the call was made again with the new one.
    package var onMigration: @Sendable (_ old: Int64, _ new: Int64) async -> Void = { _, _ in }

    /// - Parameter http: must follow no redirects (``client()``): a redirect would carry the token away.
    package init(
        token: BotToken, server: BotServer = .telegram, http: HTTPClient, pacer: Pacer = Pacer(), log: Logger
    ) {
        (self.token, self.server, self.http, self.pacer, self.log) = (token, server, http, pacer, log)
    }

    /// A client as this needs it. Shut it down.
    package static func client() -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Calls a method.
    /// - Throws: ``BotAPIError``; `CancellationError`; ``MasqueError`` when a file to send cannot be read.
    @discardableResult
    package func call<Method: BotMethod>(_ method: Method) async throws -> Method.Answer {
        var method = method, failures = 0, moves = 0
        while true {
            let request = try await request(for: method)
            // Right before it goes: what counts against the limits is when it does.
            try await pacer.wait(for: method.chatID, count: method.messageCount)
            try Task.checkCancellation()
            switch try await attempt(method, request) {
            case .done(let answer): return answer
            case .wait(let time, let words):
                await pacer.hold(method.messageCount > 0 ? method.chatID : nil, for: time)
                guard time <= patience.longestHold else {
                    throw BotAPIError(.tooManyRequests, method: Method.name, detail: words)
                }
                log.notice("Telegram wants a pause.", metadata: ["method": "\(Method.name)", "for": "\(time)"])
            case .moved(let chat, let words):
                guard let old = method.chatID, moves == 0 else {
                    throw BotAPIError(.noChat, method: Method.name, detail: words)
                }
                moves += 1
                method = method.moved(to: chat)
                await onMigration(old, chat)
            case .failed(let error):
                let maybeAgain = error.reason == .unavailable || (error.reason == .uncertain && Method.isRepeatable)
                guard maybeAgain, failures < patience.pauses.count else { throw error }
                try await Task.sleep(for: patience.pauses[failures])
                failures += 1
            }
        }
    }

    private enum Outcome<Answer: Sendable>: Sendable {
        case done(Answer)
        case wait(Duration, String)
        case moved(Int64, String)
        case failed(BotAPIError)
    }

    /// A method as HTTP has it.
    private func request(for method: some BotMethod) async throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: server.method(type(of: method).name, token))
        request.method = .POST
        request.headers = ["user-agent": "Masque", "accept": "application/json"]
        let uploads = method.uploads
        let json = try BotJSON.encoder().encode(method)
        if uploads.isEmpty {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: json))
        } else {
            let form = try await MultipartBody.make(fields: Self.fields(json), uploads: uploads)
            request.headers.add(name: "content-type", value: "multipart/form-data; boundary=\(form.boundary)")
            request.body = .stream(form, length: .known(form.count))
        }
        return request
    }

    /// One request.
    private func attempt<Method: BotMethod>(
        _ method: Method, _ request: HTTPClientRequest
    ) async throws -> Outcome<Method.Answer> {
        let waiting = (method as? GetUpdates).map { Duration.seconds($0.timeout) } ?? .zero
        let limit = (method.uploads.isEmpty ? patience.answer : patience.transfer) + waiting
        let status: Int, body: ByteBuffer
        do {
            let response = try await http.execute(request, timeout: TimeAmount(limit))
            status = Int(response.status.code)
            body = try await response.body.collect(upTo: 16 << 20)
        } catch {
            if Task.isCancelled { throw CancellationError() }
            if error is MasqueError { throw error }
            // Before a connection stood, nothing can have been done.
            let isBefore = Self.isBeforeConnection(error)
            return .failed(
                BotAPIError(
                    isBefore ? .unavailable : .uncertain, method: Method.name,
                    detail: "no answer (\(String(describing: type(of: error))))"))
        }
        return read(body, status: status, of: method)
    }

    private struct Reply<Answer: Decodable>: Decodable {
        var ok: Bool
        var result: Answer?
        var errorCode: Int?
        var description: String?
        var parameters: Parameters?
    }

    private struct Parameters: Decodable {
        var migrateToChatID: Int64?
        var retryAfter: Int?
    }

    private func read<Method: BotMethod>(_ body: ByteBuffer, status: Int, of method: Method) -> Outcome<Method.Answer> {
        let data = Data(body.readableBytesView)
        let decoder = BotJSON.decoder()
        // What was done stays done when its description is not understood, so the refusal is read by itself.
        guard let reply = try? decoder.decode(Reply<Nothing>.self, from: data) else {
            // A gateway in front: whether the call got through is not known.
            // 501: not a gateway that is in trouble, but something that knows no such call.
            let reason: BotAPIError.Reason = status >= 500 && status != 501 ? .uncertain : .strangeAnswer
            return .failed(BotAPIError(reason, method: Method.name, detail: "\(status) without a description"))
        }
        if reply.ok {
            do {
                guard let answer = try decoder.decode(Reply<Method.Answer>.self, from: data).result else {
                    return .failed(BotAPIError(.strangeAnswer, method: Method.name, detail: "an answer without result"))
                }
                return .done(answer)
            } catch {
                return .failed(BotAPIError(.strangeAnswer, method: Method.name, detail: "\(error)"))
            }
        }
        let code = reply.errorCode ?? status, words = reply.description ?? "no description"
        if code == 429 { return .wait(.seconds(reply.parameters?.retryAfter ?? 1), "\(code) \(words)") }
        if let chat = reply.parameters?.migrateToChatID { return .moved(chat, "\(code) \(words)") }
        return .failed(BotAPIError(method: Method.name, code: code, words: words))
    }

    /// A value that is not looked at.
    private struct Nothing: Decodable { init(from decoder: any Decoder) throws {} }

    /// The fields of a form for a method's JSON: texts as they are, everything else as JSON.
    static func fields(_ json: Data) throws -> [(name: String, value: String)] {
        let object = try JSONSerialization.jsonObject(with: json) as? [String: Any] ?? [:]
        return try object.sorted { $0.key < $1.key }.map { name, value in
            if let text = value as? String { return (name, text) }
            let options: JSONSerialization.WritingOptions = [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes]
            return (
                name,
                String(decoding: try JSONSerialization.data(withJSONObject: value, options: options), as: UTF8.self)
            )
        }
    }

    static func isBeforeConnection(_ error: any Error) -> Bool {
        error is NIOConnectionError || (error as? HTTPClientError) == .connectTimeout
            || (error as? HTTPClientError) == .getConnectionFromPoolTimeout
            || (error as? IOError)?.errnoCode == ECONNREFUSED
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        self = .nanoseconds(
            duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
    }
}
