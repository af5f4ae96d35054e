// Tells Telegram what the bot is when that has changed since the last start: such calls are few a day.

internal import Crypto
internal import Files
internal import Foundation
internal import JobQueue
internal import Logging
internal import TelegramAPI

/// Sets the menus and descriptions.
struct BotSetup: Sendable {
    let api: BotAPI
    let bot: Int64
    let book: BotBook
    let profile: BotProfile
    let administrators: Set<Int64>
    let log: Logger

    /// What was set.
    private struct Done: Codable {
        var digest = ""
        /// Whose chats have the administrators' menu.
        var administrators: Set<Int64> = []
    }
    private static let key = DocumentKey("bot", "setup")

    /// Makes the calls that are needed.
    /// - Throws: ``TelegramAPI/BotAPIError``; what was not reached is set at the next start.
    func run() async throws {
        var done: Done = try await book.read(Self.key) ?? Done()
        let digest = try self.digest()
        if done.digest != digest {
            for call in profile.menus { try await api.call(call) }
            for call in profile.descriptions { try await api.call(call) }
            for call in profile.shortDescriptions { try await api.call(call) }
            // Their menus hold the same words.
            let former = done.administrators.subtracting(administrators)
            done = Done(digest: digest, administrators: former)
            try await save(done)
        }
        for chat in done.administrators.subtracting(administrators).sorted() {
            _ = try await set(chat, isAdministrator: false)
            done.administrators.remove(chat)
            try await save(done)
        }
        for chat in administrators.subtracting(done.administrators).sorted() {
            guard try await set(chat, isAdministrator: true) else { continue }
            done.administrators.insert(chat)
            try await save(done)
        }
    }

    /// - Returns: false when there is no chat with the person (yet).
    private func set(_ chat: Int64, isAdministrator: Bool) async throws -> Bool {
        do {
            for call in profile.menus(of: chat, isAdministrator: isAdministrator) { try await api.call(call) }
            return true
        } catch let error as BotAPIError where [.noChat, .forbidden, .badRequest].contains(error.reason) {
            if isAdministrator {
                log.notice(
                    "The administrators' menu waits until the administrator has written to the bot and it is started again.",
                    metadata: ["administrator": "\(chat)"])
            }
            return false
        }
    }

    private func save(_ done: Done) async throws {
        try await book.store.change([.put(Self.key, text: book.text(done))], now: book.now())
    }

    /// Of all that would be set, and for which bot.
    private func digest() throws -> String {
        let encoder = BotJSON.encoder()
        var hash = SHA256()
        hash.update(data: Data("\(bot)".utf8))
        hash.update(data: try encoder.encode(profile.menus))
        hash.update(data: try encoder.encode(profile.menus(of: 1, isAdministrator: true)))
        hash.update(data: try encoder.encode(profile.descriptions))
        hash.update(data: try encoder.encode(profile.shortDescriptions))
        return hexadecimal(hash.finalize())
    }
}
