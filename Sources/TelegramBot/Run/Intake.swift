// Brings updates: what the last run left, what waited at Telegram meanwhile, and then all that comes.

internal import Errors
internal import Logging
internal import TelegramAPI

/// Polls, or has Telegram post.
struct Intake: Sendable {
    let api: BotAPI
    let settings: BotSettings
    let reception: Reception
    let inside: Reception.Inside
    let log: Logger

    /// Runs until it is cancelled. The dispatcher answers once all that waited is in its lines, so that somebody who
    /// said the same five times is answered once.
    /// - Throws: ``TelegramAPI/BotAPIError`` `.unauthorized` when the token holds no more.
    func run() async throws {
        await inside.dispatcher.enqueue(try await inside.inbox.leftOver())
        if let webhook = settings.webhook {
            await reception.open(inside)
            try await patiently {
                try await api.call(SetWebhook(webhook.url, secretToken: webhook.secret))
                // What waited comes now; a few seconds are enough for most of it.
                for _ in 0..<10 where try await api.call(GetWebhookInfo()).pendingUpdateCount > 0 {
                    try await Task.sleep(for: .milliseconds(300))
                }
            }
            await inside.dispatcher.resume()
            try await watch(webhook)
        } else {
            try await patiently { try await api.call(DeleteWebhook()) }
            var hasCaughtUp = false
            while true {
                try await patiently {
                    let count: Int
                    do { count = try await poll(seconds: hasCaughtUp ? settings.pollSeconds : 0) } catch let error
                        as BotAPIError where error.reason == .conflict
                    {
                        // Another poll holds on, such as that of a bot that was killed. What is here is answered meanwhile.
                        await inside.dispatcher.resume()
                        throw error
                    }
                    if !hasCaughtUp {
                        let hasRoom = await inside.dispatcher.hasRoom
                        hasCaughtUp = count < Self.batch || !hasRoom
                        if hasCaughtUp { await inside.dispatcher.resume() }
                    }
                }
            }
        }
    }

    private static let batch = 100

    /// Takes one batch.
    private func poll(seconds: Int) async throws -> Int {
        while await !inside.dispatcher.hasRoom { try await Task.sleep(for: .milliseconds(50)) }
        let batch = try await api.call(
            GetUpdates(offset: await inside.inbox.offset, limit: Self.batch, timeout: seconds))
        try await reception.take(batch.updates, lastID: batch.lastID, inside)
        return batch.updates.count + batch.unreadable.count
    }

    /// Looks now and then how the webhook is doing, so that an operator hears of it.
    private func watch(_ webhook: BotSettings.Webhook) async throws {
        var known: Int?
        while true {
            try await Task.sleep(for: .seconds(300))
            guard let info = try? await api.call(GetWebhookInfo()) else { continue }
            if info.url != webhook.url {
                log.error("Another program has taken the bot's webhook away; this one takes it back.")
                try await patiently { try await api.call(SetWebhook(webhook.url, secretToken: webhook.secret)) }
            } else if let date = info.lastErrorDate, date != known {
                known = date
                log.warning(
                    "Telegram could not reach the webhook.",
                    metadata: ["url": "\(webhook.url)", "error": "\(info.lastErrorMessage ?? "")"])
            }
        }
    }

    /// Does something that may fail in passing, until it succeeds.
    private func patiently<Value>(_ body: () async throws -> Value) async throws {
        var pauses = Pauses(settings.pauses)
        while true {
            var longest = Duration.seconds(3600)
            do {
                _ = try await body()
                if !pauses.isFirst { log.notice("Telegram is there again.") }
                return
            } catch let error as BotAPIError where error.reason == .conflict || error.reason.isPassing {
                if error.reason == .conflict {
                    log.error("\(error.masqueError)")
                    // A poll that is left over ends by itself.
                    longest = .seconds(5)
                } else if pauses.isFirst {
                    log.warning("\(error.masqueError)")
                }
            } catch let error as MasqueError where error.code == .unavailable {
                log.error("Messages cannot be kept, so none is taken.", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: min(pauses.next(), longest))
        }
    }
}
