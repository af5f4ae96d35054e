// A message of the bot with its buttons, and how it is shown.

internal import Errors
internal import Logging
package import TelegramAPI
internal import Words

/// What somebody reads and can press.
package struct Screen: Sendable, Equatable {
    package var text: String
    package var rows: [[InlineKeyboard.Button]]

    package init(_ text: String, _ rows: [[InlineKeyboard.Button]] = []) { (self.text, self.rows) = (text, rows) }

    /// Sentences one after the other, each on its own line.
    package init(_ lines: [String?], _ rows: [[InlineKeyboard.Button]] = []) {
        self.init(lines.compactMap(\.self).joined(separator: "\n"), rows)
    }

    var keyboard: InlineKeyboard? { rows.isEmpty ? nil : InlineKeyboard(rows) }
}

extension Voice {
    /// A failure: its sentence and what to do about it.
    func lines(of error: MasqueError) -> [String] {
        [say(error.message), error.advice.map { say($0) }].compactMap(\.self)
    }
}

extension [InlineKeyboard.Button] {
    /// The buttons in rows of at most `width`.
    func inRows(of width: Int) -> [[InlineKeyboard.Button]] {
        stride(from: 0, to: count, by: width).map { Array(self[$0..<Swift.min($0 + width, count)]) }
    }
}

extension BotDesk {
    /// Sends a message; in a group as an answer to the one it is about.
    /// - Returns: its number.
    @discardableResult
    package func say(_ screen: Screen, to place: Place) async throws -> Int {
        try await api.call(
            SendMessage(
                to: place.chat, thread: place.thread, screen.text.clipped(to: 4096), replyTo: place.replyTo,
                buttons: screen.keyboard)
        ).messageID
    }

    /// Changes a message of the bot.
    /// - Returns: whether it is there still; one that shows this already counts as changed.
    @discardableResult
    package func change(_ message: Int, in chat: Int64, to screen: Screen) async throws -> Bool {
        do {
            try await api.call(
                EditMessageText(in: chat, message, screen.text.clipped(to: 4096), buttons: screen.keyboard))
            return true
        } catch let error as BotAPIError where error.reason == .notModified {
            return true
        } catch let error as BotAPIError where error.reason == .noMessage {
            return false
        }
    }

    /// Takes a message away.
    /// - Returns: false when it is gone already, or too old to go and stays as it is.
    @discardableResult
    package func remove(_ message: Int, in chat: Int64) async throws -> Bool {
        do {
            try await api.call(DeleteMessage(in: chat, message))
            return true
        } catch let error as BotAPIError where [.noMessage, .badRequest, .forbidden].contains(error.reason) {
            return false
        }
    }

    /// Takes the buttons of a message away. Buttons that stay are old and say so, so nothing depends on it: not done while
    /// others wait for answers, nor in groups, where few calls are allowed.
    /// - Throws: `CancellationError`.
    package func disarm(_ message: Int, in chat: Int64) async throws {
        guard chat > 0, await !api.pacer.isBusy else { return }
        do { try await api.call(EditMessageReplyMarkup(in: chat, message, buttons: nil)) } catch let error
            as BotAPIError
        {
            guard ![.notModified, .noMessage].contains(error.reason) else { return }
            log.info("Old buttons stay.", metadata: ["error": "\(error)"])
        }
    }

    /// Answers the press of a button, once; every press must be. What was pressed is done also when Telegram does not take
    /// the answer.
    /// - Throws: `CancellationError`.
    package func acknowledge(_ query: String, _ text: String? = nil, isAlert: Bool = false) async throws {
        guard !presses.isAnswered(query) else { return }
        do {
            try await api.call(AnswerCallbackQuery(query, text: text.map { $0.clipped(to: 200) }, isAlert: isAlert))
        } catch let error as BotAPIError {
            if error.reason != .expiredQuery { log.info("A press stays open.", metadata: ["error": "\(error)"]) }
        }
        presses.note(query)
    }

    /// Shows what the bot is doing, for 5 seconds. Nothing depends on it.
    package func show(_ action: SendChatAction.Action, in place: Place) async {
        _ = try? await api.call(SendChatAction(in: place.chat, thread: place.thread, action))
    }
}
