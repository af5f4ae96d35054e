// Buttons under messages, and what comes when one is pressed.

internal import Errors

/// Rows of buttons under a message.
package struct InlineKeyboard: Codable, Sendable, Equatable {
    package var inlineKeyboard: [[Button]]

    /// Makes it; an empty one takes buttons away.
    package init(_ rows: [[Button]]) { inlineKeyboard = rows }

    /// A button that sends its data back or opens a link.
    package struct Button: Codable, Sendable, Equatable {
        package var text: String
        /// 1 to 64 bytes.
        package var callbackData: String?
        package var url: String?

        /// A button that sends `data` back.
        ///
        /// The data is the program's own: more than 64 bytes is a mistake of ours, which Telegram refuses.
        package init(_ text: String, data: String) {
            assert((1...64).contains(data.utf8.count), "Telegram takes 1 to 64 bytes of button data: \(data)")
            self.text = text
            callbackData = data
        }

        /// A button that opens a link.
        package init(_ text: String, url: String) {
            self.text = text
            self.url = url
        }
    }
}

/// Somebody pressed a button.
package struct CallbackQuery: Codable, Sendable, Equatable {
    package var id: String
    package var from: User
    /// The message with the button; of a message that is too old to be seen, only chat, id and a date of 0.
    package var message: Message?
    package var data: String?
}
