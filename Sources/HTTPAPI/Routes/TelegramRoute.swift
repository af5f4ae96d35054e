// Where Telegram posts updates for the bot, when it runs with a webhook.

internal import Crypto
internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The bot's end of the webhook; what an update is, the bot alone knows.
package struct TelegramHook: Sendable {
    private let secret: SHA256Digest
    /// Keeps an update. Throws when it is none (`.badInput`) or Telegram is to send it again (`.unavailable`).
    let receive: @Sendable ([UInt8]) async throws -> Void

    /// - Parameter secret: what Telegram sends along with each update.
    package init(secret: String, receive: @escaping @Sendable ([UInt8]) async throws -> Void) {
        self.secret = SHA256.hash(data: Array(secret.utf8))
        self.receive = receive
    }

    /// Takes the same time for every wrong one: digests are compared, and each in full.
    func isSecret(_ text: String?) -> Bool {
        SHA256.hash(data: Array((text ?? "").utf8)) == secret && text != nil
    }
}

extension HTTPAPI {
    /// Not counted against limits on requests: all come from Telegram's few addresses.
    func addTelegramRoute(to group: RouterGroup<APIContext>) {
        group.post("webhook") { request, _ in
            guard let telegram else {
                throw MasqueError(
                    .notFound, "There is nothing at \(request.uri.path.prefix(200)).",
                    advice: "GET /docs lists what there is.")
            }
            guard telegram.isSecret(request.headers[.telegramSecret]) else {
                throw MasqueError(.forbidden, "This call is not for you.")
            }
            let body: ByteBuffer
            do { body = try await request.body.collect(upTo: mostUpdateBytes) } catch is NIOTooManyBytesError {
                throw MasqueError(.tooLarge, "The JSON body is larger than \(mostUpdateBytes >> 10) kB.")
            }
            try await telegram.receive(Array(body.readableBytesView))
            // An empty answer: one with JSON would be taken for a call of the bot's.
            return Response(status: .ok)
        }
    }
}

/// Telegram's own are a few kB.
private let mostUpdateBytes = 1 << 20
