// Why a call did not do what it should, for programs that must tell the reasons apart.

package import Errors

/// A call that failed. Nothing of it shows the token.
package struct BotAPIError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Reason: Sendable, Equatable {
        /// The token is not that of a bot (401, or 404 for a method).
        case unauthorized
        /// Another program reads this bot's updates (409).
        case conflict
        /// The person blocked the bot, deleted the account, or the bot may not write in the group (403).
        case forbidden
        /// There is no such chat (any more).
        case noChat
        /// There is no such message (any more), or it cannot be changed.
        case noMessage
        /// A text or buttons were to become what they are.
        case notModified
        /// A button was pressed too long ago for an answer.
        case expiredQuery
        /// A file is beyond the server's limit.
        case tooLarge
        /// A file's id is none of this bot's.
        case wrongFile
        /// The picture, video or file could not be used by Telegram.
        case badMedia
        /// The message that is to be answered is gone.
        case noReply
        /// Another call that Telegram does not take: a mistake of ours (400).
        case badRequest
        /// Too many calls, for longer than the client waits (429).
        case tooManyRequests
        /// The server failed or could not be reached, and the call did nothing.
        case unavailable
        /// The answer was lost: the call may have done its work or not.
        case uncertain
        /// An answer that is none of the Bot API's.
        case strangeAnswer
    }
    package let reason: Reason
    /// The method that was called.
    package let method: String
    /// What Telegram said, for logs.
    package let detail: String

    package init(_ reason: Reason, method: String, detail: String) {
        (self.reason, self.method, self.detail) = (reason, method, detail)
    }

    package var description: String { "\(method): \(detail)" }

    /// By the code and words of an answer `{ok: false}`.
    init(method: String, code: Int, words: String) {
        let text = words.lowercased()
        func says(_ parts: String...) -> Bool { parts.contains { text.contains($0) } }
        let reason: Reason =
            switch code {
            case 401, 404: .unauthorized
            case 403: .forbidden
            case 409: .conflict
            case 413: .tooLarge
            case 429: .tooManyRequests
            case 500...: .uncertain
            case _ where says("message is not modified"): .notModified
            case _ where says("message to be replied not found", "replied message not found"): .noReply
            case _ where says("chat not found", "user is deactivated", "group chat was upgraded", "peer_id_invalid"):
                .noChat
            case _
            where says(
                "message to edit not found", "message can't be edited", "message to delete not found",
                "message can't be deleted", "message_id_invalid"):
                .noMessage
            case _ where says("query is too old", "query id is invalid"): .expiredQuery
            case _ where says("file is too big", "too large"): .tooLarge
            case _ where says("wrong file_id", "wrong file identifier", "invalid file_id", "wrong remote file"):
                .wrongFile
            case _
            where says(
                "photo_invalid", "image_process_failed", "failed to get http url content",
                "wrong type of the web page", "video_content_type_invalid", "file must be non-empty"):
                .badMedia
            case _
            where says(
                "not enough rights", "have no rights", "need administrator rights",
                "chat_write_forbidden", "chat_send_"):
                .forbidden
            default: .badRequest
            }
        self.init(reason, method: method, detail: "\(code) \(words)")
    }

    /// The same for a person who runs the bot.
    package var masqueError: MasqueError {
        switch reason {
        case .unauthorized:
            MasqueError(
                .unauthorized, "Telegram does not know this bot's token.",
                advice: "Copy TELEGRAM_BOT_TOKEN again from @BotFather.", cause: self)
        case .conflict:
            MasqueError(
                .conflict, "Another program reads this bot's messages.",
                advice: "End the other one; a token works for one program at a time.", cause: self)
        case .tooLarge:
            MasqueError(.tooLarge, "The file is larger than Telegram lets bots handle.", cause: self)
        case .tooManyRequests:
            MasqueError(
                .tooManyRequests, "Telegram takes no more messages from this bot for a while.",
                advice: "Wait some minutes.", cause: self)
        case .unavailable, .uncertain:
            MasqueError(
                .unavailable, "Telegram could not be reached.",
                advice: "Check this server's connection, TELEGRAM_API_URL, or try again later.", cause: self)
        case .strangeAnswer:
            MasqueError(
                .failed, "What answered is no Bot API server (\(description)).",
                advice: "Check TELEGRAM_API_URL; without it, Telegram's own server is used.", cause: self)
        default:
            MasqueError(.failed, "Telegram did not do what it was asked to (\(description)).", cause: self)
        }
    }
}
