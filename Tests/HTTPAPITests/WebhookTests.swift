// Telegram's webhook: only who has the secret is let in, and what is kept is answered at once.

import Errors
import Foundation
import HTTPAPI
import Synchronization
import Testing

@Suite struct TelegramWebhookTests {
    private let secret = "a-secret-of-48-bytes_in-the-letters-of-base64url"
    private let header = "X-Telegram-Bot-Api-Secret-Token"

    @Test func `an update with the secret is handed over and answered without a body`() async throws {
        let taken = Mutex<[String]>([])
        try await TestServer.run(
            change: { api in
                api.telegram = TelegramHook(secret: secret) { body in
                    taken.withLock { $0.append(String(decoding: body, as: UTF8.self)) }
                }
            }
        ) { server in
            let answer = try await server.call(
                "POST", "/webhook", as: nil, headers: [header: secret], json: #"{"update_id":7}"#)
            #expect(answer.status == 200 && answer.body.isEmpty)
            #expect(taken.withLock { $0 } == [#"{"update_id":7}"#])
        }
    }

    @Test func `without the secret nothing is looked at and nothing is told`() async throws {
        let count = Mutex(0)
        try await TestServer.run(
            change: { api in api.telegram = TelegramHook(secret: secret) { _ in count.withLock { $0 += 1 } } }
        ) { server in
            for wrong in [nil, "", "wrong", String(secret.dropLast()), secret + "x"] as [String?] {
                let headers = wrong.map { [header: $0] } ?? [:]
                let answer = try await server.call(
                    "POST", "/webhook", as: nil, headers: headers, json: #"{"update_id":7}"#)
                #expect(answer.status == 403)
                #expect(!answer.text.contains("elegram"))
            }
            // A token of the API's opens nothing here.
            #expect(try await server.call("POST", "/webhook", json: "{}").status == 403)
            #expect(count.withLock { $0 } == 0)
        }
    }

    @Test func `when it cannot be kept Telegram is to send it again, and what is no update is refused`() async throws {
        try await TestServer.run(
            change: { api in
                api.telegram = TelegramHook(secret: secret) { body in
                    if body == Array("{}".utf8) { throw MasqueError(.badInput, "The body is no update of Telegram's.") }
                    throw MasqueError(.unavailable, "The bot cannot take messages at the moment.")
                }
            }
        ) { server in
            let long = #"{"a":""# + String(repeating: "x", count: 1 << 20) + #""}"#
            for (json, status) in [(#"{"update_id":7}"#, 503), ("{}", 400), (long, 413)] {
                let answer = try await server.call("POST", "/webhook", as: nil, headers: [header: secret], json: json)
                #expect(answer.status == status)
            }
        }
    }

    @Test func `without a bot there is nothing`() async throws {
        try await TestServer.run { server in
            let answer = try await server.call(
                "POST", "/webhook", as: nil, headers: [header: secret], json: #"{"update_id":7}"#)
            #expect(answer.status == 404)
        }
    }
}
