// Calls that change messages, and those that people see only for a moment.

/// Changes a message's text and buttons. Without buttons, those that are there go.
package struct EditMessageText: ChatMethod {
    package typealias Answer = Message
    package static let name = "editMessageText"
    package var chat: Int64
    package var message: Int
    package var text: String
    package var parseMode: ParseMode?
    package var linkPreviewOptions: SendMessage.LinkPreview?
    package var replyMarkup: InlineKeyboard?

    /// Makes the call.
    package init(
        in chat: Int64, _ message: Int, _ text: String, parseMode: ParseMode? = nil, buttons: InlineKeyboard? = nil
    ) {
        (self.chat, self.message, self.text, self.parseMode) = (chat, message, text, parseMode)
        linkPreviewOptions = SendMessage.LinkPreview()
        replyMarkup = buttons
    }

    enum CodingKeys: String, CodingKey {
        case chat = "chatID", message = "messageID"
        case text, parseMode, linkPreviewOptions, replyMarkup
    }
}

/// Changes the caption and buttons of a message with a picture or video.
package struct EditMessageCaption: ChatMethod {
    package typealias Answer = Message
    package static let name = "editMessageCaption"
    package var chat: Int64
    package var message: Int
    package var caption: String
    package var parseMode: ParseMode?
    package var replyMarkup: InlineKeyboard?

    /// Makes the call.
    package init(
        in chat: Int64, _ message: Int, _ caption: String, parseMode: ParseMode? = nil, buttons: InlineKeyboard? = nil
    ) {
        (self.chat, self.message, self.caption, self.parseMode) = (chat, message, caption, parseMode)
        replyMarkup = buttons
    }

    enum CodingKeys: String, CodingKey {
        case chat = "chatID", message = "messageID"
        case caption, parseMode, replyMarkup
    }
}

/// Changes a message's buttons alone; nil takes them away.
package struct EditMessageReplyMarkup: ChatMethod {
    package typealias Answer = Message
    package static let name = "editMessageReplyMarkup"
    package var chat: Int64
    package var message: Int
    package var replyMarkup: InlineKeyboard?

    /// Makes the call.
    package init(in chat: Int64, _ message: Int, buttons: InlineKeyboard?) {
        (self.chat, self.message, replyMarkup) = (chat, message, buttons)
    }

    enum CodingKeys: String, CodingKey {
        case chat = "chatID", message = "messageID"
        case replyMarkup
    }
}

/// Takes a message away; possible for 48 hours.
package struct DeleteMessage: ChatMethod {
    package typealias Answer = Bool
    package static let name = "deleteMessage"
    package var chat: Int64
    package var message: Int
    package var messageCount: Int { 0 }

    /// Makes the call.
    package init(in chat: Int64, _ message: Int) { (self.chat, self.message) = (chat, message) }

    enum CodingKeys: String, CodingKey {
        case chat = "chatID", message = "messageID"
    }
}

/// Shows for five seconds, or until a message comes, what the bot is doing.
package struct SendChatAction: ChatMethod {
    /// What it is doing.
    package enum Action: String, Codable, Sendable {
        case typing
        case uploadPhoto = "upload_photo"
        case recordVideo = "record_video"
        case uploadVideo = "upload_video"
        case uploadDocument = "upload_document"
    }
    package typealias Answer = Bool
    package static let name = "sendChatAction"
    package var chat: Int64
    package var thread: Int?
    package var action: Action
    package var messageCount: Int { 0 }

    /// Makes the call.
    package init(in chat: Int64, thread: Int? = nil, _ action: Action) {
        (self.chat, self.thread, self.action) = (chat, thread, action)
    }

    enum CodingKeys: String, CodingKey {
        case chat = "chatID", thread = "messageThreadID"
        case action
    }
}

/// Ends the wait of who pressed a button; must be called for each press.
package struct AnswerCallbackQuery: BotMethod {
    package typealias Answer = Bool
    package static let name = "answerCallbackQuery"
    package var callbackQueryID: String
    /// At most 200 characters.
    package var text: String?
    /// Whether the text is shown until it is closed, rather than for a moment.
    package var showAlert: Bool?

    /// Makes the call.
    package init(_ id: String, text: String? = nil, isAlert: Bool = false) {
        callbackQueryID = id
        self.text = text
        showAlert = isAlert ? true : nil
    }
}
